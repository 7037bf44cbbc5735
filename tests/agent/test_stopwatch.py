"""What a measurement counts from: one instant by two clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from sonde_agent.probes.http import Request, fetch, new_client, unproven_tls
from sonde_agent.stopwatch import Stopwatch, host_clock
from tests.agent.servers import answer, serve_raw

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
HELD_UP = timedelta(milliseconds=30)
MINUTE_NS = 60 * 10**9


class BusyHost:
    """A host with one true time, that holds a process up whenever it looks at the clock.

    Its second look alone it lets pass.
    """

    def __init__(self) -> None:
        self.passed = timedelta()
        self.looks = 0

    def perf_counter_ns(self) -> int:
        return self.passed // timedelta(microseconds=1) * 1_000

    def clock(self) -> datetime:
        told = NOON + self.passed
        self.looks += 1
        if self.looks != 2:
            self.passed += HELD_UP
        return told


def test_both_clocks_are_read_at_one_instant_even_if_the_process_is_held_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = BusyHost()
    monkeypatch.setattr("sonde_agent.stopwatch.time", host)

    stopwatch = Stopwatch.start(host.clock)

    assert stopwatch.now == NOON + host.passed


async def test_the_times_of_a_call_count_from_the_callers_start() -> None:
    """An offset is told for the middle of the call: a second start would move it unseen."""
    started_before = Stopwatch(host_clock(), Stopwatch.start(host_clock)._ticks - MINUTE_NS)
    async with serve_raw(answer(b"{}")) as server, new_client(tls=unproven_tls()) as client:
        fetched = await fetch(
            client,
            Request("GET", server.url),
            started_before,
            most=100,
            within=timedelta(seconds=20),
        )

    assert timedelta(minutes=1) < fetched.sent < fetched.answered <= fetched.read
