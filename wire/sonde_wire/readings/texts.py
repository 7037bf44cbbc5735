"""Bounds and forms of what others wrote."""

from functools import lru_cache

from sonde_core.addresses import parse_address, parse_network
from sonde_core.readings import Address, Network

MAX_TEXT = 500
"""Characters of a foreign text that are carried."""


@lru_cache(maxsize=1024)
def address(text: str) -> Address:
    """Read an address. One host's readings name the same few again and again."""
    return parse_address(text)


@lru_cache(maxsize=1024)
def network(text: str) -> Network:
    """Read a network, or a single address as one."""
    return parse_network(text)
