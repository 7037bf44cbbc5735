"""Rows under heads, each with a sign and perhaps a next step below it.

A terminal too narrow for columns gets the same rows stacked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from rich.cells import cell_len, set_cell_size

from sonde_core.findings import HostState, Severity
from sonde_terminal.lines import Role, hang
from sonde_terminal.screen import Page, Signs
from sonde_terminal.text import Text


class Mark(Enum):
    """What stands at the head of a row."""

    GOOD = Role.GOOD
    BAD = Role.BAD
    WARNING = Role.WARNING
    UNSURE = Role.UNSURE
    INFO = Role.QUIET

    @classmethod
    def of(cls, severity: Severity) -> "Mark":
        """Return the mark of something that was found."""
        return {Severity.FAILURE: cls.BAD, Severity.WARNING: cls.WARNING}.get(severity, cls.INFO)

    @classmethod
    def of_host(cls, state: HostState | None) -> "Mark":
        """Return the mark of a whole host. None is one that nobody asked."""
        told = {
            HostState.HEALTHY: cls.GOOD,
            HostState.FAILING: cls.BAD,
            HostState.WARNING: cls.WARNING,
        }
        return told.get(state, cls.UNSURE) if state else cls.UNSURE

    def sign(self, signs: Signs) -> Text:
        """Return the sign of this mark, as wide as every other."""
        by_mark = {
            Mark.GOOD: signs.good,
            Mark.BAD: signs.bad,
            Mark.WARNING: signs.warning,
            Mark.UNSURE: signs.unsure,
            Mark.INFO: signs.info,
        }
        width = max(map(cell_len, by_mark.values()))
        return Text(f" {set_cell_size(by_mark[self], width)} ", self.value)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Its texts are safe already."""

    mark: Mark
    name: str
    head: str
    middle: tuple[str, ...]
    rest: str
    """Takes what width is left, and wraps."""
    step: str = ""


_GAP = "  "
_NARROWEST_REST = 28
"""Cells. A longer text that would have less than this is stacked."""


def grid(heads: Sequence[str], rows: Sequence[Row], page: Page) -> list[Text]:
    """Lay rows out under heads: one head per text of a row."""
    texts = [(row.name, row.head, *row.middle) for row in rows]
    columns = zip(heads[:-1], *texts, strict=True)
    widths = [max(map(cell_len, column)) for column in columns]
    margin = Mark.GOOD.sign(page.signs).cell_len
    longest = max(map(cell_len, (heads[-1], *(row.rest for row in rows))))
    left = page.width - margin - sum(widths) - len(_GAP) * len(widths)
    if left < min(longest, _NARROWEST_REST):
        return [line for row in rows for line in _stacked(row, page)]
    head = "".join(_filled(heads, widths)) + heads[-1]
    first = Text(" " * margin + head, Role.QUIET)
    return [first, *(line for row in rows for line in _columns(row, widths, page))]


def _columns(row: Row, widths: Sequence[int], page: Page) -> Iterator[Text]:
    sign = row.mark.sign(page.signs)
    name, head, *middle = _filled((row.name, row.head, *row.middle), widths)
    lead = Text.assemble(sign, name, (head, Role.STRONG), *middle)
    yield from hang(lead, row.rest, page)
    if row.step:
        margin = " " * (sign.cell_len + cell_len(name))
        yield from hang(Text(f"{margin}{page.signs.arrow} ", Role.STRONG), row.step, page)


def _filled(texts: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [set_cell_size(text, width) + _GAP for text, width in zip(texts, widths, strict=False)]


def _stacked(row: Row, page: Page) -> Iterator[Text]:
    sign = row.mark.sign(page.signs)
    margin = " " * sign.cell_len
    name = " ".join(filter(None, (row.name, row.head, *row.middle)))
    yield from hang(sign, name, page, Role.STRONG)
    if row.rest:
        yield from hang(Text(margin), row.rest, page)
    if row.step:
        yield from hang(Text(f"{margin}{page.signs.arrow} ", Role.STRONG), row.step, page)
