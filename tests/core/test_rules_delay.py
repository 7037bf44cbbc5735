"""A refused timestamp where the clock is not to blame, or not known."""

from datetime import timedelta

import pytest

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Severity, Verdict
from sonde_core.readings import HOST, SPOT, USDM, AgentSettings, Answer, Kind, Reading, SigningClock
from sonde_core.rules import clock, delay
from tests.core.hosts import (
    MAIN,
    evidence,
    exchange_time,
    host,
    ms,
    ntp,
    ok,
    reading,
    refused,
)

OUTSIDE = "Timestamp for this request is outside of the recvWindow."
AHEAD = "Timestamp for this request was 1000ms ahead of the server's time."


def late(took_ms: float) -> Reading:
    answer = Answer(
        status=400,
        code=-1021,
        message=OUTSIDE,
        clock=SigningClock.HOST,
        latency=timedelta(milliseconds=took_ms),
    )
    return reading(Kind.API_RESTRICTIONS, MAIN, answer)


def window(span_ms: float) -> Reading:
    return reading(Kind.SETTINGS, HOST, AgentSettings(version="1", recv_window=ms(span_ms)))


UNTOLD = [Kind.NTP, Kind.EXCHANGE_TIME]
NONE = (Verdict.CLEAR, None, None)


@pytest.mark.parametrize(
    ("present", "latency", "skew"),
    [
        pytest.param(host(), NONE, NONE, id="nothing refused"),
        pytest.param(
            host(late(5_600)),
            (Verdict.FOUND, Confidence.CONFIRMED, None),
            NONE,
            id="a right clock, a slow way",
        ),
        pytest.param(
            host(late(40)),
            (Verdict.FOUND, Confidence.LIKELY, None),
            NONE,
            id="a right clock, refused, and yet quick",
        ),
        pytest.param(
            host(window(100), *(exchange_time(0, bound_ms=90, endpoint=e) for e in (USDM, SPOT))),
            (Verdict.FOUND, Confidence.LIKELY, Severity.WARNING),
            NONE,
            id="a window shorter than the way",
        ),
        pytest.param(
            host(*(ntp(-7_000, name=n) for n in "abc"), exchange_time(-7_000), late(40)),
            NONE,
            NONE,
            id="the clock explains it",
        ),
        pytest.param(
            host(late(40), without=UNTOLD),
            (Verdict.UNKNOWN, None, None),
            (Verdict.FOUND, Confidence.LIKELY, None),
            id="nobody could tell the time",
        ),
    ],
)
def test_lateness_is_told_apart(present: Evidence, latency: object, skew: object) -> None:
    told = [(f.verdict, f.confidence, f.severity) for f in delay.examine(present)]

    assert told == [latency, skew]


def test_without_a_signed_answer_nothing_is_known_of_delays() -> None:
    told = delay.examine(evidence(exchange_time(0)))

    assert {f.verdict for f in told} == {Verdict.UNKNOWN}


def test_nobody_could_tell_the_time_but_the_exchange_calls_it_ahead() -> None:
    told = host(refused(Kind.API_RESTRICTIONS, -1021, AHEAD, status=400), without=UNTOLD)

    [ahead, behind] = clock.examine(told)

    assert (ahead.verdict, ahead.confidence) == (Verdict.FOUND, Confidence.LIKELY)
    assert behind.verdict is Verdict.UNKNOWN
    assert {f.cause for f in delay.examine(told) if f.verdict is Verdict.FOUND} == set()


def test_a_right_clock_that_is_refused_as_too_late_is_right() -> None:
    [_, behind] = clock.examine(host(late(40)))

    assert behind.verdict is Verdict.CLEAR


def test_one_accepted_call_is_enough_to_know_of_delays() -> None:
    told = evidence(exchange_time(0), ok(Kind.FUTURES_ACCOUNT))

    assert {f.verdict for f in delay.examine(told)} == {Verdict.CLEAR}
