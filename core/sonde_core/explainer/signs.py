"""A sign: a place in a text that points to a cause, and how places are found by phrases."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sonde_core.explainer.cleaning import INITIALS, LETTERS, Text
from sonde_core.findings import Confidence
from sonde_core.refusals import Refusal

GAP = "…"
ANYWHERE = "*"
REACH = 60
"""How far apart the parts of a phrase may stand, in characters."""
ENDING = 5
"""How many last letters group the words that may stand anywhere: most are called …Error."""
TRIES = 8
"""How many places of a phrase's first part are looked at: more would cost time without bound."""


Heard = dict[str, list[int]]
"""The words that a text holds, and where."""


class Sign(NamedTuple):
    """One place that points to a cause."""

    at: int
    """Where it begins."""
    cause: str
    confidence: Confidence
    also: tuple[str, ...] = ()
    """What else the same words stand for, best first."""
    refusal: Refusal | None = None
    code: int | None = None
    """The error code that the text names."""
    readings: tuple[Refusal, ...] = ()
    """What else the same code is published for, as far as that has a title of its own."""
    words: tuple[int, int] | None = None
    """Where the published message begins and ends, if the text holds it."""
    firm: bool = True
    """It cannot be read as something else: a bare number may be an amount."""


class Phrases(NamedTuple):
    """Words that mean one thing, in lower case.

    They begin a word, unless a ``*`` before them says that they also stand inside one. ``…`` stands
    for a few other words between.
    """

    cause: str
    confidence: Confidence
    also: tuple[str, ...]
    words: tuple[str, ...]

    def sign(self, at: int) -> Sign:
        """Return what the words say at a place."""
        return Sign(at=at, cause=self.cause, confidence=self.confidence, also=self.also)


def phrases(cause: str, confidence: Confidence, *words: str, also: tuple[str, ...] = ()) -> Phrases:
    """Return one row of a table of phrases."""
    return Phrases(cause, confidence, also, words)


class Places:
    """Finds many words in a text at once: their number hardly matters.

    A word marked with ``*`` may stand inside another one; the others begin where no letter stands
    before them. Those are looked up by the first letters of the text's words, the former by how
    they end, and words in other scripts by their first character. That takes no time to prepare:
    one expression of all of them would take longer to compile than most texts to read.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_initials: defaultdict[str, list[str]] = defaultdict(list)
        self._by_ending: defaultdict[str, list[str]] = defaultdict(list)
        self._by_character: defaultdict[str, list[str]] = defaultdict(list)
        for word in set(words):
            first, bare = LETTERS.match(word), word.removeprefix(ANYWHERE)
            if first:
                self._by_initials[first[0][:INITIALS]].append(word)
            elif bare.isascii():
                self._by_ending[bare[-ENDING:]].append(bare)
            else:
                self._by_character[bare[0]].append(bare)

    def find(self, text: Text) -> Heard:
        """Return the places of every word that stands in a text."""
        lower = text.lower
        heard: Heard = {}
        for initials in text.initials & self._by_initials.keys():
            for word in self._by_initials[initials]:
                if word in lower:
                    places = [at for at in _everywhere(word, lower) if not _inside(at, lower)]
                    if places:
                        heard[word] = places
        anywhere = [words for ending, words in self._by_ending.items() if ending in lower]
        if not lower.isascii():
            characters = self._by_character.keys() & set(lower)
            anywhere += [self._by_character[character] for character in characters]
        for words in anywhere:
            for word in words:
                if word in lower:
                    heard[word] = _everywhere(word, lower)
        return heard


def _everywhere(word: str, lower: str) -> list[int]:
    places = []
    at = lower.find(word)
    while at >= 0:
        places.append(at)
        at = lower.find(word, at + 1)
    return places


def _inside(at: int, lower: str) -> bool:
    """Tell whether a place is inside a word."""
    return at > 0 and "a" <= lower[at - 1] <= "z"


class _Tail(NamedTuple):
    """What must stand around the head of a phrase."""

    row: int
    others: tuple[str, ...]


class Table:
    """Rows of phrases, looked for together."""

    def __init__(self, *rows: Phrases) -> None:
        self._rows = rows
        self._heads: set[str] = set()
        self._tails: defaultdict[str, list[_Tail]] = defaultdict(list)
        for number, row in enumerate(rows):
            for words in row.words:
                head, *others = words.split(GAP)
                self._heads.add(head)
                self._tails[head.removeprefix(ANYWHERE)].append(_Tail(number, tuple(others)))

    @property
    def heads(self) -> Iterable[str]:
        """What its phrases begin with, marked where it may stand inside a word."""
        return self._heads

    def signs(self, lower: str, heard: Heard) -> list[Sign]:
        """Return the rows that a text holds, in their order and at their first places.

        ``heard`` are the places of the heads in that text.
        """
        found: dict[int, int] = {}
        if heard.keys().isdisjoint(self._tails.keys()):
            return []
        for head in heard.keys() & self._tails.keys():
            for at in heard[head][:TRIES]:
                for tail in self._tails[head]:
                    earlier = found.get(tail.row, at + 1)
                    if at < earlier and _follow(tail.others, lower, at + len(head)):
                        found[tail.row] = at
        return [self._rows[number].sign(found[number]) for number in sorted(found)]


def holds(lower: str, words: Iterable[str]) -> bool:
    """Tell whether a text has any of some words, faster than their expression would."""
    for word in words:  # noqa: SIM110 - a generator costs more than the search
        if word in lower:
            return True
    return False


def _follow(parts: Sequence[str], lower: str, start: int) -> bool:
    """Tell whether parts stand one after the other, each near the one before."""
    for part in parts:
        at = lower.find(part, start, start + REACH + len(part))
        if at < 0:
            return False
        start = at + len(part)
    return True
