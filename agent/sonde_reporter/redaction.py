"""Taking out of a text what must not leave the process: addresses with their queries, keys.

Each pattern looks at a character a bounded number of times, whatever stands around it: a run is
entered at its start alone, and nothing that was read is given back. It is read at all only where
the text has what the pattern cannot do without, which takes far less time to find. The agent has
a table of its own, which keeps addresses; one list of cases holds both.
"""

import re
from functools import lru_cache

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
    # Whole: a query has the signature, a path may be a listen key, a proxy has a password.
    (("://",), re.compile(r"(?<![A-Za-z])[A-Za-z]++://[^\s\"'<>\\]++"), "[url]"),
    (("?",), re.compile(r"\?(?<=[A-Za-z0-9_./-]\?)[^\s\"'<>)\\\x80-\U0010ffff]++"), ""),
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
        re.compile(
            r"(?<![A-Za-z0-9+/])(?=[A-Za-z0-9+/%]{40})(?:[A-Za-z0-9+/]|%2[BbFf]|%3[Dd]){40,}+=*+"
        ),
        "***",
    ),
)
_LONGEST_SECRET = 512
_UNBROKEN = "".join(map(chr, range(0x21, 0x7F))).replace('"', "").replace("'", "")


def redact(text: str, most: int) -> str:
    """Return the beginning of a text, at most so many characters, without what must not leave.

    IP addresses stay: they are the evidence.
    """
    return _without_secrets(cut(text, most))[:most]


def cut(text: str, most: int) -> str:
    """Return the beginning of a text, at most so many characters, without half of a key at its end.

    The rest of a key that was cut in two would not be known as one.
    """
    if len(text) <= most:
        return text
    sure = max(most - _LONGEST_SECRET, 0)
    return text[:sure] + text[sure:most].rstrip(_UNBROKEN)


@lru_cache(maxsize=16)  # an engine that is refused again and again hands the same texts over
def _without_secrets(text: str) -> str:
    folded = text.casefold()
    for marks, pattern, replacement in _PATTERNS:
        for mark in marks:
            if mark in folded:
                text = pattern.sub(replacement, text)
                break
    return text
