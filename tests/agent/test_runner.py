"""Running probes side by side."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from sonde_agent.probes import Probe, Step
from sonde_agent.runner import Running, measuring
from sonde_agent.stopwatch import host_clock
from sonde_core.readings import (
    SPOT,
    USDM,
    Closure,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
)

SOON = timedelta(milliseconds=50)
LONG = timedelta(minutes=1)
NOW = host_clock()
VALUE = Closure(status=418, until=NOW, since=NOW)
A, B = (Kind.NTP, Subject("source", "a")), (Kind.NTP, Subject("source", "b"))


def reading(kind: Kind, subject: Subject) -> Reading:
    return Reading(kind=kind, subject=subject, time=NOW, value=VALUE)


@dataclass
class FakeProbe:
    """Delivers some steps, then does what it is told."""

    planned: Sequence[Step]
    delivered: Sequence[tuple[Kind, Subject]] = ()
    then: str = "end"
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def steps(self) -> Sequence[Step]:
        return self.planned

    async def measure(self) -> AsyncIterator[Reading]:
        try:
            for kind, subject in self.delivered:
                yield reading(kind, subject)
            if self.then == "hang":
                await asyncio.Event().wait()
            if self.then == "break":
                raise ZeroDivisionError
        finally:
            self.stopped.set()


async def run(deadline: timedelta, **probes: Probe) -> list[Reading]:
    async with measuring(probes, deadline, host_clock, Running()) as readings:
        return [reading async for reading in readings]


@pytest.mark.parametrize(
    ("then", "reason"),
    [("hang", FailureReason.DEADLINE), ("break", FailureReason.INTERNAL)],
)
async def test_a_bad_probe_costs_only_its_own_readings(then: str, reason: FailureReason) -> None:
    good = FakeProbe([[(Kind.PUBLIC_CALL, USDM)]], [(Kind.PUBLIC_CALL, USDM)])
    bad = FakeProbe([[A, B]], [A], then)

    readings = await run(SOON, good=good, bad=bad)

    failures = [r for r in readings if isinstance(r.value, Failure)]
    assert reading(Kind.PUBLIC_CALL, USDM) in readings
    assert reading(*A) in readings
    assert [(r.kind, r.subject) for r in failures] == [B]
    assert isinstance(failures[0].value, Failure)
    assert failures[0].value.reason is reason


async def test_what_was_never_begun_is_skipped_and_not_blamed() -> None:
    steps = [[(Kind.PUBLIC_CALL, USDM)], [(Kind.PUBLIC_CALL, SPOT)], [A, B]]

    readings = await run(SOON, slow=FakeProbe(steps, [(Kind.PUBLIC_CALL, USDM)], "hang"))

    reasons = [r.value.reason for r in readings if isinstance(r.value, Failure)]
    assert reasons == [FailureReason.DEADLINE, FailureReason.SKIPPED, FailureReason.SKIPPED]


async def test_a_finished_probe_owes_nothing_more() -> None:
    assert await run(LONG, quick=FakeProbe([[A, B]], [A])) == [reading(*A)]


async def test_readings_come_while_others_are_still_measured() -> None:
    quick, slow = FakeProbe([[A]], [A]), FakeProbe([[B]], (), "hang")

    async with measuring({"quick": quick, "slow": slow}, LONG, host_clock, Running()) as readings:
        assert await readings.some() == [reading(*A)]
        assert not slow.stopped.is_set()


async def test_leaving_early_stops_every_probe_and_none_counts_as_running() -> None:
    slow, running = FakeProbe([[A, B]], [A], "hang"), Running()

    async with measuring({"slow": slow}, LONG, host_clock, running) as readings:
        await readings.some()
        assert running.probes == 1
    assert slow.stopped.is_set()
    assert running.probes == 0


async def test_cancelling_the_caller_stops_every_probe() -> None:
    slow = FakeProbe([[A, B]], [A], "hang")

    async def consume(begun: asyncio.Event) -> None:
        async with measuring({"slow": slow}, LONG, host_clock, Running()) as readings:
            async for _ in readings:
                begun.set()

    begun = asyncio.Event()
    task = asyncio.create_task(consume(begun))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert slow.stopped.is_set()


async def test_a_pause_ends_with_the_last_probe() -> None:
    async with measuring({"quick": FakeProbe([[A]], [A])}, LONG, host_clock, Running()) as readings:
        await readings.pause(LONG)
        assert await readings.some() == [reading(*A)]
        assert await readings.some() == []
