"""When an engine counts as silent: a row per line of the rule's table."""

from datetime import timedelta

import pytest

from sonde_core.findings import Confidence, Verdict
from sonde_core.readings import EngineState, Kind, Subject
from sonde_core.rules.engine import examine
from tests.core.hosts import NOW, evidence, reading

DAY = 86_400


def judged(
    *silences: tuple[str, int | None, int | None], listening: int = DAY
) -> list[tuple[str, Verdict, Confidence | None]]:
    """Return what is said of engines by name, each silent for so many seconds."""
    readings = [
        reading(
            Kind.ENGINE,
            Subject("engine", name),
            EngineState(
                version="",
                reported=NOW,  # the wall clock may say anything
                heartbeat_interval=None if every is None else timedelta(seconds=every),
                silence=None if silence is None else timedelta(seconds=silence),
                listening=timedelta(seconds=listening),
            ),
        )
        for name, silence, every in silences
    ]
    return [(f.subject.name, f.verdict, f.confidence) for f in examine(evidence(*readings))]


@pytest.mark.parametrize(
    ("silence", "every", "listening", "verdict"),
    [
        pytest.param(22, 10, DAY, Verdict.FOUND, id="two reports are overdue"),
        pytest.param(20, 10, DAY, Verdict.CLEAR, id="the second is on its way"),
        pytest.param(3, 10, DAY, Verdict.CLEAR, id="in time"),
        pytest.param(DAY, None, 0, Verdict.CLEAR, id="none was announced"),
        pytest.param(20, 10, 1, Verdict.CLEAR, id="in time, to the agent before this one"),
        pytest.param(22, 10, 22, Verdict.FOUND, id="the agent listened all the time"),
        pytest.param(22, 10, 21, Verdict.UNKNOWN, id="the agent has just begun to listen"),
        pytest.param(DAY, 10, 41, Verdict.UNKNOWN, id="it may still be looking for the agent"),
        pytest.param(DAY, 10, 42, Verdict.FOUND, id="it would have found the agent by now"),
        pytest.param(None, 10, 41, Verdict.UNKNOWN, id="the host has just started"),
        pytest.param(None, 10, 42, Verdict.FOUND, id="it did not come back with the host"),
        pytest.param(DAY, 10, 0, Verdict.UNKNOWN, id="no agent listens"),
    ],
)
def test_an_engine_is_silent_when_two_reports_are_overdue_that_would_have_been_heard(
    silence: int | None, every: int | None, listening: int, verdict: Verdict
) -> None:
    sure = Confidence.CONFIRMED if verdict is Verdict.FOUND else None
    assert judged(("grid", silence, every), listening=listening) == [("grid", verdict, sure)]


def test_each_engine_is_judged_by_itself() -> None:
    assert judged(("a", 3, 10), ("b", 99, 10)) == [
        ("a", Verdict.CLEAR, None),
        ("b", Verdict.FOUND, Confidence.CONFIRMED),
    ]


def test_nothing_is_said_where_no_engine_ever_reported() -> None:
    assert judged() == []
