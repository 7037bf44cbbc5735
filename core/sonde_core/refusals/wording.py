"""Compare a text that somebody sent with the texts that the exchange publishes."""

import re
import unicodedata
from enum import IntEnum
from functools import cache

# What the lists put where a value stands, and the values themselves: numbers, addresses, times.
_VALUE = re.compile(r"%[a-z]|\{\w*\}|\d+(?:[.,:]\d+)*")
_QUOTE = re.compile(r"['\"`\\‘’“”]")
_BETWEEN = re.compile(r"[^\w*]+")
# One client's tables have "self" wherever the exchange says "this".
_SELF = re.compile(r"\bself\b")

_BLANK = re.compile(r"%[a-z]|\{[^}]*\}|<[^>]*>|\[[^\]]*\]|'[^' ]+'|\b\d[\d.,]*\b", re.I)
SPELLINGS = {
    "self": "this",
    "is": "was",
    "occured": "occurred",
    "cancelled": "canceled",
    "api_key": "apikey",
}
"""Words that clients and the exchange itself spell in two ways."""

_ENOUGH = 12
"""Letters that must agree before part of a text stands for the whole."""


class Fit(IntEnum):
    """How well a text agrees with a published one, best first."""

    EXACT = 0
    VALUES = 1
    """Word for word, with values where the list has placeholders."""
    CONTAINED = 2
    """The published text with something before or after it."""
    TRUNCATED = 3
    """The beginning of the published text."""


def normal(message: str) -> str:
    """Return a text without what never tells two apart: case, quotes, points, spaces, values.

    Each value and each placeholder becomes ``*``.
    """
    text = message if message.isascii() else unicodedata.normalize("NFKC", message)
    text = _VALUE.sub("*", _QUOTE.sub("", text.casefold()))
    return _SELF.sub("this", _BETWEEN.sub(" ", text).strip())


def words(message: str) -> str:
    """Return the words of a published message, with a blank between each two.

    Nothing stands for a value; at the ends of a message that says nothing.
    """
    blanked = _BLANK.sub(" \0 ", message.lower())
    found: list[str] = re.findall(r"[a-z0-9_]+|\0", blanked)
    return " ".join(SPELLINGS.get(word, word) for word in found).strip("\0 ").replace("\0", "")


def fit(published: str, text: str) -> Fit | None:
    """Tell how well a text agrees with a published one; both as :func:`normal` leaves them."""
    if published == text:
        return Fit.EXACT
    parts = _parts(published)
    if _in_order(parts, text):
        if len(parts) > 1 and text.startswith(parts[0]) and text.endswith(parts[-1]):
            return Fit.VALUES
        if letters(published) >= _ENOUGH:
            return Fit.CONTAINED
    if published.startswith(text) and letters(text) >= _ENOUGH:
        return Fit.TRUNCATED
    return None


def letters(text: str) -> int:
    """Return how many characters of a text are its own, not a value's."""
    return len(text) - text.count("*")


@cache
def _parts(published: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in published.split("*"))


def _in_order(parts: tuple[str, ...], text: str) -> bool:
    position = 0
    for part in parts:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return True
