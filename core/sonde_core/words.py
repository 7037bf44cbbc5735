"""From findings to sentences. The sentences themselves are in the catalogue."""

from collections.abc import Mapping
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
        cause = self.cause(finding.cause)
        return cause.text[self.language].title if cause else finding.cause

    def explanation(self, finding: Finding) -> str:
        """Return what the cause means, in a sentence or two."""
        cause = self.cause(finding.cause)
        return cause.text[self.language].explanation if cause else ""

    def next_step(self, finding: Finding, **also: ItemValue) -> str:
        """Return the next step in one line; values may be added, such as the host's name."""
        cause = self.cause(finding.cause)
        values = {**_all_values(finding), **also}
        return self._fill(cause.text[self.language].next, values) if cause else ""

    def remedy(self, finding: Finding, **also: ItemValue) -> list[str]:
        """Return the steps that remove the cause."""
        cause = self.cause(finding.cause)
        values = {**_all_values(finding), **also}
        steps = cause.text[self.language].remedy if cause else ()
        return [self._fill(step, values) for step in steps]

    def sentence(self, item: Item) -> str:
        """Return a piece of evidence as a sentence; its id where it is not known here."""
        known = self.catalogue.items.get(item.id)
        return self._fill(known[self.language].sentence, item.values) if known else item.id

    def brief(self, item: Item) -> str:
        """Return a piece of evidence in a few words, for a table cell."""
        known = self.catalogue.items.get(item.id)
        return self._fill(known[self.language].brief, item.values) if known else item.id

    def _fill(self, template: Template, values: Mapping[str, ItemValue]) -> str:
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


def _all_values(finding: Finding) -> dict[str, ItemValue]:
    values: dict[str, ItemValue] = {"subject": finding.subject.name}
    for item in (*finding.missing, *finding.contradicting, *reversed(finding.supporting)):
        values |= item.values
    return values
