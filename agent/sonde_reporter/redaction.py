"""Taking out of a text what must not leave the process: addresses with their queries, keys."""

import re

_PATTERNS = (
    (re.compile(r"-----BEGIN.*?(?:-----END[^-]{0,64}-----|\Z)", re.DOTALL), "***"),
    # Whole: a query has the signature, a path may be a listen key, a proxy has a password.
    (re.compile(r"\b[a-z]{2,8}://[^\s\"'<>\\]+", re.IGNORECASE), "[url]"),
    (re.compile(r"(/[\w./-]*)\?[^\s\"'<>)\\]+"), r"\1"),
    (re.compile(r"[^\s/@:\"'=]+:[^\s/@\"']+@"), "***@"),
    (
        re.compile(
            r"\b((?:X-MBX-)?API[-_]?KEY|API[-_]?SECRET|SECRET(?:[-_]?KEY)?|SIGNATURE|LISTEN[-_]?KEY"
            r"|PASSWORD|TOKEN|AUTHORIZATION|COOKIE)"
            r"(\\?[\"']?\s*[:=]\s*(?:b(?=[\"']))?\\?[\"']?)(?:(?:Bearer|Basic)\s+)?[^\s\"'&,;)}\\]+",
            re.IGNORECASE,
        ),
        r"\1\2***",
    ),
    # Whatever is this long and unbroken is a key, a secret or a signature.
    (re.compile(r"(?:[A-Za-z0-9+/]|%2[BF]|%3D){40,}=*", re.IGNORECASE), "***"),
)
_BROKEN_OFF = re.compile(r"[^\s\"']*\Z")


def redact(text: str, most: int) -> str:
    """Return the beginning of a text, at most so many characters, without what must not leave.

    IP addresses stay: they are the evidence.
    """
    if len(text) > most:
        # The rest of a key that was cut in two would not be known as one.
        text = _BROKEN_OFF.sub("", text[:most])
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text[:most]
