"""The form of a mail: paragraphs of plain lines."""

from collections.abc import Iterable, Sequence

LINE_LIMIT = 600
"""Characters of a line. What hosts and exchanges say is bounded and shown on one line."""


class Letter:
    """A mail in plain text, built from top to bottom. What was told once is not told again."""

    def __init__(self) -> None:
        self._paragraphs: list[list[str]] = []
        self._told: set[str] = set()

    def add(self, *lines: str) -> None:
        """Add a paragraph; lines that are empty are left out."""
        shown = [_one_line(line) for line in lines if line]
        if shown:
            self._paragraphs.append(shown)

    def add_list(self, lead: str, entries: Iterable[str]) -> None:
        """Add a list under its lead; nothing where it holds nothing new."""
        new = self._news(f"- {entry}" for entry in entries if entry)
        if new:
            self.add(lead, *new)

    def add_steps(self, lead: str, steps: Iterable[str]) -> None:
        """Add numbered steps under their lead; nothing where there are none."""
        numbered = [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
        if numbered:
            self.add(lead, *numbered)

    def add_to_copy(self, lead: str, values: Sequence[str]) -> None:
        """Add values that are to be copied, each alone on its line."""
        block = "\n".join(f"    {value}" for value in values)
        if block and self._news([block]):
            self.add(lead, *block.split("\n"))

    def _news(self, texts: Iterable[str]) -> list[str]:
        new = [text for text in dict.fromkeys(texts) if text not in self._told]
        self._told.update(new)
        return new

    def text(self) -> str:
        """Return the mail."""
        return "\n\n".join("\n".join(lines) for lines in self._paragraphs) + "\n"


def _one_line(text: str) -> str:
    """Leave out what could break the mail's lines or hide text: controls and directions."""
    return "".join(c if c.isprintable() else " " for c in text)[:LINE_LIMIT].rstrip()
