"""One cause in a mail: what it is, what shows it, what to do, what then happens by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sonde_core.catalogue import Owner
from sonde_core.findings import Confidence, ItemValue
from sonde_core.reply.letter import Letter
from sonde_core.words import Words

_HEADINGS = {
    Confidence.CONFIRMED: "cause_confirmed",
    Confidence.LIKELY: "cause_likely",
    Confidence.POSSIBLE: "cause_possible",
}
_OF_WHAT_WORKS = {
    Confidence.CONFIRMED: "cause_worth_mending",
    Confidence.LIKELY: "cause_worth_mending",
    Confidence.POSSIBLE: "cause_perhaps_worth_mending",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One cause, in the customer's words."""

    cause: str
    confidence: Confidence
    title: str
    meaning: str
    values: Mapping[str, ItemValue]
    """What the catalogue's sentences about the cause may name."""
    steps: tuple[str, ...]
    by_itself: str
    because: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    settle: str = ""
    timed: bool = True
    """The time that the cause's steps take is that of these steps."""
    otherwise: bool = False
    """It is another reading of what a likelier cause explains as well."""
    refused: bool = True
    """Something is refused; else it works, and is only worth mending."""
    asks: bool = True
    """The customer is asked to do something about it."""
    accounts: frozenset[str] = frozenset()
    """The accounts that it is about. None: it is about all of them."""


def add_part(letter: Letter, part: Part, words: Words, place: Mapping[str, int]) -> None:
    """Add one cause. `place` is its number among how many, or nothing where it is alone."""
    headings = _HEADINGS if part.refused else _OF_WHAT_WORKS
    heading = "cause_otherwise" if part.otherwise else headings[part.confidence]
    end = " " if part.meaning and words.language == "en" else ""
    letter.add(words.phrase(heading, title=part.title, **place) + end + part.meaning)
    letter.add_list(words.phrase("because"), part.because)
    letter.add_list(words.phrase("against"), part.against)
    letter.add_list(words.phrase("unknown_yet"), part.missing)
    if part.settle:
        letter.add(words.phrase("settled_by", settle=part.settle))
    if part.steps:
        _add_what_to_copy(letter, part, words)
    cause = words.cause(part.cause)
    if cause and cause.owner is not Owner.CUSTOMER and cause.takes is None:
        letter.add(*part.steps)  # mostly that there is nothing to do: no list of tasks
    else:
        letter.add_steps(_lead("steps", part, words), part.steps)
    letter.add(part.by_itself)


def add_needed(letter: Letter, part: Part, words: Words) -> None:
    """Add what the customer can find out for us."""
    letter.add_steps(_lead("needed", part, words), part.steps)
    letter.add(part.by_itself)


def _lead(phrase: str, part: Part, words: Words) -> str:
    cause = words.cause(part.cause)
    if cause is None or cause.takes is None or not part.timed:
        return words.phrase(phrase)
    return words.phrase(phrase, minutes=cause.takes // timedelta(minutes=1))


def _add_what_to_copy(letter: Letter, part: Part, words: Words) -> None:
    cause = words.cause(part.cause)
    names = (cause.copy, "addresses") if cause and cause.copy else ()
    name = next((name for name in names if part.values.get(name)), None)
    if name:
        value = part.values[name]
        values = value if isinstance(value, tuple) else (str(value),)
        letter.add_to_copy(words.phrase(f"copy_{name}"), values)
