"""What a host may be called at the centre."""

import re

HOW = 'write 1 to 63 of a-z, 0-9, "-" and ".", as in sgp-01'
"""How to write a name."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")


def is_host_name(text: str) -> bool:
    """Tell whether a text can be a host's name."""
    return _NAME.fullmatch(text) is not None
