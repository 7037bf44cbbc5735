"""Staying away from an endpoint for as long as the exchange said.

| what came                       | closed                                                  |
| ------------------------------- | ------------------------------------------------------- |
| 418 or 429 with Retry-After     | for that many seconds from now                          |
| 418 with "banned until"         | until then, or the end of Retry-After if that is later  |
| 418 with neither                | for two minutes, the shortest ban that is documented    |
| 429 with neither                | for one minute: the limits count by the minute          |
| 429 with -1015                  | not: it counts orders of an account, not requests       |

Ends are kept by the time since the host's start, which nobody can set, and told by the wall clock
as it is when asked. "banned until" is the exchange's time, which was compared with that count where
possible. Where it then looks past, while the ban is plainly there, the shortest ban counts. A
closure never makes an earlier one end sooner.

No ban that is documented is longer than three days, so no answer closes the gate for longer.
"""

from datetime import timedelta

from sonde_agent.probes.clock_watch import EPOCH, Clocks
from sonde_agent.probes.exchange.closures import ClosureFile, Shut
from sonde_core.readings import Answer, Closure

BANNED, TOO_MANY = 418, 429
ORDER_RATE = -1015
_DEFAULTS = {BANNED: timedelta(minutes=2), TOO_MANY: timedelta(minutes=1)}
_LONGEST = timedelta(days=3)


class Gate:
    """Remembers which sites of the exchange are closed."""

    def __init__(self, clocks: Clocks | None = None, file: ClosureFile | None = None) -> None:
        self._clocks = clocks or Clocks()
        self._shut: dict[str, Shut] = {}
        self._gaps: dict[str, timedelta] = {}
        """What a site's clock shows above the time since the host's start."""
        self._file = file

    def recall(self) -> None:
        """Take in what is kept on the disk; of two closures the one that ends later counts."""
        for site, shut in (self._file.news() if self._file else {}).items():
            self._close(site, shut)

    def compare(self, site: str, offset: timedelta) -> None:
        """Note by how much the host's clock is ahead of a site's."""
        self._gaps[site] = self._clocks.gap() - offset

    def closure(self, site: str) -> Closure | None:
        """Return why a site is closed, or None where it is open."""
        shut = self._shut.get(site)
        if shut is None:
            return None
        if shut.until <= self._clocks.boottime():
            del self._shut[site]
            return None
        return Closure(
            status=shut.status,
            until=self._clocks.shown(shut.until),
            since=self._clocks.shown(shut.since),
        )

    def note(self, site: str, answer: Answer) -> None:
        """Close a site if an answer says so."""
        if answer.status not in _DEFAULTS or answer.code == ORDER_RATE:
            return
        at = self._clocks.boottime()
        self._close(site, Shut(answer.status, since=at, until=at + self._span(site, answer, at)))
        if self._file:
            self.recall()
            self._file.write(self._shut)

    def _span(self, site: str, answer: Answer, at: timedelta) -> timedelta:
        """Return for how long an answer closes a site."""
        spans = [answer.retry_after] if answer.retry_after is not None else []
        if answer.banned_until:
            gap = self._gaps.get(site, self._clocks.gap())
            left = answer.banned_until - EPOCH - gap - at
            spans.append(left if left > timedelta() else _DEFAULTS[BANNED])
        return min(max(spans, default=_DEFAULTS[answer.status]), _LONGEST)

    def _close(self, site: str, shut: Shut) -> None:
        at, earlier = self._clocks.boottime(), self._shut.get(site)
        # What ends later than any ban is no word of the exchange.
        if at < shut.until <= at + _LONGEST and not (
            earlier and at < earlier.until and shut.until <= earlier.until
        ):
            self._shut[site] = shut
