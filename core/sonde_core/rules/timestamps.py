"""The timestamps of signed tests, and what the exchange said of them."""

from datetime import timedelta

from sonde_core.clock import HostClock
from sonde_core.evidence import Evidence, once
from sonde_core.findings import Item, item
from sonde_core.readings import (
    HOST,
    RECV_WINDOW,
    SIGNED_KINDS,
    AgentSettings,
    Answer,
    ExchangeTime,
    Kind,
    Reading,
    SigningClock,
)

TIMESTAMP_REJECTED = -1021
_MS = timedelta(milliseconds=1)
_AHEAD_TEXT = "ahead of the server"


@once
def refusals(evidence: Evidence) -> list[Reading]:
    """Return the signed tests that were refused for their timestamp, by the host's own clock."""
    return [
        reading
        for kind in SIGNED_KINDS
        for reading, answer in evidence.values(kind, Answer)
        if answer.code == TIMESTAMP_REJECTED and answer.clock is SigningClock.HOST
    ]


def says_ahead(reading: Reading) -> bool:
    """Tell whether the exchange called a timestamp too early; else it called it too late."""
    return isinstance(reading.value, Answer) and _AHEAD_TEXT in reading.value.message


def refused(reading: Reading, answer: Answer) -> Item:
    """Return a refused timestamp as evidence."""
    return item("timestamp_refused", reading, code=TIMESTAMP_REJECTED, message=answer.message)


def right(clock: HostClock) -> Item:
    """Return a clock that is right as evidence."""
    best = clock.best
    return item("clock_good", offset_ms=to_ms(best.offset), bound_ms=to_ms_up(best.bound))


def to_ms(span: timedelta) -> int:
    """Return a span in milliseconds."""
    return round(span / _MS)


def to_ms_up(span: timedelta) -> int:
    """Return a bound in milliseconds, rounded up: what is shown must still hold."""
    return -int(-span // _MS)


def recv_window(evidence: Evidence) -> timedelta:
    """Return the engine's recvWindow, else the usual one."""
    settings = evidence.value(Kind.SETTINGS, HOST, AgentSettings)
    return (settings and settings.recv_window) or RECV_WINDOW


@once
def round_trip(evidence: Evidence) -> timedelta:
    """Return the shortest round trip to the exchange; zero where none was measured."""
    times = [time.round_trip for _, time in evidence.values(Kind.EXCHANGE_TIME, ExchangeTime)]
    return min(times, default=timedelta())
