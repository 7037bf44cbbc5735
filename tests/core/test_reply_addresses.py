"""Which addresses a mail gives the customer to copy, and which to add."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from sonde_core.catalogue import Language
from sonde_core.readings import (
    SIGNED_KINDS,
    USDM,
    Answer,
    BodyForm,
    EchoedAddress,
    Kind,
    Subject,
)
from tests.core.cases import SEEN
from tests.core.hosts import HERE, REJECTED, host, reading, refused, remembering, whitelist
from tests.core.mails import ZH, mail

REFUSED_EVERYWHERE = [refused(kind, -2015, REJECTED, request_ip=SEEN) for kind in SIGNED_KINDS]


@pytest.mark.parametrize("case", ["wrong secret", "unknown key", "malformed key"])
@pytest.mark.parametrize("language", Language)
def test_whoever_makes_a_new_key_can_copy_the_hosts_address(case: str, language: Language) -> None:
    text = mail(case, language)

    assert text.count(f"\n    {HERE}\n") == 1
    assert text.count(HERE) >= 2, "in the step too"


def test_of_several_addresses_each_is_there_to_copy() -> None:
    two = reading(Kind.ECHO_IPV4, Subject("echo", "one.example"), EchoedAddress(ip_address(SEEN)))
    unknown = [refused(kind, -2008) for kind in SIGNED_KINDS]

    assert f"\n    {HERE}\n    {SEEN}\n" in mail(host(two, *unknown))


def test_what_shows_only_after_that_is_not_called_unchecked() -> None:
    text = mail("listed and refused")

    assert "if that is up to date, the address is not the reason" in text
    assert "could not check" not in text
    assert "We can check this only after that: whether Binance accepts the address." in text


def test_an_address_is_not_to_be_added_beside_itself() -> None:
    past = remembering(
        host(
            *(refused(kind, -2015, REJECTED, request_ip=SEEN) for kind in SIGNED_KINDS),
            without=[Kind.ECHO_IPV4],
            more=[
                reading(
                    Kind.ECHO_IPV4,
                    Subject("echo", "one.example"),
                    EchoedAddress(ip_address(SEEN)),
                ),
                whitelist(HERE, SEEN),
            ],
        ),
        accepted=timedelta(hours=6),
    )
    text = mail(past)

    assert f"make sure that {SEEN} is listed" in text
    assert f"add {SEEN}, keep" not in text


def test_an_address_is_added_to_those_that_are_listed() -> None:
    networks = host(*REFUSED_EVERYWHERE, more=[whitelist("198.51.100.0/24")])

    assert f"add {SEEN}, keep 198.51.100.0/24, and save" in mail(networks)
    assert f"加入 {SEEN}，并保留 198.51.100.0/24，保存" in mail(networks, ZH)


@pytest.mark.parametrize("language", Language)
def test_a_host_that_is_to_be_moved_is_not_listed_where_it_is(language: Language) -> None:
    excluded = reading(Kind.PUBLIC_CALL, USDM, Answer(status=451, code=0, body=BodyForm.JSON))
    for more in ([whitelist("198.51.100.7")], [whitelist(SEEN)]):
        text = mail(host(excluded, *REFUSED_EVERYWHERE, more=more), language)
        steps = [line for line in text.splitlines() if not line.startswith("- ")]

        assert [line for line in steps if SEEN in line] == []
