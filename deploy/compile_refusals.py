"""Compile the lists of the exchange's errors to the one JSON file that the core loads."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sonde_core.refusals.wording import normal, words

FILES = ("futures", "spot", "wallet", "websocket", "observed")
SOURCE = Path(__file__).parents[1] / "core" / "sonde_core" / "refusals"

_COLUMNS = 4


@dataclass(slots=True)
class Entry:
    """One head line and the indented lines under it."""

    surfaces: list[str]
    codes: list[int]
    name: str
    causes: list[str]
    messages: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    steps: str = ""

    def rows(self, *, observed: bool) -> Iterator[list[object]]:
        """Give one compiled row per message."""
        for message in self.messages or [""]:
            yield [
                *(self.surfaces, self.codes, self.name, message, normal(message), words(message)),
                *(self.causes, self.titles or None, self.steps, observed),
            ]


def compiled(source: Path = SOURCE) -> str:
    """Return the compiled rows as text, one per line."""
    rows = [
        json.dumps(row, ensure_ascii=False)
        for name in FILES
        for entry in entries(source / f"{name}.txt")
        for row in entry.rows(observed=name == "observed")
    ]
    return "[\n" + ",\n".join(rows) + "\n]\n"


def entries(path: Path) -> list[Entry]:
    """Read one file; a line that does not fit ends the program with its number."""
    found: list[Entry] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if line.startswith(" "):
                _add(found[-1], line.strip())
            else:
                found.append(_head(line))
        except (IndexError, ValueError) as error:
            sys.exit(f"{path.name}:{number}: {error}")
    return found


def _head(line: str) -> Entry:
    columns = [column.strip() for column in line.split("|")]
    if len(columns) != _COLUMNS:
        raise ValueError("a head line is: surfaces | codes | name | causes")
    surfaces, codes, name, causes = columns
    return Entry(surfaces.split(), [int(code) for code in codes.split()], name, causes.split())


def _add(entry: Entry, text: str) -> None:
    language, colon, title = text.partition(": ")
    if colon and language in {"en", "zh"}:
        entry.titles[language] = title
    elif colon and language == "do":
        entry.steps = title
    else:
        entry.messages.append(text)


if __name__ == "__main__":
    (SOURCE / "compiled.json").write_text(compiled(), "utf-8")
