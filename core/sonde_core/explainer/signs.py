"""A sign: a place in a text that points to a cause, and how places are found by phrases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sonde_core.findings import Confidence
from sonde_core.refusals import Refusal

GAP = "…"
REACH = 60
"""How far apart the parts of a phrase may stand, in characters."""
TRIES = 4
"""How many places of a phrase's first part are looked at: more would cost time without bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One place that points to a cause."""

    at: int
    """Where it begins."""
    cause: str
    confidence: Confidence
    also: tuple[str, ...] = ()
    """What else the same words stand for, best first."""
    refusal: Refusal | None = None
    firm: bool = True
    """It cannot be read as something else: a bare number may be an amount."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words that mean one thing, in lower case. `…` stands for a few other words between."""

    cause: str
    confidence: Confidence
    also: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]


def phrases(cause: str, confidence: Confidence, *words: str, also: tuple[str, ...] = ()) -> Phrases:
    """Return one row of a table of phrases."""
    return Phrases(cause, confidence, also, tuple(tuple(word.split(GAP)) for word in words))


def spoken(table: Iterable[Phrases], lower: str) -> Iterator[Sign]:
    """Find the rows of a table that a text in lower case holds, each at most once."""
    for row in table:
        near = [words for words in row.words if words[0] in lower]
        places = [at for at in (_place(words, lower) for words in near) if at >= 0]
        if places:
            yield Sign(at=min(places), cause=row.cause, confidence=row.confidence, also=row.also)


def _place(parts: tuple[str, ...], lower: str) -> int:
    """Return where the parts stand one after the other, -1 where they do not."""
    first, *others = parts
    at = lower.find(first)
    for _ in range(TRIES if others else 0):
        if at < 0 or _follow(others, lower, at + len(first)):
            return at
        at = lower.find(first, at + 1)
    return -1 if others else at


def _follow(parts: list[str], lower: str, start: int) -> bool:
    for part in parts:
        at = lower.find(part, start, start + REACH + len(part))
        if at < 0:
            return False
        start = at + len(part)
    return True
