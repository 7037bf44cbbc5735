"""What keeps a host's clock right, and what became of it. Rates are spans gained in an hour."""

from datetime import datetime, timedelta
from enum import StrEnum

from sonde_core.records import record


class Keeper(StrEnum):
    """The program that keeps a host's clock right."""

    NONE = "none"
    """None was found, which a container may also hide."""
    CHRONY = "chrony"
    TIMESYNCD = "timesyncd"
    NTPD = "ntpd"


@record(frozen=True, slots=True, kw_only=True)
class Synchronizer:
    """What the program that keeps the clock right says of its work. None is not said."""

    keeper: Keeper
    synchronized: bool | None = None
    source: str = ""
    """The server that it follows."""
    stratum: int | None = None
    offset: timedelta | None = None
    """Host time minus reference time, as the program last saw it."""
    root_distance: timedelta | None = None
    """Half of the root delay, and the root dispersion (RFC 5905 section 11.2)."""
    updated: datetime | None = None
    """When it last heard its reference, by the host's clock."""
    sources: int | None = None
    reachable: int | None = None
    """How many of the sources answered at least one of the last eight times."""


@record(frozen=True, slots=True, kw_only=True)
class KernelClock:
    """The kernel's own view of its clock (adjtimex(2))."""

    synchronized: bool
    """Not STA_UNSYNC: some program has said so, and the estimated error is still bounded."""
    offset: timedelta
    """What is left of a correction that it is working off, host time minus reference time."""
    correction: timedelta
    """What it adds to each hour of the hardware's."""
    max_error: timedelta
    estimated_error: timedelta


@record(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """The clock was set."""

    time: datetime
    """When it was noticed, by the clock as it was then set."""
    size: timedelta
    """Positive where the clock was put forward."""


@record(frozen=True, slots=True, kw_only=True)
class ClockWatch:
    """What happened to the host's clock while the agent ran."""

    since: datetime
    steps: tuple[ClockStep, ...] = ()
    """Oldest first, the newest 32."""
    suspended: timedelta = timedelta()
    """How long the host slept. Its clock goes on meanwhile, so that is no step."""


@record(frozen=True, slots=True, kw_only=True)
class ClockDrift:
    """How fast the clock was seen to run, by several calibrations. Steps are left out."""

    per_hour: timedelta
    """Positive where it gains."""
    bound: timedelta
    """The true rate is within this of `per_hour`."""
    over: timedelta
    """From the first to the last calibration that it was seen by."""
    calibrations: int
