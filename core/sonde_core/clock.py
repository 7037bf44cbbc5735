"""What several clocks together say about the host's, with a bound that holds.

* A source states an interval: its offset, give or take half the round trip to it, half its own
  round trip to its reference and its stated dispersion (RFC 5905 section 11.1, root distance).
* With as few liars as possible, the smallest interval is sought that the intervals of all others
  share and that holds their midpoints (RFC 5905 section 11.2.1). Who has no part in it is a
  falseticker and named as disagreeing. Where the ways are so unequal that midpoints lie apart, the
  intervals alone decide.
* Without more than half of the sources nothing is known.
* Of the truthful, the one with the smallest bound is believed, and its bound too where half of it
  holds the midpoints of more than half. Else it could be a liar whom nobody can contradict.
* What more than half of the intervals cover holds the truth whatever the others say. Verdicts rest
  on that, so that no falseticker of three can bring one about.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sonde_core.evidence import Evidence, once
from sonde_core.readings import ExchangeTime, Kind, NtpSample
from sonde_core.records import record


@record(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An offset that the truth is within `bound` of, and who says so."""

    offset: timedelta
    """Host time minus reference time: positive when the host is ahead."""
    bound: timedelta
    reach: timedelta = timedelta()
    """The truth is within this of `offset` even where fewer than half of the sources lie and are
    not caught. Counts where it is more than `bound`."""
    agreeing: tuple[str, ...] = ()
    disagreeing: tuple[str, ...] = ()

    @property
    def surely_within(self) -> timedelta:
        """The bound that verdicts rest on."""
        return max(self.bound, self.reach)

    @property
    def least(self) -> timedelta:
        """Return the smallest offset that is possible."""
        return self.offset - self.surely_within

    @property
    def most(self) -> timedelta:
        """Return the largest offset that is possible."""
        return self.offset + self.surely_within

    def overlaps(self, other: "Estimate") -> bool:
        """Tell whether both can be true."""
        return self.least <= other.most and other.least <= self.most


def of_sample(sample: NtpSample) -> Estimate:
    """Return what one NTP server says, with its root distance as bound."""
    distance = (sample.delay + sample.root_delay) / 2 + sample.root_dispersion
    return Estimate(offset=sample.offset, bound=distance)


def of_exchange_time(time: ExchangeTime) -> Estimate:
    """Return what the exchange's clock says. Half the round trip bounds it."""
    return Estimate(offset=time.offset, bound=time.round_trip / 2)


def majority(estimates: Mapping[str, Estimate]) -> Estimate | None:
    """Return what more than half of the sources can agree on, or None."""
    told = tuple(estimates.values())
    intervals = [(estimate.least, estimate.most) for estimate in told]
    ends = _ends(intervals)
    shared = _shared(told, ends)
    if shared is None:
        return None
    low, high = shared
    agreeing = tuple(sorted([n for n, e in estimates.items() if e.most >= low and e.least <= high]))
    best = min((estimates[name] for name in agreeing), key=lambda estimate: estimate.bound)
    covered = _covered(ends, len(told) - _most_liars(told)) or shared
    reach = max(covered[1] - best.offset, best.offset - covered[0])
    return Estimate(
        offset=best.offset,
        bound=best.bound if _backed(best, told) else max(best.bound, reach),
        reach=reach,
        agreeing=agreeing,
        disagreeing=tuple(sorted(estimates.keys() - agreeing)),
    )


_Interval = tuple[timedelta, timedelta]

_Ends = Sequence[tuple[timedelta, int]]
"""The ends of intervals, each with how many of the intervals cover it."""


def _ends(intervals: Sequence[_Interval]) -> _Ends:
    lows = sorted([least for least, _ in intervals])
    highs = sorted([most for _, most in intervals])
    return [(end, bisect_right(lows, end) - bisect_left(highs, end)) for end in (*lows, *highs)]


def _shared(told: Sequence[Estimate], ends: _Ends) -> _Interval | None:
    """Return the interval of the truth with the fewest liars (RFC 5905 section 11.2.1)."""
    narrowest = None
    for liars in range(_most_liars(told) + 1):
        covered = _covered(ends, len(told) - liars)
        if covered is None:
            continue
        low, high = covered
        if sum([not low <= estimate.offset <= high for estimate in told]) <= liars:
            return covered
        narrowest = narrowest or covered
    return narrowest


def _most_liars(told: Sequence[Estimate]) -> int:
    """Return how many may lie while the others are more than half; -1 where there is nobody."""
    return (len(told) - 1) // 2


def _covered(ends: _Ends, enough: int) -> _Interval | None:
    """Return from the first to the last point that enough intervals cover."""
    covered = [end for end, count in ends if count >= enough]
    return (min(covered), max(covered)) if covered else None


def _backed(best: Estimate, told: Sequence[Estimate]) -> bool:
    """Tell whether the midpoints of more than half of all sources are well within one's bound."""
    half = best.bound / 2
    near = sum([abs(estimate.offset - best.offset) <= half for estimate in told])
    return 2 * near > len(told)


def ntp_estimate(evidence: Evidence) -> Estimate | None:
    """Return what the NTP servers agree on."""
    return majority(
        {
            reading.subject.name: of_sample(sample)
            for reading, sample in evidence.values(Kind.NTP, NtpSample)
        }
    )


def exchange_estimate(evidence: Evidence) -> Estimate | None:
    """Return what the exchange's own clocks say: the spot and the futures endpoint.

    They are different machines, and either refuses by its own: where both cannot be true at once,
    everything between them can.
    """
    return _told_over_http(evidence, Kind.EXCHANGE_TIME)


def _told_over_http(evidence: Evidence, kind: Kind) -> Estimate | None:
    told = {
        reading.subject.name: of_exchange_time(time)
        for reading, time in evidence.values(kind, ExchangeTime)
    }
    if not told:
        return None
    best = min(told.values(), key=lambda estimate: estimate.bound)
    if not all(best.overlaps(other) for other in told.values()):
        least = min(estimate.least for estimate in told.values())
        most = max(estimate.most for estimate in told.values())
        best = Estimate(offset=(least + most) / 2, bound=(most - least) / 2)
    return Estimate(offset=best.offset, bound=best.bound, agreeing=tuple(sorted(told)))


A_DAY = timedelta(days=1)
"""From here on a clock is wrong by days: certificates look expired or not yet valid."""


@record(frozen=True, slots=True, kw_only=True)
class HostClock:
    """The estimate that decides about a host's clock, and where it comes from."""

    best: Estimate
    ntp: Estimate | None
    exchange: Estimate | None
    agreed: bool
    """Whether NTP and the exchange can both be true."""

    @property
    def wrong_by_days(self) -> bool:
        """Tell whether it is off by a day or more."""
        return _wrong_by_days(self.best)


@once
def host_clock(evidence: Evidence) -> HostClock | None:
    """Return what is known of a host's clock.

    Where NTP and the exchange can both be true, the tighter of the two; where they contradict each
    other, the exchange; else whoever answered. The `Date` header of an unproven server counts only
    where there is nothing else, and only for a clock that is wrong by days.
    """
    ntp, exchange = ntp_estimate(evidence), exchange_estimate(evidence)
    best = exchange or ntp
    agreed = bool(ntp and exchange and ntp.overlaps(exchange))
    if ntp and exchange and agreed:
        best = min(ntp, exchange, key=lambda estimate: estimate.bound)
    if best is None:
        date = _told_over_http(evidence, Kind.HTTP_DATE)
        best = date if date and _wrong_by_days(date) else None
    return HostClock(best=best, ntp=ntp, exchange=exchange, agreed=agreed) if best else None


def _wrong_by_days(estimate: Estimate) -> bool:
    return estimate.least >= A_DAY or estimate.most <= -A_DAY
