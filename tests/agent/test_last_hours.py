"""What was measured outlives the agent, but neither a new start of the host nor a lie."""

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sonde_agent.calibration import Calibrator, NtpProbes, Timekeeping
from sonde_agent.last_hours import FILE, LastHours
from sonde_agent.probes.clock_watch import Clocks, ClockWatcher
from sonde_agent.probes.exchange.round_trips import RoundTripLog
from sonde_agent.probes.ntp import NtpProbe
from sonde_core.calibration import Calibration, Mark
from sonde_core.clock import Estimate
from sonde_core.path import RoundTrips
from sonde_core.timekeeping import ClockDrift

MS = timedelta(milliseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTED = datetime(2030, 1, 1, tzinfo=UTC)
WAY = "usdm https://fapi.binance.com direct"
STEP = {"time": "2030-01-01T12:00:00Z", "size": "PT1S"}
WATCH: dict[str, object] = {"since": "2030-01-01T12:00:00Z", "steps": [], "suspended": "PT0S"}
SEEN: dict[str, object] = {"watch": WATCH, "gap": "PT0S", "slept": "PT0S"}


@dataclass
class Machine:
    """A host that runs at a word, is set, and starts anew."""

    started: datetime = STARTED
    up: timedelta = 5 * HOUR
    set_by: timedelta = timedelta()

    def wall(self) -> datetime:
        return self.started + self.up + self.set_by

    def start_anew(self, *, after: timedelta = MINUTE, up: timedelta = MINUTE) -> None:
        self.started += self.up + after
        self.up = up


class Running:
    """What an agent on the machine remembers."""

    def __init__(self, machine: Machine, directory: Path) -> None:
        clocks = Clocks(wall=machine.wall, boottime=lambda: machine.up, awake=lambda: machine.up)
        nobody = NtpProbe(servers=(), samples=1, timeout=MS)
        self.machine = machine
        self.log = RoundTripLog(lambda: machine.up)
        self.calibrator = Calibrator(
            ntp=NtpProbes(nobody, nobody),
            exchange=nobody,
            lately=lambda: self.log.slow([WAY]),
            clocks=clocks,
        )
        self.watcher = ClockWatcher(clocks)
        timekeeping = Timekeeping(self.watcher, self.calibrator)
        self.last_hours = LastHours.within(directory, self.log, timekeeping)
        self.last_hours.restore()

    def measure(self, hours: int = 2) -> None:
        """Let hours pass in which the clock gains 40 ms each and a round trip takes 20 ms."""
        marks = self.calibrator.marks
        for minute in range(60 * hours):
            self.machine.up += MINUTE
            self.log.note(WAY, 20 * MS)
            if minute % 10 == 0:
                marks.append(self._mark(minute * 40 * MS / 60))
        self.calibrator.restore(marks)
        self.last_hours.keep()

    def _mark(self, ahead: timedelta) -> Mark:
        gap = self.calibrator.clocks.gap()
        return Mark(at=self.machine.up, gap=gap, estimate=Estimate(offset=ahead, bound=MS))

    @property
    def round_trips(self) -> RoundTrips | None:
        return self.log.told(WAY, self.machine.wall())

    @property
    def drift(self) -> ClockDrift | None:
        return self.calibrator.drift()

    @property
    def now(self) -> Calibration | None:
        return self.calibrator.current()


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def before(machine: Machine, tmp_path: Path) -> Running:
    agent = Running(machine, tmp_path)
    agent.watcher.look()
    agent.measure()
    return agent


def knows_nothing(agent: Running) -> bool:
    known = (agent.round_trips, agent.drift, agent.now, agent.watcher.watched())
    return known == (None, None, None, None)


def test_an_agent_goes_on_where_the_one_before_it_ended(
    machine: Machine, before: Running, tmp_path: Path
) -> None:
    after = Running(machine, tmp_path)

    assert (after.round_trips, after.drift, after.now) == (
        before.round_trips,
        before.drift,
        before.now,
    )
    assert after.round_trips
    assert after.round_trips.count == 120
    assert after.drift
    assert abs(after.drift.per_hour - 40 * MS) < MS


def test_steps_outlive_the_agent_and_one_that_it_was_away_for_is_seen(
    machine: Machine, tmp_path: Path
) -> None:
    before = Running(machine, tmp_path)
    before.watcher.look()
    began = machine.wall()
    machine.set_by += 300 * MS
    before.last_hours.keep()
    machine.up += MINUTE
    machine.set_by -= 900 * MS

    watch = Running(machine, tmp_path).watcher.watched()

    assert watch
    assert watch.since == began
    assert [step.size for step in watch.steps] == [300 * MS, -900 * MS]


@pytest.mark.parametrize("up", [timedelta(seconds=20), 5 * HOUR, 30 * DAY], ids=str)
def test_after_a_new_start_of_the_host_all_is_measured_anew(
    machine: Machine, before: Running, tmp_path: Path, up: timedelta
) -> None:
    machine.start_anew(up=up)

    assert not knows_nothing(before)
    assert knows_nothing(Running(machine, tmp_path))


@pytest.mark.parametrize("kept_at", [timedelta(seconds=2), timedelta(seconds=40)], ids=str)
def test_a_host_that_starts_again_and_again_is_not_taken_for_one_that_runs_on(
    tmp_path: Path, kept_at: timedelta
) -> None:
    machine = Machine(up=kept_at)
    Running(machine, tmp_path).log.note(WAY, MS)
    agent = Running(machine, tmp_path)
    agent.log.note(WAY, MS)
    agent.last_hours.keep()
    machine.start_anew(after=timedelta(), up=kept_at + timedelta(seconds=5))

    assert knows_nothing(Running(machine, tmp_path))


def test_a_clock_that_was_put_back_over_a_new_start_hides_it_from_nobody(
    machine: Machine, before: Running, tmp_path: Path
) -> None:
    ran = machine.up
    machine.start_anew(up=MINUTE)
    machine.set_by = -(ran + MINUTE)

    assert not knows_nothing(before)
    assert knows_nothing(Running(machine, tmp_path))


def test_a_small_step_while_no_agent_ran_moves_the_offset_and_nothing_else(
    machine: Machine, before: Running, tmp_path: Path
) -> None:
    known = before.now
    machine.set_by += 700 * MS
    after = Running(machine, tmp_path)

    assert known
    assert after.now
    assert after.now.offset == known.offset + 700 * MS
    assert after.drift == before.drift


def test_a_clock_that_was_set_far_has_all_measured_anew(
    machine: Machine, before: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    machine.set_by += 3 * HOUR

    assert not knows_nothing(before)
    assert knows_nothing(Running(machine, tmp_path))
    assert "measuring anew" in caplog.text


def test_a_rate_is_not_believed_after_a_long_time_without_an_agent(
    machine: Machine, before: Running, tmp_path: Path
) -> None:
    machine.up += 2 * HOUR
    after = Running(machine, tmp_path)

    assert before.drift
    assert (after.drift, after.now) == (None, None)
    assert after.round_trips == before.round_trips


def test_a_damaged_file_is_told_once_and_forgotten(
    machine: Machine, before: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / FILE
    whole, dice = file.read_bytes(), random.Random(5)
    file.write_bytes(whole[: len(whole) // 2])
    after = Running(machine, tmp_path)
    after.last_hours.restore()

    assert not knows_nothing(before)
    assert knows_nothing(after)
    assert [each.message for each in caplog.records] == ["Kept measurements are ignored"]
    for _ in range(300):
        place = dice.randrange(len(whole))
        file.write_bytes(whole[:place] + bytes([dice.randrange(256)]) + whole[place + 1 :])
        knows_nothing(Running(machine, tmp_path))  # or something: it never raises


@pytest.mark.parametrize(
    "change",
    [
        {"at": "P999999999D"},
        {"gap": "-P999999999D"},
        {"round_trips": {WAY: [["P9D", "PT0.02S"]]}},
        {"round_trips": {WAY: [["PT1H", "-PT1S"]]}},
        {"round_trips": {WAY: [["PT1H"]]}},
        {"marks": [{"at": "P9D", "gap": "PT0S", "estimate": {"offset": "PT0S", "bound": "PT0S"}}]},
        {
            "marks": [
                {"at": "PT1H", "gap": "PT0S", "estimate": {"offset": "P99999999D", "bound": "PT0S"}}
            ]
        },
        {
            "marks": [
                {"at": "PT1H", "gap": "PT0S", "estimate": {"offset": "PT0S", "bound": "-PT1S"}}
            ]
        },
        {"marks": None},
        {"clock": SEEN | {"gap": "P999999999D"}},
        {"clock": SEEN | {"watch": WATCH | {"since": "2026-01-01T12:00:00"}}},
        {"clock": SEEN | {"watch": WATCH | {"steps": [STEP] * 33}}},
        {"clock": SEEN | {"watch": WATCH | {"steps": [STEP | {"size": "P999999999D"}]}}},
    ],
    ids=str,
)
def test_numbers_that_cannot_be_are_not_believed(
    machine: Machine, before: Running, tmp_path: Path, change: dict[str, object]
) -> None:
    file = tmp_path / FILE
    file.write_text(json.dumps(json.loads(file.read_bytes()) | change))

    assert not knows_nothing(before)
    assert knows_nothing(Running(machine, tmp_path))


def test_the_file_stays_small_and_private(machine: Machine, tmp_path: Path) -> None:
    agent = Running(machine, tmp_path)
    for _ in range(3):
        agent.measure(hours=24)
        for each in range(720):
            for way in range(9):
                agent.log.note(f"spot https://{way}.example direct", each * MS)
    agent.last_hours.keep()
    file = tmp_path / FILE

    assert file.stat().st_size < 256 * 1024
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == [FILE]
    assert Running(machine, tmp_path).log.all() == agent.log.all()


def test_where_it_cannot_be_kept_the_log_says_so_once(
    machine: Machine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    agent = Running(machine, tmp_path / "nowhere")
    agent.last_hours.keep()
    agent.last_hours.keep()

    assert [each.message for each in caplog.records] == ["Measurements cannot be kept"]


async def test_what_is_known_is_kept_when_the_agent_ends(machine: Machine, tmp_path: Path) -> None:
    agent = Running(machine, tmp_path)
    job = asyncio.create_task(agent.last_hours.run())
    await asyncio.sleep(0)
    agent.log.note(WAY, 7 * MS)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job

    after = Running(machine, tmp_path).round_trips
    assert after
    assert (after.count, after.longest) == (1, 7 * MS)
