"""A sign: a place in a text that points to a cause, and how places are found by phrases."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sonde_core.findings import Confidence
from sonde_core.refusals import Refusal

GAP = "…"
ANYWHERE = "*"
REACH = 60
"""How far apart the parts of a phrase may stand, in characters."""
TRIES = 8
"""How many places of a phrase's first part are looked at: more would cost time without bound."""


Heard = dict[str, list[int]]
"""The words that a text holds, and where."""


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
    code: int | None = None
    """The error code that the text names, or that its message is published for alone."""
    firm: bool = True
    """It cannot be read as something else: a bare number may be an amount."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words that mean one thing, in lower case.

    They begin a word, unless a ``*`` before them says that they also stand inside one. ``…`` stands
    for a few other words between.
    """

    cause: str
    confidence: Confidence
    also: tuple[str, ...]
    words: tuple[str, ...]


def phrases(cause: str, confidence: Confidence, *words: str, also: tuple[str, ...] = ()) -> Phrases:
    """Return one row of a table of phrases."""
    return Phrases(cause, confidence, also, words)


class Places:
    """Finds many words in a text at once, in one pass whatever their number.

    A word marked with ``*`` may stand inside another one; the others begin where no letter stands
    before them.
    """

    def __init__(self, words: Iterable[str]) -> None:
        marked = set(words)
        self._inside = frozenset(word[1:] for word in marked if word.startswith(ANYWHERE))
        self._words = self._inside | {word for word in marked if not word.startswith(ANYWHERE)}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        anywhere = f"|{_branches(sorted(self._inside))}" if self._inside else ""
        return re.compile(f"(?<![a-z]){_branches(sorted(self._words))}{anywhere}")

    @cached_property
    def _within(self) -> dict[str, tuple[str, ...]]:
        """Return for each word those that it begins with, itself included."""
        return {
            word: tuple(word[:end] for end in range(1, len(word) + 1) if word[:end] in self._words)
            for word in self._words
        }

    def find(self, lower: str) -> Heard:
        """Return the places of every word that stands in a text in lower case."""
        heard: Heard = {}
        search, within = self._pattern.search, self._within
        match = search(lower)
        while match:
            at = match.start()
            for word in within[match[0]]:
                heard.setdefault(word, []).append(at)
            match = search(lower, at + 1)
        return heard


def _branches(words: Sequence[str]) -> str:
    """Return a pattern that takes the longest of the words, trying each first letter once."""
    tails: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        tails[word[:1]].append(word[1:])
    ends = "" in tails
    parts = []
    for letter, rest in tails.items():
        if letter:
            parts.append(re.escape(letter) + (_branches(rest) if rest != [""] else ""))
    if ends:
        return f"(?:{'|'.join(parts)})?"
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


@dataclass(frozen=True, slots=True)
class _Tail:
    """What must stand around the head of a phrase."""

    row: int
    inside: bool
    """The head may stand inside a word."""
    others: tuple[str, ...]


class Table:
    """Rows of phrases, looked for together."""

    def __init__(self, *rows: Phrases) -> None:
        self._rows = rows
        self._tails: defaultdict[str, list[_Tail]] = defaultdict(list)
        for number, row in enumerate(rows):
            for words in row.words:
                head, *others = words.removeprefix(ANYWHERE).split(GAP)
                inside = words.startswith(ANYWHERE)
                self._tails[head].append(_Tail(number, inside, tuple(others)))

    @property
    def heads(self) -> Iterator[str]:
        """What its phrases begin with, marked where it may stand inside a word."""
        for head, tails in self._tails.items():
            yield ANYWHERE + head if any(tail.inside for tail in tails) else head

    def signs(self, lower: str, heard: Heard) -> list[Sign]:
        """Return the rows that a text holds, in their order and at their first places.

        ``heard`` are the places of the heads in that text.
        """
        found: dict[int, int] = {}
        for head in heard.keys() & self._tails.keys():
            for at in heard[head][:TRIES]:
                begins = at == 0 or not "a" <= lower[at - 1] <= "z"
                for tail in self._tails[head]:
                    if (
                        (begins or tail.inside)
                        and at < found.get(tail.row, at + 1)
                        and _follow(tail.others, lower, at + len(head))
                    ):
                        found[tail.row] = at
        return [self._sign(row, found[row]) for row in sorted(found)]

    def _sign(self, number: int, at: int) -> Sign:
        row = self._rows[number]
        return Sign(at=at, cause=row.cause, confidence=row.confidence, also=row.also)


def _follow(parts: Sequence[str], lower: str, start: int) -> bool:
    """Tell whether parts stand one after the other, each near the one before."""
    for part in parts:
        at = lower.find(part, start, start + REACH + len(part))
        if at < 0:
            return False
        start = at + len(part)
    return True
