"""What engines say of themselves is remembered by the agent, and beside its spool."""

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sonde_agent.engine.engines import Engines, Heartbeat
from sonde_agent.engine.rows import ReportKind
from sonde_agent.engine.spool import SPOOL, Spool
from sonde_agent.probes.clock_watch import Clocks, this_start
from sonde_agent.probes.engine import EngineProbe
from sonde_core.readings import EngineState, EngineWeight, Kind, Subject
from tests.agent.engine.reports import report

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Host:
    """The clocks of a host: time goes by, and somebody sets the wall clock."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self.set_by = timedelta()

    def wait(self, seconds: float) -> None:
        self.passed += timedelta(seconds=seconds)

    def set_clock(self, by: timedelta) -> None:
        self.set_by += by

    def now(self) -> datetime:
        return NOON + self.passed + self.set_by

    @property
    def clocks(self) -> Clocks:
        return Clocks(wall=self.now, boottime=lambda: timedelta(hours=1) + self.passed)

    def engines(self, directory: Path) -> Engines:
        """Return what the agent, or a command beside it, knows."""
        return Engines(directory / SPOOL, directory / "engine.sock", self.clocks)

    def beat(self, engine: str = "grid", weights: Mapping[str, int] | None = None) -> Heartbeat:
        return Heartbeat(
            engine=engine,
            version="3.1",
            received=self.now(),
            interval=timedelta(seconds=10),
            uptime=timedelta(hours=5),
            last_order=NOON,
            weights=weights or {},
        )


@pytest.fixture
def host() -> Host:
    return Host()


async def kept(spool: Spool, engines: Engines, beat: Heartbeat) -> None:
    """Keep a heartbeat as the agent does."""
    health = report(b"", ReportKind.HEALTH)
    await spool.keep(replace(health, engine=beat.engine, state=engines.note(beat)))


@asynccontextmanager
async def listening(engines: Engines, spool: Spool) -> AsyncIterator[None]:
    """Listen as the agent does."""
    job = asyncio.create_task(engines.listen(spool.keep_listening))
    await asyncio.sleep(0)
    yield
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)


async def test_the_state_is_known_after_a_restart_too(host: Host, tmp_path: Path) -> None:
    engines = host.engines(tmp_path)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        await kept(spool, engines, host.beat(weights={"usdm": 7}))
    host.wait(3)
    state = EngineState(
        version="3.1",
        reported=NOON,
        heartbeat_interval=timedelta(seconds=10),
        uptime=timedelta(hours=5),
        last_order=NOON,
        weights=(EngineWeight(endpoint="usdm", time=NOON, weight=7),),
        silence=timedelta(seconds=3),
        listening=timedelta(),
    )

    assert host.engines(tmp_path).states(host.now()) == {"grid": state}
    host.wait(31 * 86_400)
    assert host.engines(tmp_path).states(host.now()) == {}


@pytest.mark.parametrize("by", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_clock_that_is_set_moves_no_report(host: Host, tmp_path: Path, by: timedelta) -> None:
    engines = host.engines(tmp_path)
    engines.note(host.beat(weights={"usdm": 7}))
    host.wait(60)
    host.set_clock(by)
    engines.note(host.beat(weights={"usdm": 8}))
    host.wait(30)
    host.set_clock(-2 * by)

    state = engines.states(host.now())["grid"]

    assert state.silence == timedelta(seconds=30)
    assert state.reported == host.now() - timedelta(seconds=30)
    assert [(host.now() - each.time, each.weight) for each in state.weights] == [
        (timedelta(seconds=30), 8),
        (timedelta(seconds=90), 7),
    ]


async def test_a_report_from_before_the_hosts_start_has_no_age(host: Host, tmp_path: Path) -> None:
    engines = host.engines(tmp_path)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        state = engines.note(host.beat()).replace(boot(), b"x" * len(boot()))
        health = report(b"", ReportKind.HEALTH)
        await spool.keep(replace(health, engine="grid", state=state))

    assert host.engines(tmp_path).states(host.now())["grid"].silence is None


def boot() -> bytes:
    return this_start().encode()


async def test_it_is_known_for_how_long_the_agent_has_listened(host: Host, tmp_path: Path) -> None:
    engines = host.engines(tmp_path)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        async with listening(engines, spool):
            engines.note(host.beat())
            host.wait(2)
            assert engines.states(host.now())["grid"].listening == timedelta(seconds=2)

            host.wait(7)  # the process stood still, or the host slept
            state = engines.states(host.now())["grid"]

    assert (state.silence, state.listening) == (timedelta(seconds=9), timedelta())


async def test_a_command_beside_the_agent_knows_it_too_as_long_as_the_agent_is_there(
    host: Host, tmp_path: Path
) -> None:
    engines = host.engines(tmp_path)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        async with listening(engines, spool):
            await kept(spool, engines, host.beat())  # after that of the listening, in one thread
    host.wait(90)

    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / "engine.sock"))
        agent.listen()
        beside_it = host.engines(tmp_path).states(host.now())["grid"]
    alone = host.engines(tmp_path).states(host.now())["grid"]

    assert (beside_it.silence, beside_it.listening) == (timedelta(seconds=90),) * 2
    assert (alone.silence, alone.listening) == (timedelta(seconds=90), timedelta())


async def test_an_agent_that_stands_still_keeps_no_command_waiting(
    host: Host, tmp_path: Path
) -> None:
    engines = host.engines(tmp_path)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        async with listening(engines, spool):
            await kept(spool, engines, host.beat())
    path = str(tmp_path / "engine.sock")

    with socket.socket(socket.AF_UNIX) as agent, socket.socket(socket.AF_UNIX) as waiting:
        agent.bind(path)
        agent.listen(0)
        waiting.connect(path)
        async with asyncio.timeout(10):
            states = await asyncio.to_thread(host.engines(tmp_path).states, host.now())

    assert states["grid"].listening == timedelta()


def test_where_nothing_was_ever_reported_there_is_no_engine(host: Host, tmp_path: Path) -> None:
    assert host.engines(tmp_path / "nowhere").states(NOON) == {}


def test_a_file_that_is_no_spool_names_no_engine(host: Host, tmp_path: Path) -> None:
    (tmp_path / SPOOL).write_bytes(b"nonsense" * 1_000)

    assert host.engines(tmp_path).states(NOON) == {}


def test_a_place_that_cannot_be_looked_at_names_no_engine(
    host: Host, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert host.engines(tmp_path / ("long" * 100)).states(NOON) == {}
    assert [each.message for each in caplog.records] == ["Engines unread"]


async def test_an_engine_that_another_version_wrote_of_hides_no_other(
    host: Host, tmp_path: Path
) -> None:
    engines = host.engines(tmp_path)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        await spool.keep(replace(report(b""), engine="old", state=b"nonsense"))
        await kept(spool, engines, host.beat())

    assert set(host.engines(tmp_path).states(NOON)) == {"grid"}


def test_of_each_past_minute_the_last_word_stays(host: Host, tmp_path: Path) -> None:
    engines = host.engines(tmp_path)
    for after in range(0, 301, 20):
        engines.note(host.beat(weights={"usdm": after, "spot": 1}))
        host.wait(20)

    state = engines.states(host.now())["grid"]
    told = [each for each in state.weights if each.endpoint == "usdm"]
    assert [each.weight for each in told] == [300, 280, 220, 160]


def test_what_is_no_longer_told_of_is_forgotten_after_some_minutes(
    host: Host, tmp_path: Path
) -> None:
    engines = host.engines(tmp_path)
    engines.note(host.beat(weights={"spot": 1}))
    host.wait(20)
    engines.note(host.beat(weights={"usdm": 2}))
    assert len(engines.states(host.now())["grid"].weights) == 2

    host.wait(280)
    engines.note(host.beat(weights={"usdm": 3}))
    assert [each.weight for each in engines.states(host.now())["grid"].weights] == [3]


async def test_where_engines_are_more_than_a_host_has_the_longest_silent_one_gives_way(
    host: Host, tmp_path: Path
) -> None:
    engines = host.engines(tmp_path)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        for number in (*range(64), 0, 64, 65):
            host.wait(1)
            await kept(spool, engines, host.beat(f"e{number}"))

    there = {"e0"} | {f"e{number}" for number in range(3, 66)}
    assert set(engines.states(host.now())) == there
    assert set(host.engines(tmp_path).states(host.now())) == there
    with closing(sqlite3.connect(tmp_path / SPOOL)) as file:
        assert file.execute("SELECT count(*) FROM engines").fetchone() == (64,)


async def test_the_probe_reads_each_engine(host: Host, tmp_path: Path) -> None:
    engines = host.engines(tmp_path)
    engines.note(host.beat("b"))
    engines.note(host.beat("a"))

    readings = [r async for r in EngineProbe(states=engines.states, now=host.now).measure()]

    assert [(r.kind, r.subject, r.time) for r in readings] == [
        (Kind.ENGINE, Subject("engine", "a"), NOON),
        (Kind.ENGINE, Subject("engine", "b"), NOON),
    ]
