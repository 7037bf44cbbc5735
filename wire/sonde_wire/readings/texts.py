"""Bounds and forms of what others wrote."""

from functools import lru_cache
from ipaddress import ip_address

from sonde_core.readings import Address

MAX_TEXT = 500
"""Characters of a foreign text that are carried."""


@lru_cache(maxsize=1024)
def address(text: str) -> Address:
    """Read an address. One host's readings name the same few again and again."""
    return ip_address(text)
