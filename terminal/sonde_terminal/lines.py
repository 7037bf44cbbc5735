"""Lines for a terminal: texts wrapped to a width, their parts in named roles."""

import re
from enum import StrEnum

from rich.cells import cell_len, chop_cells

from sonde_terminal.screen import Page
from sonde_terminal.text import Text


class Role(StrEnum):
    """What a part of a line is, as the style it is shown in.

    What it means is said by signs and words alone.
    """

    PLAIN = ""
    GOOD = "green"
    BAD = "bold red"
    WARNING = "yellow"
    UNSURE = "magenta"
    STRONG = "bold"
    QUIET = "dim"


# Ideographs break anywhere but before closing punctuation; other words break at blanks. Rich
# moves a whole Chinese sentence to the next line, and begins lines with its full stop.
_IDEOGRAPHS = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_TOKEN = re.compile(rf" +|(?:[{_IDEOGRAPHS}]|[^ {_IDEOGRAPHS}]+)[，。：；、！？）」』】”]*")


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most a width in cells; a longer word is cut."""
    lines = [""]
    for token in _TOKEN.findall(text):
        for piece in chop_cells(token, width):
            if cell_len(lines[-1] + piece) <= width:
                lines[-1] += piece
            elif piece.strip():
                lines.append(piece)
    return [line.rstrip() for line in lines if line.strip()] or [""]


_NARROWEST = 20
"""Cells. Where a hanging text had less than this, it hangs less deep."""


def hang(lead: Text, text: str, page: Page, role: Role = Role.PLAIN) -> list[Text]:
    """Lay a text out behind a lead; what does not fit on the first line hangs under the text."""
    if not text:
        return [lead]
    indent = lead.cell_len
    beside = page.width - indent >= _NARROWEST
    margin = indent if beside else _margin(lead, page)
    first, *rest = (Text(line, role) for line in wrap(text, page.width - margin))
    below = rest if beside else [first, *rest]
    for line in below:
        line.pad_left(margin)
    return [Text.assemble(lead, first) if beside else lead, *below]


def _margin(lead: Text, page: Page) -> int:
    blanks = len(lead.plain) - len(lead.plain.lstrip())
    return min(blanks + 2, page.width // 3)
