"""Finds the messages that the exchange publishes in a text, whole or cut off, in any wrapping.

Messages are compared word by word, so that quotes, dashes, case and line breaks do not matter. A
blank of a message (``%s``, a number, a name) takes up to 16 words. One pass over the words of the
text looks the first two words of every message up.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from string import ascii_lowercase, digits
from sys import intern
from typing import NamedTuple

from sonde_core.explainer.cleaning import apart, lowered
from sonde_core.refusals.table import Row, table
from sonde_core.refusals.wording import SPELLINGS
from sonde_core.refusals.wording import words as split

CHARACTERS = ascii_lowercase + digits + "_"
WORD = re.compile(rf"[{CHARACTERS}]+")
WIDEST_BLANK = 16
MARKS = "….\"' "
"""What is set before the rest of a text that was cut off on its left."""
WIDEST_MARKS = 8
WIDEST_BEGINNING = 96
BEGINNING = 4
"""How many words of a longer message must stand there to think of it."""
LONG = 4
"""Words from which on a message is nobody else's."""
LETTERS = 20
"""Letters that make up for fewer words."""
ENOUGH = 7
"""How many words leave no doubt about the rest."""
REPEATED = 4
"""How often one message or code is looked at: the rest of a log says the same again."""
CUT = re.compile(r" ?([a-z0-9_]{0,12})[^\w\n\"'`]{0,3}(?:$|[\n\"'`…])", re.A)
"""What follows a message that was cut off: the beginning of a word, and the end."""
WIDEST_CUT = 16
OPENED = re.compile(r"(?:^|[\n:\"'`>|()\[\]{=-])[ \t]{0,4}$")
CLOSED = re.compile(r" {0,2}(?:$|[\n.\"'`<)\]},|!])")
WIDEST_MARK = 6


class Message(NamedTuple):
    """One published wording."""

    template: str
    """As published."""
    codes: frozenset[int]
    """The errors that it is published for."""
    words: tuple[str, ...]
    """Empty text stands for a blank."""
    third: str
    """Its third word, where no blank stands before it: it rules most messages out."""
    literal: int
    """How many words are no blanks."""
    enough: int
    """How many of them leave no doubt: those of its first sentence."""
    distinct: bool
    """Nobody else says these words: they are many, or long, or a name as programs have."""


class Mention(NamedTuple):
    """A message in a text."""

    at: int
    end: int
    message: Message
    literal: int
    """How many of its words stand there, blanks apart."""
    cut_off: bool
    """It ends with the text, its line or a quotation mark, perhaps inside a word."""
    alone: bool
    """It is no part of somebody's sentence: marks stand before and behind it."""

    @property
    def telling(self) -> bool:
        """Whether so much of it stands there that it can be no other message."""
        return self.literal >= self.message.enough


def mentions(lower: str) -> list[Mention]:
    """Find the published messages in a text in lower case; of two that overlap the longer one."""
    separate = apart(lower, CHARACTERS)
    spelt = separate.split()
    words = [*map(SPELLINGS.get, spelt, spelt), "", ""]
    found = []
    seen: dict[str, int] = {}
    for start, message in _candidates(words):
        end, literal = _follow(message.words, words, start)
        if literal == message.literal or literal >= BEGINNING:
            repeated = seen[message.template] = seen.get(message.template, 0) + 1
            if repeated <= REPEATED:
                found.append((start, -literal, message.literal, end, message))
    if not found:
        return []
    first = found[0][0]
    at = len(separate) - len(separate.split(None, first)[-1])
    places = list(islice(WORD.finditer(lower, at), max(it[3] for it in found) - first))
    return [
        _mention(
            places[start - first].start(), places[end - first - 1].end(), -missing, message, lower
        )
        for start, missing, _, end, message in _longest(found)
    ]


Found = tuple[int, int, int, int, Message]
"""First word, words that stand there (negative), words there are, word behind, message."""


def _mention(at: int, end: int, literal: int, message: Message, lower: str) -> Mention:
    cut_off = literal < message.literal and _cut_off(message, literal, lower, end)
    opened = OPENED.search(lower, max(0, at - WIDEST_MARK), at) is not None
    alone = opened and CLOSED.match(lower, end) is not None
    return Mention(at, end, message, literal, cut_off, alone)


def _cut_off(message: Message, literal: int, lower: str, end: int) -> bool:
    cut = CUT.match(lower, end, end + WIDEST_CUT)
    missing = [word for word in message.words if word][literal]
    return cut is not None and missing.startswith(cut[1])


def _longest(found: list[Found]) -> list[Found]:
    """Keep of those that overlap the one of which most stands there, and least is missing."""
    if len(found) == 1:
        return found
    kept: list[Found] = []
    for it in sorted(found, key=lambda it: it[:3]):
        if not kept or it[0] >= kept[-1][3]:
            kept.append(it)
        elif it[1:3] < kept[-1][1:3]:
            kept[-1] = it
    return kept


def _candidates(words: list[str]) -> Iterator[tuple[int, Message]]:
    index = _index()
    for start in [start for start, word in enumerate(words) if word in index]:
        seconds = index[words[start]]
        for message in seconds.get(words[start + 1], seconds[""]):
            if not message.third or message.third == words[start + 2]:
                yield start, message


def _follow(message: tuple[str, ...], words: list[str], start: int) -> tuple[int, int]:
    """Return behind which word the message ends or breaks off, and how many words fitted."""
    at, literal, blank = start, 0, False
    for expected in message:
        if not expected:
            blank = True
            continue
        if blank:
            window = words[at : at + WIDEST_BLANK + 1]
            at += window.index(expected) if expected in window else 0
        if words[at] != expected:
            break
        at, literal, blank = at + 1, literal + 1, False
    return at, literal


@cache
def _index() -> Mapping[str, Mapping[str, tuple[Message, ...]]]:
    """Return the messages by their first two words; "" has those whose second word is blank.

    Those fit whatever the second word of the text is, so that they stand under every second word.
    """
    codes: dict[tuple[str, ...], set[int]] = {}
    templates: dict[tuple[str, ...], str] = {}
    for row in table().rows:
        words = tuple(map(intern, row.words.split(" ")))
        if len(words) > 1 or any("_" in word for word in words):
            codes.setdefault(words, set()).update(row.codes)
            templates.setdefault(words, row.message)
    index: dict[str, dict[str, tuple[Message, ...]]] = {}
    for words, template in templates.items():
        literal = sum(map(bool, words))
        distinct = literal >= LONG or (literal > 1 and sum(map(len, words)) >= LETTERS)
        distinct = distinct or (literal == 1 and template.isupper())
        third = "".join(words[2:3]) if all(words[:2]) else ""
        enough = _enough(template, literal)
        message = Message(
            template, frozenset(codes[words]), words, third, literal, enough, distinct
        )
        seconds = index.setdefault(words[0], {"": ()})
        second = words[1] if len(words) > 1 else ""
        seconds[second] = (*seconds.get(second, ()), message)
    for seconds in index.values():
        seconds.update({word: seconds[word] + seconds[""] for word in seconds if word})
    return index


def broken_in(text: str) -> str | None:
    """Return the message in whose middle a text begins, where it is one alone or one cause's.

    What was cut off on the left begins inside a word or with a small letter.
    """
    if not text[:WIDEST_MARKS].lstrip(MARKS)[:1].islower():
        return None
    spelt = apart(lowered(text[:WIDEST_BEGINNING]), CHARACTERS).split(None, BEGINNING)[:BEGINNING]
    all_words, known, rows = _everything()
    whole = [*map(SPELLINGS.get, spelt[1:], spelt[1:])]
    if len(spelt) < BEGINNING or not known.issuperset(whole):
        return None
    begun = " ".join([spelt[0], *whole])
    causes, template = set(), None
    at = all_words.find(begun)
    while at >= 0:
        row = rows[all_words.count("\n", 0, at) - 1]
        if all_words[at - 1] != "\n":
            causes.add(row.causes[0])
            template = template or row.message
        at = all_words.find(begun, at + 1)
    return template if len(causes) == 1 else None


@cache
def _everything() -> tuple[str, frozenset[str], tuple[Row, ...]]:
    """Return the words of all messages, one message on a line; each word once; and their rows."""
    rows = tuple([row for row in table().rows if row.message])
    words = "\n".join([row.words for row in rows])
    return f"\n{words}", frozenset(words.split()), rows


def _enough(template: str, literal: int) -> int:
    """Return how many words of a message leave no doubt: at most those of its first sentence."""
    first, stop, _ = template.partition(". ")
    told = sum(map(bool, split(first).split(" "))) if stop else literal
    return min(literal, max(told, LONG), ENOUGH)
