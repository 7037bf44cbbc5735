"""Spans of time as people say them."""

from datetime import timedelta

import pytest

from sonde_core.catalogue import Language
from sonde_core.durations import Duration
from sonde_core.words import Words

MS, S = timedelta(milliseconds=1), timedelta(seconds=1)
EN = ("day", "days", "h", "min", "s", "ms")


@pytest.mark.parametrize(
    ("duration", "template", "said"),
    [
        pytest.param(Duration(1_503, MS, EN), "{:+span}", "+1,503 ms", id="few"),
        pytest.param(Duration(-7_000, MS, EN), "{:+span}", "-7,000 ms", id="behind"),
        pytest.param(Duration(4, MS, EN), "±{:span}", "±4 ms", id="without a sign"),
        pytest.param(Duration(259_200_000, MS, EN), "{:+span}", "+3 days", id="days"),
        pytest.param(Duration(-90_000_000, MS, EN), "{:span}", "-1 day 1 h", id="one day"),
        pytest.param(Duration(34, S, EN), "{:span}", "34 s", id="less than a minute"),
        pytest.param(Duration(252, S, EN), "{:span}", "4 min 12 s", id="minutes"),
        pytest.param(Duration(259_200 - 3_600, S, EN), "{:span}", "2 days 23 h", id="two units"),
        pytest.param(Duration(259_199_998, MS, EN), "{:+span}", "+3 days", id="rounded"),
        pytest.param(Duration(61_499, MS, EN), "{:span}", "1 min 1 s", id="rounded to seconds"),
        pytest.param(Duration(1_503, MS, EN), "{:,}", "1,503", id="the bare number"),
    ],
)
def test_a_span_is_said_in_units_that_fit_it(duration: Duration, template: str, said: str) -> None:
    assert template.format(duration) == said


def test_a_span_is_said_in_the_language_of_its_sentence() -> None:
    said = Words(Language.ZH).fill(("偏差 {offset_ms:+span}",), {"offset_ms": 93_600_000})

    assert said == "偏差 +1 天 2 小时"
