"""Rows under heads, each with a sign and perhaps a next step below it.

A terminal too narrow for columns gets the same rows stacked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from sonde_core.screen import Line, Page, Role, Signs, Span, cells, hang, pad


class Mark(Enum):
    """What stands at the head of a row."""

    GOOD = Role.GOOD
    BAD = Role.BAD
    WARNING = Role.WARNING
    UNSURE = Role.UNSURE
    INFO = Role.QUIET

    def span(self, signs: Signs) -> Span:
        """Return the sign of this mark, as wide as every other."""
        by_mark = {
            Mark.GOOD: signs.good,
            Mark.BAD: signs.bad,
            Mark.WARNING: signs.warning,
            Mark.UNSURE: signs.unsure,
            Mark.INFO: signs.info,
        }
        width = max(cells(sign) for sign in by_mark.values())
        return Span(f" {pad(by_mark[self], width)} ", self.value)


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


def grid(heads: Sequence[str], rows: Sequence[Row], page: Page) -> list[Line]:
    """Lay rows out under heads: one head per text of a row."""
    texts = [(row.name, row.head, *row.middle) for row in rows]
    columns = zip(heads[:-1], *texts, strict=True)
    widths = [max(cells(text) for text in column) for column in columns]
    margin = cells(Mark.GOOD.span(page.signs).text)
    longest = max(cells(text) for text in (heads[-1], *(row.rest for row in rows)))
    left = page.width - margin - sum(widths) - len(_GAP) * len(widths)
    if left < min(longest, _NARROWEST_REST):
        return [line for row in rows for line in _stacked(row, page)]
    head = "".join(pad(text, width) + _GAP for text, width in zip(heads, widths, strict=False))
    first: Line = (Span(" " * margin + head + heads[-1], Role.QUIET),)
    return [first, *(line for row in rows for line in _columns(row, widths, page))]


def _columns(row: Row, widths: Sequence[int], page: Page) -> Iterator[Line]:
    sign = row.mark.span(page.signs)
    texts = (row.name, row.head, *row.middle)
    filled = [pad(text, width) + _GAP for text, width in zip(texts, widths, strict=True)]
    lead = (sign, Span(filled[0]), Span(filled[1], Role.STRONG), Span("".join(filled[2:])))
    yield from hang(lead, row.rest, page)
    if row.step:
        margin = " " * (cells(sign.text) + cells(filled[0]))
        yield from hang((Span(f"{margin}{page.signs.arrow} ", Role.STRONG),), row.step, page)


def _stacked(row: Row, page: Page) -> Iterator[Line]:
    sign = row.mark.span(page.signs)
    margin = Span(" " * cells(sign.text))
    name = " ".join(filter(None, (row.name, row.head, *row.middle)))
    yield from hang((sign,), name, page, Role.STRONG)
    if row.rest:
        yield from hang((margin,), row.rest, page)
    if row.step:
        yield from hang((margin, Span(f"{page.signs.arrow} ", Role.STRONG)), row.step, page)
