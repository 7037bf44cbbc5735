"""One table of all budgets. Absolute times depend on the machine; the ratios are what is held."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One budget: what the product took, and what the least that could do it took."""

    name: str
    floor: float
    """Seconds, or what the unit says."""
    product: float
    limit: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """How many times the floor the product took."""
        return self.product / self.floor

    @property
    def held(self) -> bool:
        """Tell whether the budget is held."""
        return self.ratio <= self.limit


def table(rows: Sequence[Row]) -> str:
    """Return the table for people."""
    width = max(len(row.name) for row in rows)
    lines = [f"  {'':{width}}       floor    product    ratio    limit"]
    for row in rows:
        lines.append(
            f"{' ' if row.held else '!'} {row.name:{width}}  {_shown(row.floor, row.unit)}"
            f" {_shown(row.product, row.unit)}  {_times(row.ratio)}  {_times(row.limit)}"
        )
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"{ratio:6.2f}x" if ratio >= 0.1 else f"{ratio:6.4f}x"


def _shown(value: float, unit: str) -> str:
    count = value * 1e3 if unit == "ms" else value
    return f"{count:6,.0f} {unit:3}"
