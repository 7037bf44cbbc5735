"""One form of an address, however it is written."""

import pytest

from sonde_core.addresses import parse_address, parse_network


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::FFFF:cb00:7107", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
def test_an_ipv4_address_inside_an_ipv6_one_is_that_ipv4_address(written: str, meant: str) -> None:
    assert str(parse_address(written)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("2001:db8::/64", "2001:db8::/64"),
    ],
)
def test_a_network_of_ipv4_addresses_inside_ipv6_ones_is_of_ipv4(written: str, meant: str) -> None:
    assert str(parse_network(written)) == meant


@pytest.mark.parametrize("wrong", ["", "203.0.113", "::ffff:203.0.113.7/120", "host.example"])
def test_what_is_no_network_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_network(wrong)
