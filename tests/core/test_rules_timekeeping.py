"""When nothing keeps the clock, and when somebody set it."""

import pytest

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Severity, Verdict
from sonde_core.readings import HOST, AgentSettings, FailureReason, Kind, Reading
from sonde_core.rules import timekeeping
from sonde_core.timekeeping import Keeper
from tests.core.clock_cases import NOBODY, drifts, keeps, kernel, off, set_by
from tests.core.hosts import evidence, failed, ms, reading

_SILENT = failed(Kind.SYNCHRONIZER, HOST, FailureReason.TIMEOUT, "chronyd did not answer")


def findings(evidence_: Evidence) -> dict[str, Finding]:
    return {finding.cause: finding for finding in timekeeping.examine(evidence_)}


def unsynchronized(*readings: Reading) -> Finding:
    return findings(evidence(*readings))["CLOCK_UNSYNCHRONIZED"]


def stepped(*readings: Reading) -> Finding:
    return findings(evidence(*readings))["CLOCK_STEPPED"]


@pytest.mark.parametrize(
    ("readings", "verdict", "severity", "said"),
    [
        pytest.param([], Verdict.UNKNOWN, None, [], id="an agent that does not say"),
        pytest.param([_SILENT], Verdict.UNKNOWN, None, [], id="a program that does not answer"),
        pytest.param(
            [_SILENT, kernel(synchronized=False)], Verdict.UNKNOWN, None, [], id="nor the kernel"
        ),
        pytest.param(
            [_SILENT, kernel(synchronized=True)],
            Verdict.CLEAR,
            None,
            ["kernel_synchronized"],
            id="but the kernel says that somebody keeps it",
        ),
        pytest.param([keeps()], Verdict.CLEAR, None, ["synchronizer_good"], id="chrony"),
        pytest.param(
            [NOBODY, kernel(synchronized=True)],
            Verdict.CLEAR,
            None,
            ["kernel_synchronized"],
            id="nobody in this container, somebody outside",
        ),
        pytest.param([NOBODY], Verdict.FOUND, None, ["no_synchronizer"], id="nobody at all"),
        pytest.param(
            [keeps(reachable=0)],
            Verdict.FOUND,
            Severity.WARNING,
            ["synchronizer_unreached"],
            id="no source answers",
        ),
        pytest.param(
            [keeps(synchronized=False)],
            Verdict.FOUND,
            Severity.WARNING,
            ["synchronizer_not_synchronized"],
            id="not synchronised by its own word",
        ),
        pytest.param(
            [keeps(Keeper.NTPD, distance=ms(1_500))],
            Verdict.FOUND,
            Severity.WARNING,
            ["synchronizer_far"],
            id="root distance over the limit",
        ),
        pytest.param(
            [keeps(), *off(-700), drifts(3_000)],
            Verdict.CLEAR,
            None,
            ["synchronizer_good"],
            id="a program that works brings the clock back: no forecast",
        ),
        pytest.param(
            [keeps(), *off(700), drifts(58)],
            Verdict.FOUND,
            Severity.WARNING,
            ["clock_drift_forecast"],
            id="the clock runs away, whatever the program says",
        ),
        pytest.param(
            [_SILENT, *off(700), drifts(58)],
            Verdict.FOUND,
            Severity.WARNING,
            ["clock_drift_forecast"],
            id="the clock runs away, and the program does not answer",
        ),
        pytest.param(
            [NOBODY, kernel(synchronized=True), *off(700), drifts(58)],
            Verdict.FOUND,
            Severity.WARNING,
            ["clock_drift_forecast"],
            id="the clock runs away, though the kernel says that somebody keeps it",
        ),
    ],
)
def test_who_keeps_the_clock(
    readings: list[Reading], verdict: Verdict, severity: Severity | None, said: list[str]
) -> None:
    finding = unsynchronized(*readings)

    assert (finding.verdict, finding.severity) == (verdict, severity)
    assert [item.id for item in finding.supporting] == said


@pytest.mark.parametrize(
    ("offset_ms", "per_hour_ms", "bound_ms", "hours"),
    [
        pytest.param(710, 58, 2, 5, id="ahead and gaining"),
        pytest.param(-710, 58, 2, None, id="behind and gaining: more than a day"),
        pytest.param(-710, 150, 2, 11, id="behind, and right in between"),
        pytest.param(-1_000, -500, 2, 8, id="behind and losing: recvWindow is the limit"),
        pytest.param(0, 42, 2, 24, id="just within a day"),
        pytest.param(0, 40, 2, None, id="just beyond a day"),
        pytest.param(710, 58, 60, None, id="the direction is in doubt"),
        pytest.param(1_503, 58, 2, None, id="refused already"),
    ],
)
def test_the_refusal_is_forecast_where_it_comes_within_a_day(
    offset_ms: float, per_hour_ms: float, bound_ms: float, hours: int | None
) -> None:
    finding = unsynchronized(*off(offset_ms), NOBODY, drifts(per_hour_ms, bound_ms))

    told = [i.values["hours"] for i in finding.supporting if i.id == "clock_drift_forecast"]
    assert told == ([hours] if hours is not None else [])
    assert finding.severity is (Severity.WARNING if told else None)
    assert finding.confidence is (Confidence.CONFIRMED if told else Confidence.LIKELY)


def test_a_shorter_recv_window_is_used_up_sooner() -> None:
    short = reading(Kind.SETTINGS, HOST, AgentSettings(version="1", recv_window=ms(2_040)))

    finding = unsynchronized(*off(-1_000), NOBODY, drifts(-500), short)

    [forecast, _] = finding.supporting
    assert forecast.values["hours"] == 2


def test_within_two_hours_the_forecast_counts_minutes() -> None:
    [forecast, _] = unsynchronized(*off(900), NOBODY, drifts(100)).supporting

    assert forecast.values["minutes"] == 60


@pytest.mark.parametrize(
    ("watch", "verdict", "severity"),
    [
        pytest.param(set_by(), Verdict.CLEAR, None, id="never set"),
        pytest.param(set_by(watched=0), Verdict.UNKNOWN, None, id="just begun to look"),
        pytest.param(set_by(-1_503), Verdict.FOUND, None, id="once: perhaps it was mended"),
        pytest.param(set_by(2_000, -2_000), Verdict.FOUND, Severity.WARNING, id="twice"),
        pytest.param(set_by(50, -50), Verdict.CLEAR, None, id="too little to matter"),
        pytest.param(set_by(-1_503, hours_ago=25), Verdict.CLEAR, None, id="the day before"),
    ],
)
def test_a_clock_that_was_set(watch: Reading, verdict: Verdict, severity: Severity | None) -> None:
    finding = stepped(watch)

    assert (finding.verdict, finding.severity) == (verdict, severity)


def test_nobody_watched_and_nothing_is_claimed() -> None:
    assert stepped().verdict is Verdict.UNKNOWN


def test_a_step_is_told_with_its_time_and_size() -> None:
    [step] = stepped(set_by(-1_503)).supporting

    assert (step.values["by_ms"], step.reading) == (-1_503, (Kind.CLOCK_WATCH, HOST))
