"""Steps of the wall clock are seen, with their size; sleep and slewing are none."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from sonde_agent.probes import clock_watch
from sonde_agent.probes.clock_watch import ClockHistoryProbe, Clocks, ClockWatcher, this_start
from sonde_core.readings import Kind
from sonde_core.timekeeping import ClockDrift
from tests.core.hosts import NOW, ms


@dataclass
class Machine:
    """A machine whose clocks do what they are told."""

    up: timedelta = timedelta(hours=5)
    asleep: timedelta = field(default=timedelta())
    ahead: timedelta = field(default=timedelta())

    @property
    def clocks(self) -> Clocks:
        return Clocks(
            wall=lambda: NOW + self.up + self.ahead,
            boottime=lambda: self.up,
            awake=lambda: self.up - self.asleep,
        )

    def run(self, **span: float) -> None:
        self.up += timedelta(**span)

    def sleep(self, **span: float) -> None:
        self.run(**span)
        self.asleep += timedelta(**span)


def watching(machine: Machine) -> ClockWatcher:
    watcher = ClockWatcher(machine.clocks)
    watcher.look()
    return watcher


def test_a_step_is_told_with_its_time_and_its_size() -> None:
    machine = Machine()
    watcher = watching(machine)
    machine.run(minutes=10)
    machine.ahead -= ms(1_503)

    watch = watcher.watched()

    assert watch
    [step] = watch.steps
    assert (step.time, step.size) == (machine.clocks.wall(), ms(-1_503))
    assert watch.since == NOW + timedelta(hours=5)


def test_a_step_is_told_once_and_the_way_back_is_another() -> None:
    machine = Machine()
    watcher = watching(machine)
    for by in (2_000, 0, -2_000, 0.4):
        machine.run(minutes=1)
        machine.ahead += ms(by)
        watcher.look()

    watch = watcher.watched()

    assert watch
    assert [step.size for step in watch.steps] == [ms(2_000), ms(-2_000)]


def test_a_host_that_slept_made_no_step() -> None:
    machine = Machine(asleep=timedelta(minutes=30))
    watcher = watching(machine)
    machine.sleep(hours=8)
    machine.run(minutes=1)

    watch = watcher.watched()

    assert watch
    assert (watch.steps, watch.suspended) == ((), timedelta(hours=8))


def test_a_step_while_the_host_slept_is_told_apart_from_the_sleep() -> None:
    machine = Machine()
    watcher = watching(machine)
    machine.sleep(hours=8)
    machine.ahead += ms(700)

    watch = watcher.watched()

    assert watch
    assert ([s.size for s in watch.steps], watch.suspended) == ([ms(700)], timedelta(hours=8))


def test_only_the_newest_steps_are_kept() -> None:
    machine = Machine()
    watcher = watching(machine)
    for _ in range(40):
        machine.ahead += ms(500)
        watcher.look()

    watch = watcher.watched()

    assert watch
    assert len(watch.steps) == 32


def test_the_clocks_of_this_machine_keep_their_distance() -> None:
    clocks = Clocks()

    assert abs(clocks.gap() - clocks.gap()) < timedelta(seconds=1)
    assert clocks.slept() > -ms(1)


async def test_an_agent_that_does_not_watch_tells_nothing() -> None:
    probe = ClockHistoryProbe(watched=ClockWatcher(Clocks()).watched, drift=lambda: None)

    assert [reading async for reading in probe.measure()] == []
    assert list(probe.steps()) == []


async def test_what_was_seen_becomes_readings() -> None:
    seen = ClockDrift(per_hour=ms(58), bound=ms(2), over=timedelta(hours=1), calibrations=3)
    probe = ClockHistoryProbe(watched=watching(Machine()).watched, drift=lambda: seen)

    kinds = [reading.kind async for reading in probe.measure()]

    assert kinds == [Kind.CLOCK_WATCH, Kind.CLOCK_DRIFT]


def test_every_step_is_counted_although_only_the_last_are_remembered() -> None:
    machine = Machine()
    watcher = watching(machine)
    for _ in range(40):
        machine.ahead += ms(2_000)
        watcher.look()

    watch = watcher.watched()

    assert watch
    assert (len(watch.steps), watcher.steps_seen) == (32, 40)


def test_processes_of_one_start_of_the_host_know_it_by_the_same_name() -> None:
    first = this_start()
    this_start.cache_clear()  # as in another process

    assert first == this_start() == Clocks().boot != ""


def test_where_the_start_is_hidden_each_process_has_one_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clock_watch, "_BOOT_ID", tmp_path / "hidden")
    this_start.cache_clear()
    try:
        first, again = Clocks().boot, Clocks().boot
        this_start.cache_clear()  # as in another process
        assert first == again != Clocks().boot != ""
    finally:
        this_start.cache_clear()
