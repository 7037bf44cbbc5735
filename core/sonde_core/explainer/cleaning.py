"""Takes a text out of its wrappings: escapes, entities, wide characters, addresses of pages.

Addresses and query strings carry timestamps, signatures and windows, which would be read as codes
and symptoms. They are taken out before anything is matched; what they say of the request is kept
aside: the hosts and paths, and the parameters.
"""

import re
from functools import cache
from string import ascii_lowercase, digits
from typing import NamedTuple

from sonde_core.explainer.traditional import simplified

LIMIT = 262_144
"""Characters that are read. A root stands at the head or the tail of what is longer."""

ESCAPE = re.compile(r"\\{1,4}(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrt])|([\"'/`]))")
ENTITY = re.compile(r"&(quot|apos|amp|lt|gt|nbsp|#39|#34|#x27);")
ENTITIES = {"quot": '"', "apos": "'", "amp": "&", "lt": "<", "gt": ">", "nbsp": " "} | {
    "#39": "'", "#34": '"', "#x27": "'",
}  # fmt: skip
PERCENT = re.compile(r"%([2-7][0-9a-fA-F])")
URL = re.compile(
    r"(?:https?|wss?)(?:://|%3a%2f%2f)([\w.:*@\[\]-]{1,255}+)([!#-&(*+\-./0-;=?@A-Z_a-z~]*)",
    re.I | re.A,
)
PARAMETERS = re.compile(
    r"(?<![\w.&%=-])[?&]?[\w.]{1,40}+=[^\s&\"'<>,;)]{0,512}+(?:&[\w.]{1,40}+=[^\s&\"'<>,;)]{0,512}+)+"
)
SECRETIVE = re.compile(
    r"(?:[rR]ecv_?[wW]indow|timestamp|signature|(?:start|end)Time)=[\w.%+/-]{1,512}"
)

LETTERS = re.compile(r"[a-z]+")
INITIALS = 3
"""How many first letters tell words apart, before they are compared."""
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""The full-width forms of ASCII."""
TYPOGRAPHY: dict[int, int | str | None] = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u2032\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u300c\u300d\u300e\u300f"), '"'),
    **dict.fromkeys(map(ord, "\u3000\u00a0\u2009\u202f"), " "),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None),
    **WIDE,
    ord("。"): ".",
    ord("、"): ",",
    ord("【"): "[",
    ord("】"): "]",
}


class Text(NamedTuple):
    """A text without its wrappings."""

    plain: str
    lower: str
    """The same in lower case and in simplified Chinese: every place is the same in both."""
    initials: frozenset[str]
    """The first letters of its words."""
    numbers: tuple[str, ...]
    """Its runs of digits, in their order."""
    addresses: tuple[tuple[str, str], ...]
    """Host and path of each address that was taken out, in lower case."""
    parameters: tuple[str, ...]
    """The query strings that were taken out."""


def clean(raw: str) -> Text:
    """Take a text out of its wrappings."""
    text = raw if len(raw) <= LIMIT else raw[: LIMIT // 2] + "\n" + raw[-LIMIT // 2 :]
    if not text.isascii():
        text = text.translate(TYPOGRAPHY)
    text = _unescape(text).replace("\0", " ")
    addresses: list[tuple[str, str]] = []
    parameters: list[str] = []
    if "://" in text or "%3" in text:
        text = URL.sub(lambda match: _take_out(match, addresses, parameters), text)
    if "=" in text and "&" in text:
        text = PARAMETERS.sub(lambda match: _set_aside(match, parameters), text)
    if "indow=" in text or "stamp=" in text or "ature=" in text or "Time=" in text:
        text = SECRETIVE.sub(" ", text)
    lower = lowered(text)
    initials = frozenset([word[:INITIALS] for word in apart(lower, ascii_lowercase).split()])
    numbers = tuple(apart(lower, digits).split())
    return Text(text, lower, initials, numbers, tuple(addresses), tuple(parameters))


@cache
def _keeping(characters: str) -> bytes:
    return bytes(code if chr(code) in characters else ord(" ") for code in range(256))


def apart(lower: str, characters: str) -> str:
    """Return a text with a blank for every character but some of ASCII's: each keeps its place.

    To split what this leaves is much faster than an expression that finds the words.
    """
    return lower.encode("ascii", "replace").translate(_keeping(characters)).decode()


def lowered(text: str) -> str:
    """Return a text in lower case and simplified Chinese, with every place where it was.

    Some letters grow when they are lowered; in a text that has one only ASCII's are.
    """
    if text.isascii():
        return text.lower()
    text = simplified(text)
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return text.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})


def _unescape(text: str) -> str:
    if "\\" in text:
        text = ESCAPE.sub(_unescaped, text)
    if "&" in text:
        text = ENTITY.sub(lambda match: ENTITIES[match[1]], text)
    if "%22" in text or "%7B" in text:
        text = PERCENT.sub(lambda match: chr(int(match[1], 16)), text)
    return text


def _unescaped(match: re.Match[str]) -> str:
    if match[3]:
        return "\n" if match[3] == "n" else " "
    if match[4]:
        return match[4]
    character = chr(int(match[1] or match[2], 16))
    return character if character.isascii() else character.translate(TYPOGRAPHY)


def _take_out(match: re.Match[str], addresses: list[tuple[str, str]], parameters: list[str]) -> str:
    """Keep the host in its place: it says who answered. The rest says what was asked."""
    path, _, query = match[2].partition("?")
    host = match[1].lower()
    addresses.append((host, path.lower()))
    if query:
        parameters.append(query)
    return f" {host} "


def _set_aside(match: re.Match[str], parameters: list[str]) -> str:
    """Keep parameters out of the text, unless they are an answer that was written as such."""
    if "code=-" in match[0]:
        return match[0].replace("&", " ")
    parameters.append(match[0])
    return " "
