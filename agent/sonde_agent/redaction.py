"""Taking secrets out of a text that is about to be shown or kept.

Each pattern looks at a character a bounded number of times, whatever stands around it: a run is
entered at its start alone, and nothing that was read is given back. It is read at all only where
the text has what the pattern cannot do without, which takes far less time to find. The reporter has
a table of its own, which takes addresses out whole; one list of cases holds both.
"""

import re

_KEYWORDS = (
    "key",
    "secret",
    "signature",
    "passw",
    "passphrase",
    "pwd",
    "密码",
    "token",
    "auth",
    "cookie",
)
_PATTERNS = (
    (
        ("-----begin",),
        re.compile(r"-----BEGIN.*?(?:-----END[^-]{0,64}+-----|\Z)", re.DOTALL),
        "***",
    ),
    # The path of a stream is a listen key.
    (
        ("://",),
        re.compile(r"((?<![A-Za-z])[Ww][Ss][Ss]?+://[^\s/?\"'<>\\]++)[^\s\"'<>\\]++"),
        r"\1",
    ),
    # A user and a password before a host.
    (("@",), re.compile(r"(?<![^\s/@\"'])[^\s/@:\"']*+:(?:[^\s/@\"']*+@)++"), "***@"),
    # Of a header with several, all.
    (
        ("cookie",),
        re.compile(r"(?i:(cookie: ?)[^\s\"'=;]++=[^\s\"';]*+(?:; ?[^\s\"'=;]++=[^\s\"';]*+)++)"),
        r"\1***",
    ),
    (
        _KEYWORDS,
        re.compile(
            # One look at the first letter spares most places the rest.
            r"(?=[AaCcLlPpSsTt密])(?i:((?:API|SECRET|ACCESS|PRIVATE|LISTEN)[-_]?KEY|(?:API[-_]?)?SECRET"
            r"|SIGNATURE|PASSWORD|PASSWD|PWD|密码|PASSPHRASE|TOKEN|AUTHORIZATION|COOKIE)"
            r"(\\?[\"']?\s*+(?:[:=：＝]>?+|(?<=KEY[\"']),)\s*+(?:b(?=[\"']))?\\?[\"']?)"
            r"(?:(?:Bearer|Basic)\s++)?(?:(?<=[\"'])[^\"'\\\r\n]++|[^\s\"'&,;)}\\]++))"
        ),
        r"\1\2***",
    ),
    # Whatever is this long and unbroken is a key, a secret or a signature.
    (
        ("",),
        re.compile(r"(?<![A-Za-z0-9+])(?=[A-Za-z0-9+%]{40})(?:[A-Za-z0-9+]|%2[BbFf]|%3[Dd]){40,}+"),
        "***",
    ),
    # With slashes in it, it may be a path; none is this long.
    (("",), re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{80,}+=*+"), "***"),
)


def redact(text: str) -> str:
    """Return a text without passwords, signatures, keys and secrets. Addresses stay as evidence.

    Shorten a text afterwards: the rest of a key that was cut in two would not be known as one.
    """
    folded = text.casefold()
    for marks, pattern, replacement in _PATTERNS:
        for mark in marks:
            if mark in folded:
                text = pattern.sub(replacement, text)
                break
    return text
