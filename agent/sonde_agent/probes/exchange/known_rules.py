"""Rules of symbols that the exchange told a short while ago."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sonde_core.orders import SymbolRules

KEPT = timedelta(minutes=10)
_MOST_KEPT = 64
"""Answers, the futures' one among them."""

Rules = Mapping[str, SymbolRules]


class KnownRules:
    """Remembers what each question told."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], tuple[datetime, Rules]] = {}

    def get(self, site: str, query: str, now: datetime) -> Rules | None:
        """Return what the same question told, unless that is too old."""
        told = self._told.get((site, query))
        return told[1] if told and abs(now - told[0]) < KEPT else None

    def note(self, site: str, query: str, now: datetime, rules: Rules) -> None:
        """Keep what a question told; of too many the oldest go."""
        self._told.pop((site, query), None)
        self._told[site, query] = now, rules
        while len(self._told) > _MOST_KEPT:
            del self._told[next(iter(self._told))]
