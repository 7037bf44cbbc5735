"""Staying away from an endpoint for as long as the exchange said.

| what came                       | closed until                                            |
| ------------------------------- | ------------------------------------------------------- |
| 418 or 429 with Retry-After     | that many seconds from now                              |
| 418 with "banned until"         | that instant, or the end of Retry-After if that is later |
| 418 with neither                | two minutes from now, the shortest ban that is documented |
| 429 with neither                | one minute from now: the limits count by the minute     |
| 429 with -1015                  | not closed: it counts orders of an account, not requests |

No ban that is documented is longer than three days, so no answer closes the gate for longer.
"""

from datetime import datetime, timedelta

from sonde_core.readings import Answer, Closure, Subject

BANNED, TOO_MANY = 418, 429
_ORDER_RATE = -1015
_DEFAULTS = {BANNED: timedelta(minutes=2), TOO_MANY: timedelta(minutes=1)}
_LONGEST = timedelta(days=3)


class Gate:
    """Remembers which endpoints are closed."""

    def __init__(self) -> None:
        self._closures: dict[Subject, Closure] = {}

    def closure(self, endpoint: Subject, now: datetime) -> Closure | None:
        """Return why an endpoint is closed, or None where it is open."""
        closure = self._closures.get(endpoint)
        if closure and closure.until <= now:
            del self._closures[endpoint]
            return None
        return closure

    def note(self, endpoint: Subject, answer: Answer, now: datetime) -> None:
        """Close an endpoint if an answer says so."""
        if answer.status not in _DEFAULTS or answer.code == _ORDER_RATE:
            return
        ends = [now + answer.retry_after] if answer.retry_after is not None else []
        if answer.banned_until:
            ends.append(answer.banned_until)
        until = max(ends, default=now + _DEFAULTS[answer.status])
        self._closures[endpoint] = Closure(
            status=answer.status, until=min(until, now + _LONGEST), since=now
        )
