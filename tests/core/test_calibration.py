"""What comparisons of the clock say later, and how fast it drifts."""

from datetime import timedelta

import pytest

from sonde_core.calibration import Mark, calibration, drift, recv_window
from sonde_core.clock import Estimate
from tests.core.hosts import ms

_HOUR = timedelta(hours=1)


def mark(hours: float, offset_ms: float, *, bound_ms: float = 2, gap_ms: float = 0) -> Mark:
    estimate = Estimate(offset=ms(offset_ms), bound=ms(bound_ms), agreeing=("a",))
    return Mark(at=hours * _HOUR, gap=ms(gap_ms), estimate=estimate)


def test_one_comparison_tells_no_rate() -> None:
    assert drift([mark(0, 5)]) is None
    assert drift([]) is None


def test_the_rate_comes_with_the_bound_of_both_its_ends() -> None:
    found = drift([mark(0, 10), mark(1, 40), mark(2, 126)])

    assert found
    assert (found.per_hour, found.bound) == (ms(58), ms(2))
    assert (found.over, found.calibrations) == (2 * _HOUR, 3)


def test_a_step_of_the_clock_is_no_drift() -> None:
    found = drift([mark(0, 1_510), mark(2, 126, gap_ms=-1_500)])

    assert found
    assert found.per_hour == ms(58)


def test_a_comparison_stays_good_after_a_step() -> None:
    later = calibration([mark(0, 1_503)], at=_HOUR / 60, gap=ms(-1_500), round_trip=ms(40))

    assert later
    assert later.offset == ms(3)
    assert later.age == timedelta(minutes=1)
    assert later.sources == ("a",)


def test_the_bound_grows_with_age_slower_where_the_rate_is_known() -> None:
    known = [mark(0, 10), mark(2, 126)]
    later = calibration(known, at=3 * _HOUR, gap=timedelta(), round_trip=None)
    unknown = calibration(known[1:], at=3 * _HOUR, gap=timedelta(), round_trip=None)

    assert later
    assert unknown
    assert later.offset == ms(184)
    assert later.bound == ms(2 + 2 + 54)
    assert (unknown.offset, unknown.bound) == (ms(126), ms(2 + 360))


def test_nothing_is_known_before_the_first_comparison() -> None:
    assert calibration([], at=_HOUR, gap=timedelta(), round_trip=None) is None


@pytest.mark.parametrize(
    ("offset_ms", "bound_ms", "way_ms", "expected_ms"),
    [
        pytest.param(0, 5, 40, 1_000, id="never under a second"),
        pytest.param(-4_000, 5, 40, 4_200, id="what the clock is behind comes on top"),
        pytest.param(4_000, 5, 400, 1_300, id="being ahead needs no window"),
        pytest.param(0, 5, None, 4_100, id="the way is not known"),
        pytest.param(-90_000, 5, 40, 60_000, id="never over what the exchange takes"),
    ],
)
def test_the_window_holds_the_offset_and_a_slow_way(
    offset_ms: float, bound_ms: float, way_ms: float | None, expected_ms: float
) -> None:
    way = None if way_ms is None else ms(way_ms)

    assert recv_window(ms(offset_ms), ms(bound_ms), way) == ms(expected_ms)


def test_the_window_holds_a_slow_round_trip_of_the_last_hours() -> None:
    assert recv_window(ms(-200), ms(5), ms(40), ms(2_300)) == ms(2_600)
    assert recv_window(ms(-200), ms(5), ms(900), ms(2_300)) == ms(3_000)
