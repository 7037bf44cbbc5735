"""Addresses as people, programs and exchanges write them, read in one form.

An IPv4 address may come inside an IPv6 one (``::ffff:203.0.113.7``, RFC 4291 section 2.5.5.2): a
socket of both families shows it so. It is the same address, and is compared as such.
"""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what only explains a text does without the many kinds of readings
    from sonde_core.readings import Address, Network

_MAPPED = 96
"""How many leading bits say that an IPv4 address follows."""


def parse_address(text: str) -> "Address":
    """Return an address. Raises `ValueError` where it is none."""
    parsed = ip_address(text)
    return (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed


def parse_network(text: str) -> "Network":
    """Return a network, or a single address as one. Raises `ValueError` where it is none."""
    parsed = ip_network(text)
    if isinstance(parsed, IPv6Network) and parsed.prefixlen >= _MAPPED:
        inner = parsed.network_address.ipv4_mapped
        if inner:
            return IPv4Network((inner, parsed.prefixlen - _MAPPED))
    return parsed
