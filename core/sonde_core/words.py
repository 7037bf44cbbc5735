"""From findings to sentences. The sentences themselves are in the catalogue."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from sonde_core.catalogue import (
    CATALOGUE,
    Catalogue,
    Cause,
    CauseText,
    Language,
    Section,
    Template,
)
from sonde_core.durations import Duration
from sonde_core.findings import Finding, Item, ItemValue, Severity

_LIST_SEPARATOR = {Language.EN: ", ", Language.ZH: "、"}
_BOUNDARY = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z])")
"""Where Chinese meets Latin letters: a value that was filled in may begin with them."""


@dataclass(frozen=True, slots=True)
class Words:
    """Says findings in one language and one time zone."""

    language: Language = Language.EN
    zone: tzinfo = UTC
    catalogue: Catalogue = field(default=CATALOGUE, repr=False)

    def cause(self, code: str) -> Cause | None:
        """Return a cause, or None where this catalogue does not know it."""
        return self.catalogue.causes.get(code)

    def severity(self, finding: Finding) -> Severity:
        """Return how bad a finding is."""
        return severity_of(finding, self.catalogue)

    def title(self, finding: Finding) -> str:
        """Return what the finding's cause is called; its code where it is not known here."""
        return self.title_of(finding.cause, _ids(finding))

    def title_of(self, code: str, known: Container[str] = ()) -> str:
        """Return what a cause is called; its code where it is not known here."""
        text = self._text(code, known)
        return text.title if text else code

    def explanation(self, finding: Finding, beside: Container[Section | None]) -> str:
        """Return what the cause means, beside what was found in some other sections."""
        return self.explanation_of(finding.cause, _ids(finding), beside)

    def explanation_of(
        self, code: str, known: Container[str] = (), beside: Container[Section | None] = ()
    ) -> str:
        """Return what a cause means, in a sentence or two.

        What it says of other parts is left out where something was found wrong with one of them.
        """
        cause, text = self.cause(code), self._text(code, known)
        if not cause or not text:
            return ""
        spared = "" if any(section in beside for section in cause.spares) else text.spared
        space = " " if spared and self.language is Language.EN else ""
        return f"{text.explanation}{space}{spared}"

    def next_step(self, finding: Finding, **also: ItemValue) -> str:
        """Return the next step in one line; values may be added, such as the host's name."""
        text = self._text(finding.cause, _ids(finding))
        return self.fill(text.next, {**values_of(finding), **also}) if text else ""

    def remedy(self, finding: Finding, **also: ItemValue) -> list[str]:
        """Return the steps that remove the cause."""
        return self.remedy_of(finding.cause, {**values_of(finding), **also}, _ids(finding))

    def remedy_of(
        self, code: str, values: Mapping[str, ItemValue], known: Container[str] = ()
    ) -> list[str]:
        """Return the steps that remove a cause, as exact as the values allow."""
        text = self._text(code, known)
        return [self.fill(step, values) for step in text.remedy] if text else []

    def customer_steps(self, finding: Finding, values: Mapping[str, ItemValue]) -> list[str]:
        """Return the customer's part of a finding's remedy."""
        return self.customer_steps_of(finding.cause, values, _ids(finding))

    def customer_steps_of(
        self, code: str, values: Mapping[str, ItemValue], known: Container[str] = ()
    ) -> list[str]:
        """Return the customer's part: the remedy itself where it is not for somebody else."""
        text = self._text(code, known)
        steps = (text.customer or text.remedy) if text else ()
        return [self.fill(step, values) for step in steps]

    def steps_of_kind(self, kind: str) -> list[str]:
        """Return the steps for an error that its cause's own steps do not fit."""
        return [self.phrase(f"do_{kind}"), self.phrase(f"do_{kind}_then")]

    def by_itself(self, finding: Finding, values: Mapping[str, ItemValue]) -> str:
        """Return what happens without anybody's doing, once the finding's cause is removed."""
        return self.by_itself_of(finding.cause, values, _ids(finding))

    def by_itself_of(
        self, code: str, values: Mapping[str, ItemValue], known: Container[str] = ()
    ) -> str:
        """Return what happens without anybody's doing, once the steps are done."""
        text = self._text(code, known)
        return self.fill(text.by_itself, values) if text else ""

    def _text(self, code: str, known: Container[str]) -> CauseText | None:
        """Return a cause's words, which may be others where some evidence is known."""
        cause = self.cause(code)
        if cause is None:
            return None
        text = cause.text[self.language]
        return next((other for id_, other in text.where.items() if id_ in known), text)

    def phrase(self, id_: str, **values: ItemValue) -> str:
        """Return a phrase of a reply, filled in."""
        return self.fill(self.catalogue.phrases[id_][self.language], values)

    def sentence(self, item: Item) -> str:
        """Return a piece of evidence as a sentence; its id where it is not known here."""
        known = self.catalogue.items.get(item.id)
        return self.fill(known[self.language].sentence, item.values) if known else item.id

    def brief(self, item: Item) -> str:
        """Return a piece of evidence in a few words, for a table cell."""
        known = self.catalogue.items.get(item.id)
        return self.fill(known[self.language].brief, item.values) if known else item.id

    def mail(self, item: Item) -> str:
        """Return a piece of evidence as the customer is told it; empty where it is not told."""
        known = self.catalogue.items.get(item.id)
        if known is None:
            return ""
        template = known[self.language].mail
        endpoint = self.catalogue.phrases.get(f"endpoint_{item.values.get('endpoint')}")
        if not endpoint:
            return self.fill(template, item.values)
        if self.language is Language.ZH:  # the space is for the endpoint's own name, in Latin
            template = tuple(each.replace("{endpoint} ", "{endpoint}") for each in template)
        return self.fill(template, {**item.values, "endpoint": endpoint[self.language][0]})

    def join(self, texts: Iterable[str]) -> str:
        """Return an enumeration."""
        return _LIST_SEPARATOR[self.language].join(texts)

    def fill(self, template: Template, values: Mapping[str, ItemValue]) -> str:
        """Return the first alternative whose values are all known, filled in."""
        shown = {name: self._shown(name, value) for name, value in values.items()}
        for alternative in template:
            try:
                filled = alternative.format_map(shown)
            except KeyError:
                continue
            return _BOUNDARY.sub(" ", filled) if self.language is Language.ZH else filled
        # A newer service may know a value that this catalogue does not: say what can be said.
        return template[-1]

    def local(self, time: datetime) -> datetime:
        """Return an instant in the zone, under the name that people know that by.

        ``CST`` is read in three ways: a zone that has no name here goes by its distance from UTC.
        """
        there = time.astimezone(self.zone)
        offset, name = there.utcoffset() or timedelta(), f"zone_{self.zone}"
        if name in self.catalogue.phrases:
            return time.astimezone(timezone(offset, self.phrase(name)))
        return time.astimezone(timezone(offset) if offset else UTC)

    def _shown(self, name: str, value: ItemValue) -> str | int | datetime:
        if isinstance(value, datetime):
            return self.local(value)
        if isinstance(value, int) and name.endswith(("_ms", "_s")):
            unit = timedelta(milliseconds=1) if name.endswith("_ms") else timedelta(seconds=1)
            return Duration(value, unit, self.catalogue.phrases["units"][self.language])
        if name == "filter" and f"filter_{value}" in self.catalogue.phrases:
            return self.phrase(f"filter_{value}")
        if isinstance(value, tuple):
            return _LIST_SEPARATOR[self.language].join(value)
        return value


def severity_of(finding: Finding, catalogue: Catalogue = CATALOGUE) -> Severity:
    """Return how bad a finding is: its own word, else its cause's."""
    cause = catalogue.causes.get(finding.cause)
    return finding.severity or (cause.severity if cause else Severity.WARNING)


def values_of(finding: Finding) -> dict[str, ItemValue]:
    """Return all that is known of a finding; what speaks for it comes before the rest."""
    values: dict[str, ItemValue] = {"subject": finding.subject.name}
    for item in reversed(_items(finding)):
        values |= item.values
    return values


def _items(finding: Finding) -> tuple[Item, ...]:
    settle = (finding.settle,) if finding.settle else ()
    return (*finding.supporting, *finding.contradicting, *finding.missing, *settle)


def _ids(finding: Finding) -> frozenset[str]:
    return frozenset(item.id for item in _items(finding))
