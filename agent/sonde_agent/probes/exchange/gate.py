"""Staying away from an endpoint for as long as the exchange said.

| what came                       | closed until                                            |
| ------------------------------- | ------------------------------------------------------- |
| 418 or 429 with Retry-After     | that many seconds from now                              |
| 418 with "banned until"         | that instant, or the end of Retry-After if that is later |
| 418 with neither                | two minutes from now, the shortest ban that is documented |
| 429 with neither                | one minute from now: the limits count by the minute     |
| 429 with -1015                  | not closed: it counts orders of an account, not requests |

"banned until" is the exchange's time, so it is moved to the host's clock where their offset is
known. Where it then looks past, while the ban is plainly there, the shortest ban counts. A closure
never makes an earlier one end sooner.

No ban that is documented is longer than three days, so no answer closes the gate for longer.
"""

from datetime import datetime, timedelta

from sonde_agent.probes.exchange.closures import ClosureFile
from sonde_core.readings import Answer, Closure, Subject

BANNED, TOO_MANY = 418, 429
ORDER_RATE = -1015
_DEFAULTS = {BANNED: timedelta(minutes=2), TOO_MANY: timedelta(minutes=1)}
_LONGEST = timedelta(days=3)


class Gate:
    """Remembers which endpoints are closed."""

    def __init__(self, file: ClosureFile | None = None) -> None:
        self._closures: dict[Subject, Closure] = {}
        self._offsets: dict[Subject, timedelta] = {}
        self._file = file

    def recall(self) -> None:
        """Take in what is kept on the disk; of two closures the one that ends later counts."""
        for endpoint, closure in (self._file.read() if self._file else {}).items():
            self._close(endpoint, closure)

    def compare(self, endpoint: Subject, offset: timedelta) -> None:
        """Note by how much the host's clock is ahead of an endpoint's."""
        self._offsets[endpoint] = offset

    def closure(self, endpoint: Subject, now: datetime) -> Closure | None:
        """Return why an endpoint is closed, or None where it is open."""
        closure = self._closures.get(endpoint)
        # What ends later than any ban was noted by a clock that has been set back since.
        if closure and not now < closure.until <= now + _LONGEST:
            del self._closures[endpoint]
            return None
        return closure

    def note(self, endpoint: Subject, answer: Answer, now: datetime) -> None:
        """Close an endpoint if an answer says so."""
        if answer.status not in _DEFAULTS or answer.code == ORDER_RATE:
            return
        until = min(self._end(endpoint, answer, now), now + _LONGEST)
        self.closure(endpoint, now)  # forgets what is over
        self._close(endpoint, Closure(status=answer.status, until=until, since=now))
        if self._file:
            self.recall()
            self._file.write(self._closures, now)

    def _end(self, endpoint: Subject, answer: Answer, now: datetime) -> datetime:
        """Return until when an answer closes an endpoint, by the host's clock."""
        ends = [now + answer.retry_after] if answer.retry_after is not None else []
        if answer.banned_until:
            until = answer.banned_until + self._offsets.get(endpoint, timedelta())
            ends.append(until if until > now else now + _DEFAULTS[BANNED])
        return max(ends, default=now + _DEFAULTS[answer.status])

    def _close(self, endpoint: Subject, closure: Closure) -> None:
        earlier = self._closures.get(endpoint)
        if earlier is None or earlier.until < closure.until:
            self._closures[endpoint] = closure
