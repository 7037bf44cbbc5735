"""The form of a mail: paragraphs of plain lines."""

from collections.abc import Iterable, Sequence

LINE_LIMIT = 600
"""Characters of a line. What hosts and exchanges say is bounded and shown on one line."""


class Letter:
    """A mail in plain text, built from top to bottom."""

    def __init__(self) -> None:
        self._paragraphs: list[list[str]] = []
        self._copied: set[str] = set()

    def add(self, *lines: str) -> None:
        """Add a paragraph; lines that are empty are left out."""
        shown = [_one_line(line) for line in lines if line]
        if shown:
            self._paragraphs.append(shown)

    def add_list(self, lead: str, entries: Iterable[str]) -> None:
        """Add a list under its lead, each entry once; nothing where it holds none."""
        shown = dict.fromkeys(f"- {entry}" for entry in entries if entry)
        if shown:
            self.add(lead, *shown)

    def add_steps(self, lead: str, steps: Sequence[str]) -> None:
        """Add numbered steps under their lead; a single one stands for itself."""
        if len(steps) == 1:
            self.add(*steps)
        elif steps:
            self.add(lead, *(f"{number}. {step}" for number, step in enumerate(steps, start=1)))

    def add_to_copy(self, lead: str, values: Sequence[str]) -> None:
        """Add values that are to be copied, each alone on its line, unless they stand there."""
        new = [value for value in values if value not in self._copied]
        if new:
            self._copied.update(new)
            self.add(lead, *(f"    {value}" for value in values))

    def text(self) -> str:
        """Return the mail."""
        return "\n\n".join("\n".join(lines) for lines in self._paragraphs) + "\n"


def _one_line(text: str) -> str:
    """Leave out what could break the mail's lines or hide text: controls and directions."""
    return "".join(c if c.isprintable() else " " for c in text)[:LINE_LIMIT].rstrip()
