"""Round trips to the exchange over the last hours."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from sonde_agent.probes.clock_watch import since_start
from sonde_core.path import RoundTrips

_KEPT = timedelta(hours=6)
_MOST = 720
_MOST_WAYS = 6
RoundTrip = tuple[timedelta, timedelta]
"""When it was, since the host's start, and how long it took."""


class RoundTripLog:
    """Remembers the round trips of each way to the exchange; of too many the oldest go.

    It counts by the time since the host's start, which nobody can set.
    """

    def __init__(self, boottime: Callable[[], timedelta] = since_start) -> None:
        self._boottime = boottime
        self._seen: dict[str, deque[RoundTrip]] = {}

    def note(self, way: str, round_trip: timedelta) -> None:
        """Remember a round trip of now."""
        self._of(way).append((self._boottime(), round_trip))

    def told(self, way: str, now: datetime) -> RoundTrips | None:
        """Return what the last hours were like; None where nothing is known of them."""
        lately = self._lately(way)
        if not lately:
            return None
        spans = sorted(span for _, span in lately)
        return RoundTrips(
            since=now - (self._boottime() - lately[0][0]),
            count=len(spans),
            median=_at(spans, 50),
            p95=_at(spans, 95),
            p99=_at(spans, 99),
            longest=spans[-1],
        )

    def slow(self, ways: Iterable[str]) -> timedelta:
        """Return what one of a hundred round trips exceeded, on the slowest of some ways."""
        lately = [sorted(span for _, span in self._lately(way)) for way in ways]
        return max((_at(spans, 99) for spans in lately if spans), default=timedelta())

    def all(self) -> dict[str, list[RoundTrip]]:
        """Return the last hours of every way."""
        return {way: lately for way in self._seen if (lately := self._lately(way))}

    def restore(self, all_: Mapping[str, Sequence[RoundTrip]]) -> None:
        """Remember what was remembered before, on the same host since the same start."""
        for way, seen in all_.items():
            self._of(way).extend(seen)

    def _of(self, way: str) -> deque[RoundTrip]:
        """Return where to remember a way; one that was not taken for the longest goes."""
        seen = self._seen.pop(way, None) or deque[RoundTrip](maxlen=_MOST)
        self._seen[way] = seen
        while len(self._seen) > _MOST_WAYS:
            del self._seen[next(iter(self._seen))]
        return seen

    def _lately(self, way: str) -> list[RoundTrip]:
        since = self._boottime() - _KEPT
        return [each for each in self._seen.get(way, ()) if each[0] > since]


def _at(spans: list[timedelta], percent: int) -> timedelta:
    """Return the shortest span that so many of a hundred do not exceed."""
    return spans[ceil(len(spans) * percent / 100) - 1]
