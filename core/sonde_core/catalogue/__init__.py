"""The catalogue: what each cause and each piece of evidence is called, and what to do.

People edit the TOML files beside this module, one per section; ``make catalogue`` compiles them to
``compiled.json``, which loads faster. A test keeps the two equal.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from sonde_core.advice import Action, Advice
from sonde_core.findings import Severity


class Language(StrEnum):
    """A language that the catalogue is written in."""

    EN = "en"
    ZH = "zh"


class Section(StrEnum):
    """What part of a host a cause belongs to, in the order in which people read."""

    HOST = "host"
    NETWORK = "network"
    CLOCK = "clock"
    RATE = "rate"
    IP = "ip"
    PERMISSION = "permission"
    EXCHANGE = "exchange"
    ORDER = "order"


class Owner(StrEnum):
    """Who can remove a cause."""

    CUSTOMER = "customer"
    SUPPORT = "support"
    ENGINE = "engine"
    EXCHANGE = "exchange"


Template = tuple[str, ...]
"""Alternatives, most specific first: the first whose values are all known is used."""


@dataclass(frozen=True, slots=True)
class CauseText:
    """What a cause is called in one language, and what to do about it."""

    title: str
    explanation: str
    next: Template
    """The next step in one line."""
    remedy: tuple[Template, ...]
    by_itself: Template
    """What happens without anybody's doing, once the remedy is done."""
    customer: tuple[Template, ...] = ()
    """What the customer is asked to do where the remedy is for somebody else."""
    spared: str = ""
    """That other parts are not to blame. True only where nothing was found in `Cause.spares`."""
    where: "Mapping[str, CauseText]" = field(default_factory=dict)
    """Other words, by the piece of evidence that calls for them."""


@dataclass(frozen=True, slots=True)
class ItemText:
    """A piece of evidence in one language."""

    sentence: Template
    brief: Template
    """A few words for a table cell; the sentence where none is given."""
    mail: Template
    """What the customer is told; the sentence where none is given, empty where nothing is."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One root cause."""

    code: str
    section: Section | None
    """None where it is none of a host's parts."""
    severity: Severity
    owner: Owner
    rank: int
    """Lower hides higher: the order in which findings of one severity are shown."""
    text: Mapping[Language, CauseText]
    sources: tuple[str, ...]
    advice: Advice
    """What the engine should do about a refusal with this cause."""
    takes: timedelta | None = None
    """How long the customer's part of the remedy takes. None where nobody can say."""
    copy: str | None = None
    """The value that the customer copies, such as ``address``."""
    moves: bool = False
    """Its remedy gives the host another address."""
    spares: tuple[Section, ...] = ()
    """The sections that it is not about, and that `CauseText.spared` speaks of."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every cause, every piece of evidence and every phrase of a reply, in both languages."""

    causes: Mapping[str, Cause]
    items: Mapping[str, Mapping[Language, ItemText]]
    phrases: Mapping[str, Mapping[Language, Template]] = field(default_factory=dict)


def parse(table: Mapping[str, Any]) -> Catalogue:
    """Read a compiled catalogue."""
    return Catalogue(
        causes={
            code: _cause(code, rank, entry)
            for rank, (code, entry) in enumerate(table["causes"].items())
        },
        items=_WhenAsked(table["items"], _item_text),
        phrases=_WhenAsked(table["phrases"], _template),
    )


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class _WhenAsked(Mapping[str, Mapping[Language, _T]]):
    """Entries that are read when somebody asks: a command needs few of the hundreds there are."""

    entries: Mapping[str, Mapping[str, Any]]
    read: Callable[[Any], _T]
    known: dict[str, Mapping[Language, _T]] = field(default_factory=dict)

    def __getitem__(self, id_: str) -> Mapping[Language, _T]:
        if id_ not in self.known:
            entry = self.entries[id_]
            self.known[id_] = {language: self.read(entry[language]) for language in Language}
        return self.known[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def _cause(code: str, rank: int, entry: Mapping[str, Any]) -> Cause:
    return Cause(
        code=code,
        section=Section(entry["section"]) if "section" in entry else None,
        severity=Severity(entry["severity"]),
        owner=Owner(entry["owner"]),
        rank=rank,
        text={language: _cause_text(entry[language]) for language in Language},
        sources=tuple(entry["sources"]),
        advice=_advice(entry["advice"]),
        takes=timedelta(minutes=entry["minutes"]) if "minutes" in entry else None,
        copy=entry.get("copy"),
        moves=entry.get("moves", False),
        spares=tuple(Section(name) for name in entry.get("spares", ())),
    )


def _advice(entry: Mapping[str, Any]) -> Advice:
    after = timedelta(seconds=int(entry["after"].removesuffix("s"))) if "after" in entry else None
    return Advice(
        action=Action(entry["action"]), after=after, safe_to_resend=entry["safe_to_resend"]
    )


def _cause_text(entry: Mapping[str, Any]) -> CauseText:
    where: Mapping[str, Mapping[str, Any]] = entry.get("where", {})
    return CauseText(
        title=entry["title"],
        explanation=entry["explanation"],
        next=_template(entry["next"]),
        remedy=tuple(_template(step) for step in entry["remedy"]),
        by_itself=_template(entry["by_itself"]),
        customer=tuple(_template(step) for step in entry.get("customer", ())),
        spared=entry.get("spared", ""),
        where={id_: _cause_text({**entry, "where": {}, **other}) for id_, other in where.items()},
    )


def _item_text(entry: Mapping[str, Any]) -> ItemText:
    return ItemText(
        sentence=_template(entry["sentence"]),
        brief=_template(entry.get("brief", entry["sentence"])),
        mail=_template(entry.get("mail", entry["sentence"])),
    )


def _template(entry: str | list[str]) -> Template:
    return (entry,) if isinstance(entry, str) else tuple(entry)


CATALOGUE = parse(json.loads(Path(__file__).with_name("compiled.json").read_bytes()))
