"""Taking secrets out of a text that is about to be shown."""

import re

_PATTERNS = (
    (re.compile(r"-----BEGIN.*?(?:-----END[^-]{0,64}-----|\Z)", re.DOTALL), "***"),
    (re.compile(r"(signature=)[^&\s\"'\\]+", re.IGNORECASE), r"\1***"),
    (re.compile(r"(X-MBX-APIKEY[\"']?\s*[:=,]\s*b?[\"']?)[^\s\"',)]+", re.IGNORECASE), r"\1***"),
    # Whatever is this long and unbroken is a key, a secret or a signature.
    (re.compile(r"(?:[A-Za-z0-9+]|%2[BF]|%3D){40,}", re.IGNORECASE), "***"),
    # With slashes in it, it may be a path; none is this long.
    (re.compile(r"[A-Za-z0-9+/]{80,}=*"), "***"),
)


def redact(text: str) -> str:
    """Return a text without signatures, keys and secrets. Addresses stay: they are evidence.

    Shorten a text afterwards: the rest of a key that was cut in two would not be known as one.
    """
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
