"""What the agent did since it began, counted for whoever watches it."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate

from sonde_core.readings import Failure, Kind, OrderUse, Reading, Subject

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(slots=True)
class Spans:
    """How many spans of time were how long."""

    _counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total: timedelta = timedelta()

    def add(self, span: timedelta) -> None:
        """Count a span."""
        self._counts[bisect_left(BOUNDS_S, span.total_seconds())] += 1
        self.total += span

    def cumulative(self) -> list[tuple[str, float]]:
        """Return how many spans were at most each bound, in seconds."""
        bounds = [*map(str, BOUNDS_S), "+Inf"]
        return list(zip(bounds, map(float, accumulate(self._counts)), strict=True))


@dataclass(slots=True)
class Reloads:
    """What became of the configuration since it was first read."""

    applied: int = 0
    refused: int = 0
    last_refused: bool = False
    restart_needed: bool = False
    """Something was changed that only a restart applies."""


@dataclass(slots=True)
class Tally:
    """Counts that only grow, and the latest of what changes."""

    probes: dict[str, Spans] = field(default_factory=dict)
    """How long each probe took."""
    readings: Counter[Kind] = field(default_factory=Counter)
    failures: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    """Readings that are failures, by kind and reason."""
    calls: dict[tuple[str, str], Spans] = field(default_factory=dict)
    """How long calls took, by method and code."""
    orders: dict[tuple[Subject, str], OrderUse] = field(default_factory=dict)
    """By account and endpoint, as they were read last."""
    reloads: Reloads = field(default_factory=Reloads)
    job_failures: Counter[str] = field(default_factory=Counter)
    """How often a bug ended what goes on beside the answers, by what it is."""

    def probed(self, name: str, took: timedelta) -> None:
        """Count a probe that ended."""
        self.probes.setdefault(name, Spans()).add(took)

    def read(self, reading: Reading) -> None:
        """Count a reading; a failure leaves the latest value as it was."""
        self.readings[reading.kind] += 1
        if isinstance(reading.value, Failure):
            self.failures[reading.kind, reading.value.reason] += 1
        elif isinstance(reading.value, OrderUse):
            self.orders[reading.subject, reading.value.endpoint] = reading.value

    def called(self, method: str, code: str, took: timedelta) -> None:
        """Count a call that ended."""
        self.calls.setdefault((method, code), Spans()).add(took)
