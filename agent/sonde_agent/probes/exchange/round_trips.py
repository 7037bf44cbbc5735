"""Round trips to the exchange over the last hours, while the agent runs."""

from collections import deque
from datetime import datetime, timedelta
from math import ceil

from sonde_core.path import RoundTrips
from sonde_core.readings import Subject

_KEPT = timedelta(hours=6)
_MOST = 720


class RoundTripLog:
    """Remembers the round trips of each endpoint; of too many the oldest go."""

    def __init__(self) -> None:
        self._seen: dict[Subject, deque[tuple[datetime, timedelta]]] = {}

    def note(self, endpoint: Subject, now: datetime, round_trip: timedelta) -> None:
        """Remember a round trip."""
        self._seen.setdefault(endpoint, deque(maxlen=_MOST)).append((now, round_trip))

    def told(self, endpoint: Subject, now: datetime) -> RoundTrips | None:
        """Return what the last hours were like; None where nothing is known of them."""
        # What seems to lie ahead was noted before the clock was set back.
        lately = [each for each in self._seen.get(endpoint, ()) if abs(now - each[0]) < _KEPT]
        if not lately:
            return None
        spans = sorted(span for _, span in lately)
        return RoundTrips(
            since=min(time for time, _ in lately),
            count=len(spans),
            median=_at(spans, 50),
            p95=_at(spans, 95),
            p99=_at(spans, 99),
            longest=spans[-1],
        )


def _at(spans: list[timedelta], percent: int) -> timedelta:
    """Return the shortest span that so many of a hundred do not exceed."""
    return spans[ceil(len(spans) * percent / 100) - 1]
