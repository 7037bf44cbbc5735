"""Spans of time as people say them: milliseconds as long as they are few, then larger units."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

_MILLISECOND = timedelta(milliseconds=1)
_LARGER = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))
_FROM = timedelta(minutes=1)
"""From here on in larger units, the two largest that say anything."""


class Duration(int):
    """A number of milliseconds or seconds, for a template to show as ``{offset_ms:+span}``."""

    _unit: timedelta
    _names: Sequence[str]

    def __new__(cls, count: int, unit: timedelta, names: Sequence[str]) -> "Duration":
        """Name the unit, and what a day, days, hour, minute, second, millisecond are called."""
        self = super().__new__(cls, count)
        self._unit, self._names = unit, names
        return self

    def __format__(self, spec: str) -> str:
        """Show it with its unit where the template asks for a span, else the bare number."""
        if not spec.endswith("span"):
            return super().__format__(spec)
        sign = "-" if self < 0 else "+" if self > 0 and spec.startswith("+") else ""
        return sign + self._said(abs(int(self)))

    def _said(self, count: int) -> str:
        day, days, hours, minutes, seconds, milliseconds = self._names
        if count * self._unit < _FROM:
            return f"{count:,} {milliseconds if self._unit == _MILLISECOND else seconds}"
        left, said = _rounded(count * self._unit), list[str]()
        for unit, name in zip(_LARGER, (days, hours, minutes, seconds), strict=True):
            whole, left = divmod(left, unit)
            named = day if name == days and whole == 1 else name
            said += [f"{whole:,} {named}"] if whole else []
        return " ".join(said[:2])


def _rounded(span: timedelta) -> timedelta:
    """Round to the second of the two units that are shown: 3 days less 2 ms are 3 days."""
    for unit, next_ in pairwise(_LARGER):
        if span >= unit - next_ / 2:
            return round(span / next_) * next_
    return span
