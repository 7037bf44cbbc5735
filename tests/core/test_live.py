"""What the host knows decides what a refusal's text leaves open: a row per line of the table."""

from datetime import timedelta

import pytest

from sonde_core.clock import Estimate
from sonde_core.explainer import explain
from sonde_core.findings import item
from sonde_core.live import by_the_clock, by_the_gate, by_the_symbol
from tests.core.hosts import NOW

OUTSIDE = explain('{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}')
BANNED = explain('{"code":-1003,"msg":"Way too many requests; IP banned until 1893456000000."}')
WINDOW = timedelta(seconds=5)


def clock(offset_ms: int, bound_ms: int = 20) -> Estimate:
    return Estimate(
        offset=timedelta(milliseconds=offset_ms), bound=timedelta(milliseconds=bound_ms)
    )


@pytest.mark.parametrize(
    ("known", "cause", "confidence"),
    [
        pytest.param(clock(1_500), "CLOCK_AHEAD", "confirmed", id="ahead"),
        pytest.param(clock(-5_100), "CLOCK_BEHIND", "confirmed", id="behind"),
        pytest.param(clock(30), "RECV_WINDOW_LATENCY", "likely", id="right"),
        pytest.param(clock(-900), "RECV_WINDOW_LATENCY", "likely", id="hardly behind"),
        pytest.param(clock(-4_900), "CLOCK_BEHIND", "likely", id="behind for all but the fastest"),
        pytest.param(clock(-1_100), "CLOCK_BEHIND", "likely", id="behind by a good part"),
        pytest.param(clock(-5_000, 500), "CLOCK_BEHIND", "likely", id="not known well enough"),
        pytest.param(None, "CLOCK_BEHIND", "likely", id="not known"),
    ],
)
def test_the_measured_clock_tells_behind_ahead_and_late_apart(
    known: Estimate | None, cause: str, confidence: str
) -> None:
    surer = by_the_clock(OUTSIDE, known, WINDOW)

    assert (surer.cause, surer.confidence.value) == (cause, confidence)
    assert surer.cause not in surer.alternatives
    assert surer.facts == OUTSIDE.facts


def test_a_small_window_is_used_up_by_less() -> None:
    surer = by_the_clock(OUTSIDE, clock(-280), timedelta(milliseconds=300))

    assert (surer.cause, surer.confidence.value) == ("CLOCK_BEHIND", "likely")


def test_a_right_clock_changes_nothing_about_other_refusals() -> None:
    assert by_the_clock(BANNED, clock(9_000), WINDOW) == BANNED


def test_of_two_ends_of_a_ban_the_later_counts() -> None:
    told = BANNED.facts.banned_until
    assert told is not None
    later = told + timedelta(minutes=3)

    assert by_the_gate(BANNED, later).facts.banned_until == later
    assert by_the_gate(BANNED, told - timedelta(minutes=3)).facts.banned_until == told
    assert by_the_gate(BANNED, None) == BANNED
    assert by_the_gate(OUTSIDE, NOW) == OUTSIDE


def test_a_symbol_that_the_exchange_does_not_have_is_the_cause() -> None:
    refused = explain("-1013 Filter failure: LOT_SIZE QQQUSDT quantity=1")
    absent = item("symbol_absent", symbol="QQQUSDT", endpoint="spot")

    told = by_the_symbol(refused, [absent])

    assert (told.cause, told.confidence) == ("SYMBOL_INVALID", "likely")
    assert told.alternatives[0] == "FILTER_VIOLATION"
    assert by_the_symbol(refused, []) == refused
