"""Write the customers' troubleshooting pages from the catalogue, one per language.

What a cause is called, what it means and what to do come from the catalogue, so that the page, the
mails and the commands never differ; ``page.toml`` beside it holds the frame.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sonde_core.catalogue import CATALOGUE, Cause, Language
from sonde_core.refusals.table import Row, table
from sonde_core.words import Words

ROOT = Path(__file__).parents[1]
FRAME = ROOT / "core" / "sonde_core" / "catalogue" / "page.toml"
ELSEWHERE = frozenset({"OTHER", "AGENT_UNREACHABLE", "CREDENTIALS_MISSING", "ENGINE_SILENT"})
"""What no error text of the exchange leads a customer to."""
FEW = 3
"""Meanings of one code that are told apart by surface; where there are more, its text decides."""
SEND = ("send_code", "send_time", "send_changes", "send_account")


def path_of(language: Language) -> Path:
    """Return where a language's page stands."""
    return ROOT / "docs" / f"troubleshooting.{language.value}.md"


def page(language: Language) -> str:
    """Return a language's page."""
    return "\n".join(_Page(language, tomllib.loads(FRAME.read_text("utf-8"))).lines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    language: Language
    frame: dict[str, Any]

    @property
    def words(self) -> Words:
        return Words(self.language)

    @property
    def own(self) -> dict[str, Any]:
        return dict(self.frame[self.language.value])

    def lines(self) -> Iterator[str]:
        yield from (f"<!-- {self.own['generated']} -->", "", f"# {self.own['title']}")
        for sentence in self.own["lead"]:
            yield from ("", sentence)
        yield from self._quick()
        for number, section in enumerate(self.frame["section"], start=1):
            yield from self._section(number, section)
        yield from self._others()
        yield from self._rest()
        yield from self._unsolved()
        yield from self._codes()

    def _quick(self) -> Iterator[str]:
        yield from ("", f"## {self.own['quick']}", "", *_head(self.own["columns"]))
        for number, section in enumerate(self.frame["section"], start=1):
            place = self.own["section"].format(number=number)
            yield self._quick_row(section, f"[{place}](#{section['id']})")
        yield self._quick_row(self.frame["others"], f"[{self.own['others']}](#others)")

    def _quick_row(self, section: dict[str, Any], place: str) -> str:
        keywords = " / ".join(f"`{keyword}`" for keyword in section["keywords"])
        return f"| {keywords} | {section[self.language.value]['name']} | {place} |"

    def _section(self, number: int, section: dict[str, Any]) -> Iterator[str]:
        told = section[self.language.value]
        place = self.own["section"].format(number=number)
        yield from ("", f'<a id="{section["id"]}"></a>', "", f"## {place} · {told['name']}")
        yield from self._errors(section["errors"])
        first, *others = (CATALOGUE.causes[code] for code in section["causes"])
        why = (*told["why"], self.words.explanation_of(first.code))
        yield from ("", f"**{self.own['cause']}**", "", self.sentences(why))
        if section.get("permissions"):
            yield from ("", f"**{self.own['permissions']}**", "")
            yield from _head(self.own["permission_columns"])
            yield from (f"| {name} | {state} |" for name, state in self.own["permission_rows"])
        yield from self._steps(first)
        for note in told["notes"]:
            yield from ("", note)
        yield from ("", f"**{self.own['also']}**")
        for cause in others:
            yield from self._in_brief(cause)

    def _errors(self, errors: list[str]) -> Iterator[str]:
        yield from ("", f"**{self.own['errors']}**", "")
        yield from (f"- `{error}`" for error in errors)

    def _steps(self, cause: Cause) -> Iterator[str]:
        yield from ("", f"**{self._steps_lead(cause)}**", "")
        steps = self.words.customer_steps_of(cause.code, {})
        yield from (f"{number}. {step}" for number, step in enumerate(steps, start=1))
        by_itself = self.words.by_itself_of(cause.code, {})
        yield from ("", f"**{self.own['by_itself']}**", "", by_itself)

    def _steps_lead(self, cause: Cause) -> str:
        if cause.takes is None:
            return str(self.own["steps"])
        return str(self.own["steps_in"]).format(minutes=cause.takes // timedelta(minutes=1))

    def _in_brief(self, cause: Cause) -> Iterator[str]:
        text = cause.text[self.language]
        yield from ("", f"### {text.title}", "", self.words.explanation_of(cause.code), "")
        steps = self.words.customer_steps_of(cause.code, {})
        yield from (f"{number}. {step}" for number, step in enumerate(steps, start=1))
        yield from ("", self.words.by_itself_of(cause.code, {}))

    def _others(self) -> Iterator[str]:
        others = self.frame["others"]
        yield from ("", '<a id="others"></a>', "", f"## {self.own['others']}")
        for error, code in zip(others["errors"], others["causes"], strict=True):
            cause = CATALOGUE.causes[code]
            yield from ("", f"### {error}", "", self.words.explanation_of(cause.code), "")
            steps = self.words.customer_steps_of(code, {})
            yield from (f"{number}. {step}" for number, step in enumerate(steps, start=1))
            yield from ("", self.words.by_itself_of(code, {}))

    def _rest(self) -> Iterator[str]:
        yield from ("", f"## {self.own['rest']}", "", *_head(self.own["rest_columns"]))
        for cause in CATALOGUE.causes.values():
            if cause.code not in self._shown() | ELSEWHERE:
                text = cause.text[self.language]
                steps = self.words.customer_steps_of(cause.code, {})
                after = self.words.by_itself_of(cause.code, {})
                said = self.words.explanation_of(cause.code)
                yield f"| **{text.title}** {said} | {self.sentences([*steps, after])} |"

    def _shown(self) -> set[str]:
        sections = [*self.frame["section"], self.frame["others"]]
        return {code for section in sections for code in section["causes"]}

    def _codes(self) -> Iterator[str]:
        yield from ("", f"## {self.own['codes']}", "", self.own["codes_lead"], "")
        yield from _head(self.own["codes_columns"])
        for code in sorted(table().by_code, key=lambda code: (code > 0, abs(code))):
            yield f"| {code} | {self._meanings(code)} |"

    def _meanings(self, code: int) -> str:
        """Return what a code means, and where it means which of a few things."""
        by_title: dict[str, set[str]] = {}
        for row in table().by_code[code]:
            for title in self._titles(row):
                by_title.setdefault(title, set()).update(row.surfaces)
        told_apart = len({frozenset(surfaces) for surfaces in by_title.values()}) > 1
        if not told_apart or len(by_title) > FEW:
            return str(self.own["codes_separator"].join(by_title))
        return str(
            self.own["codes_separator"].join(
                self.own["codes_surface"].format(title=title, surfaces=self._named(surfaces))
                for title, surfaces in by_title.items()
            )
        )

    def _titles(self, row: Row) -> list[str]:
        if row.title:
            return [row.title[self.language]]
        return [self.words.title_of(cause) for cause in row.causes if cause != "OTHER"]

    def _named(self, surfaces: set[str]) -> str:
        names = self.own["surfaces"].items()
        return self.words.join(name for surface, name in names if surface in surfaces)

    def sentences(self, sentences: Iterable[str]) -> str:
        return ("" if self.language is Language.ZH else " ").join(sentences)

    def _unsolved(self) -> Iterator[str]:
        yield from ("", f"## {self.own['unsolved']}", "", self.own["unsolved_lead"], "")
        yield from (f"- {self.words.phrase(phrase)}" for phrase in SEND)
        yield from ("", self.words.phrase("never_send"))


def _head(columns: list[str]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"


if __name__ == "__main__":
    for wanted in Language:
        path_of(wanted).write_text(page(wanted), "utf-8")
