"""What several clocks together say about the host's, with a bound that holds.

* A source states an interval: its offset, give or take half the round trip to it, half its own
  round trip to its reference and its stated dispersion (RFC 5905 section 11.1, root distance).
* The sources of the largest group whose intervals share a point are taken to tell the truth, if
  they are more than half of all that answered (Marzullo; RFC 5905 section 11.2.1). The others are
  named as disagreeing.
* Without such a majority nothing is known.
* Of the truthful, the one with the smallest bound is believed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sonde_core.evidence import Evidence
from sonde_core.readings import ExchangeTime, Kind, NtpSample


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An offset that the truth is within `bound` of, and who says so."""

    offset: timedelta
    """Host time minus reference time: positive when the host is ahead."""
    bound: timedelta
    agreeing: tuple[str, ...] = ()
    disagreeing: tuple[str, ...] = ()

    @property
    def least(self) -> timedelta:
        """Return the smallest offset that is possible."""
        return self.offset - self.bound

    @property
    def most(self) -> timedelta:
        """Return the largest offset that is possible."""
        return self.offset + self.bound

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
    agreeing = _largest_group(estimates)
    if not agreeing or 2 * len(agreeing) <= len(estimates):
        return None
    best = min((estimates[name] for name in agreeing), key=lambda estimate: estimate.bound)
    return Estimate(
        offset=best.offset,
        bound=best.bound,
        agreeing=agreeing,
        disagreeing=tuple(sorted(set(estimates) - set(agreeing))),
    )


def _largest_group(estimates: Mapping[str, Estimate]) -> tuple[str, ...]:
    """Return the largest group whose intervals share a point: one of the lower ends is in it."""
    groups = (
        tuple(sorted(n for n, other in estimates.items() if other.least <= point <= other.most))
        for point in sorted(estimate.least for estimate in estimates.values())
    )
    return max(groups, key=len, default=())


def ntp_estimate(evidence: Evidence) -> Estimate | None:
    """Return what the NTP servers agree on."""
    return majority(
        {
            reading.subject.name: of_sample(sample)
            for reading, sample in evidence.values(Kind.NTP, NtpSample)
        }
    )


def exchange_estimate(evidence: Evidence) -> Estimate | None:
    """Return what the exchange's own clocks agree on: the spot and the futures endpoint."""
    return majority(
        {
            reading.subject.name: of_exchange_time(time)
            for reading, time in evidence.values(Kind.EXCHANGE_TIME, ExchangeTime)
        }
    )
