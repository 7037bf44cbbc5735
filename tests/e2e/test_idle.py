"""What a whole agent takes while nobody asks. `make bench` has the same of one minute."""

from datetime import timedelta

import pytest

from tests.benchmarks import idle


@pytest.mark.soak
def test_over_five_minutes_an_idle_agent_takes_three_thousandths_of_a_processor() -> None:
    row = idle.measure(timedelta(minutes=5))

    assert row.ratio <= 0.003
