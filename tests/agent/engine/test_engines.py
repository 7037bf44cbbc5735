"""What engines say of themselves is remembered by the agent, and beside its spool."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sonde_agent.engine.engines import Engines, Heartbeat
from sonde_agent.engine.rows import ReportKind
from sonde_agent.engine.spool import SPOOL, Spool
from sonde_agent.probes.engine import EngineProbe
from sonde_core.errors import RequestInvalidError
from sonde_core.readings import EngineState, EngineWeight, Kind, Subject
from tests.agent.engine.reports import report

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def beat(
    engine: str = "grid", after: int = 0, weights: Mapping[str, int] | None = None
) -> Heartbeat:
    return Heartbeat(
        engine=engine,
        version="3.1",
        received=NOON + timedelta(seconds=after),
        interval=timedelta(seconds=10),
        uptime=timedelta(hours=5),
        last_order=NOON,
        weights=weights or {},
    )


async def test_the_state_is_known_after_a_restart_too(tmp_path: Path) -> None:
    engines = Engines(tmp_path / SPOOL)
    with closing(Spool(tmp_path / SPOOL)) as spool:
        health = report(b"", ReportKind.HEALTH)
        await spool.keep(
            replace(health, engine="grid", state=engines.note(beat(weights={"usdm": 7})))
        )
    state = EngineState(
        version="3.1",
        reported=NOON,
        heartbeat_interval=timedelta(seconds=10),
        uptime=timedelta(hours=5),
        last_order=NOON,
        weights=(EngineWeight(endpoint="usdm", time=NOON, weight=7),),
    )

    assert engines.states(NOON) == Engines(tmp_path / SPOOL).states(NOON) == {"grid": state}
    assert engines.states(NOON + timedelta(days=31)) == {}


def test_where_nothing_was_ever_reported_there_is_no_engine(tmp_path: Path) -> None:
    assert Engines(tmp_path / "nowhere" / SPOOL).states(NOON) == {}


def test_a_file_that_is_no_spool_names_no_engine(tmp_path: Path) -> None:
    (tmp_path / SPOOL).write_bytes(b"nonsense" * 1_000)

    assert Engines(tmp_path / SPOOL).states(NOON) == {}


def test_of_each_past_minute_the_last_word_stays(tmp_path: Path) -> None:
    engines = Engines(tmp_path)
    for after in range(0, 301, 20):
        engines.note(beat(after=after, weights={"usdm": after, "spot": 1}))

    told = [each for each in engines.states(NOON)["grid"].weights if each.endpoint == "usdm"]
    assert [each.weight for each in told] == [300, 280, 220, 160]


def test_what_is_no_longer_told_of_is_forgotten_after_some_minutes(tmp_path: Path) -> None:
    engines = Engines(tmp_path)
    engines.note(beat(weights={"spot": 1}))
    engines.note(beat(after=20, weights={"usdm": 2}))
    assert len(engines.states(NOON)["grid"].weights) == 2

    engines.note(beat(after=300, weights={"usdm": 3}))
    assert [each.weight for each in engines.states(NOON)["grid"].weights] == [3]


def test_there_is_an_end_to_the_number_of_engines(tmp_path: Path) -> None:
    engines = Engines(tmp_path)
    for number in range(64):
        engines.note(beat(f"e{number}"))

    with pytest.raises(RequestInvalidError, match="64 others"):
        engines.note(beat("one more"))
    engines.note(beat("e0"))


async def test_the_probe_reads_each_engine(tmp_path: Path) -> None:
    engines = Engines(tmp_path)
    engines.note(beat("b"))
    engines.note(beat("a"))

    readings = [r async for r in EngineProbe(states=engines.states, now=lambda: NOON).measure()]

    assert [(r.kind, r.subject, r.time) for r in readings] == [
        (Kind.ENGINE, Subject("engine", "a"), NOON),
        (Kind.ENGINE, Subject("engine", "b"), NOON),
    ]
