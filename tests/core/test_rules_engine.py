"""When an engine counts as silent: a row per line of the rule's table."""

from datetime import timedelta

import pytest

from sonde_core.findings import Confidence, Verdict
from sonde_core.readings import EngineState, Kind, Subject
from sonde_core.rules.engine import examine
from tests.core.hosts import NOW, evidence, reading


def judged(*silences: tuple[str, int, int | None]) -> list[tuple[str, Verdict, Confidence | None]]:
    """Return what is said of engines by name, each silent for so many seconds."""
    readings = [
        reading(
            Kind.ENGINE,
            Subject("engine", name),
            EngineState(
                version="",
                reported=NOW - timedelta(seconds=silence),
                heartbeat_interval=None if every is None else timedelta(seconds=every),
            ),
        )
        for name, silence, every in silences
    ]
    return [(f.subject.name, f.verdict, f.confidence) for f in examine(evidence(*readings))]


@pytest.mark.parametrize(
    ("silence", "every", "verdict"),
    [
        pytest.param(22, 10, Verdict.FOUND, id="two reports are overdue"),
        pytest.param(20, 10, Verdict.CLEAR, id="the second is on its way"),
        pytest.param(3, 10, Verdict.CLEAR, id="in time"),
        pytest.param(-50, 10, Verdict.CLEAR, id="the clock was set back"),
        pytest.param(86_400, None, Verdict.CLEAR, id="none was announced"),
    ],
)
def test_an_engine_is_silent_when_two_reports_are_overdue(
    silence: int, every: int | None, verdict: Verdict
) -> None:
    sure = Confidence.CONFIRMED if verdict is Verdict.FOUND else None
    assert judged(("grid", silence, every)) == [("grid", verdict, sure)]


def test_each_engine_is_judged_by_itself() -> None:
    assert judged(("a", 3, 10), ("b", 99, 10)) == [
        ("a", Verdict.CLEAR, None),
        ("b", Verdict.FOUND, Confidence.CONFIRMED),
    ]


def test_nothing_is_said_where_no_engine_ever_reported() -> None:
    assert judged() == []
