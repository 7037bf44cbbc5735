"""From findings to sentences. The sentences themselves are in the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from sonde_core.catalogue import CATALOGUE, Catalogue, Cause, Language, Template
from sonde_core.findings import Finding, Item, ItemValue, Severity

_LIST_SEPARATOR = {Language.EN: ", ", Language.ZH: "、"}


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
        return self.title_of(finding.cause)

    def title_of(self, code: str) -> str:
        """Return what a cause is called; its code where it is not known here."""
        cause = self.cause(code)
        return cause.text[self.language].title if cause else code

    def explanation(self, finding: Finding) -> str:
        """Return what the cause means, in a sentence or two."""
        return self.explanation_of(finding.cause)

    def explanation_of(self, code: str) -> str:
        """Return what a cause means, in a sentence or two."""
        cause = self.cause(code)
        return cause.text[self.language].explanation if cause else ""

    def next_step(self, finding: Finding, **also: ItemValue) -> str:
        """Return the next step in one line; values may be added, such as the host's name."""
        return self.next_step_of(finding.cause, {**values_of(finding), **also})

    def next_step_of(self, code: str, values: Mapping[str, ItemValue]) -> str:
        """Return a cause's next step in one line, as exact as the values allow."""
        cause = self.cause(code)
        return self.fill(cause.text[self.language].next, values) if cause else ""

    def remedy(self, finding: Finding, **also: ItemValue) -> list[str]:
        """Return the steps that remove the cause."""
        return self.remedy_of(finding.cause, {**values_of(finding), **also})

    def remedy_of(self, code: str, values: Mapping[str, ItemValue]) -> list[str]:
        """Return the steps that remove a cause, as exact as the values allow."""
        cause = self.cause(code)
        steps = cause.text[self.language].remedy if cause else ()
        return [self.fill(step, values) for step in steps]

    def customer_steps_of(self, code: str, values: Mapping[str, ItemValue]) -> list[str]:
        """Return the customer's part: the remedy itself where it is not for somebody else."""
        cause = self.cause(code)
        text = cause.text[self.language] if cause else None
        steps = (text.customer or text.remedy) if text else ()
        return [self.fill(step, values) for step in steps]

    def steps_of_kind(self, kind: str) -> list[str]:
        """Return the steps for an error that its cause's own steps do not fit."""
        return [self.phrase(f"do_{kind}"), self.phrase(f"do_{kind}_then")]

    def by_itself_of(self, code: str, values: Mapping[str, ItemValue]) -> str:
        """Return what happens without anybody's doing, once the steps are done."""
        cause = self.cause(code)
        return self.fill(cause.text[self.language].by_itself, values) if cause else ""

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
        endpoint = self.catalogue.phrases.get(f"endpoint_{item.values.get('endpoint')}")
        named = {"endpoint": endpoint[self.language][0]} if endpoint else {}
        return self.fill(known[self.language].mail, {**item.values, **named})

    def join(self, texts: Iterable[str]) -> str:
        """Return an enumeration."""
        return _LIST_SEPARATOR[self.language].join(texts)

    def fill(self, template: Template, values: Mapping[str, ItemValue]) -> str:
        """Return the first alternative whose values are all known, filled in."""
        shown = {name: self._shown(value) for name, value in values.items()}
        for alternative in template:
            try:
                return alternative.format_map(shown)
            except KeyError:
                continue
        # A newer service may know a value that this catalogue does not: say what can be said.
        return template[-1]

    def _shown(self, value: ItemValue) -> str | int | datetime:
        if isinstance(value, datetime):
            return value.astimezone(self.zone)
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
    for item in (*finding.missing, *finding.contradicting, *reversed(finding.supporting)):
        values |= item.values
    return values
