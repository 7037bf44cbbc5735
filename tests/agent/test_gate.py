"""Staying away for as long as the exchange said."""

from datetime import UTC, datetime, timedelta

import pytest

from sonde_agent.probes.exchange.gate import Gate
from sonde_core.readings import SPOT, USDM, Answer, Closure

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("answer", "closed_for"),
    [
        pytest.param(
            Answer(status=429, retry_after=7 * SECOND), 7 * SECOND, id="429 with Retry-After"
        ),
        pytest.param(Answer(status=429), 60 * SECOND, id="429 alone"),
        pytest.param(Answer(status=418), 120 * SECOND, id="418 alone"),
        pytest.param(
            Answer(status=418, banned_until=NOON + 300 * SECOND),
            300 * SECOND,
            id="418 with its end",
        ),
        pytest.param(
            Answer(status=418, banned_until=NOON + 3 * SECOND, retry_after=9 * SECOND),
            9 * SECOND,
            id="the later of the two, because clocks differ",
        ),
        pytest.param(
            Answer(status=418, retry_after=timedelta(days=999)),
            timedelta(days=3),
            id="no longer than the longest ban",
        ),
    ],
)
def test_an_endpoint_is_closed_until_the_time_given(answer: Answer, closed_for: timedelta) -> None:
    gate = Gate()

    gate.note(USDM, answer, NOON)

    expected = Closure(status=answer.status, until=NOON + closed_for, since=NOON)
    assert gate.closure(USDM, NOON) == expected
    assert gate.closure(USDM, NOON + closed_for - SECOND / 2) == expected
    assert gate.closure(USDM, NOON + closed_for) is None
    assert gate.closure(SPOT, NOON) is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(status=429, code=-1015), id="too many orders of an account"),
        pytest.param(Answer(status=403), id="firewall"),
        pytest.param(Answer(status=503, retry_after=60 * SECOND), id="server error"),
        pytest.param(Answer(status=200), id="success"),
    ],
)
def test_other_answers_leave_it_open(answer: Answer) -> None:
    gate = Gate()

    gate.note(USDM, answer, NOON)

    assert gate.closure(USDM, NOON) is None
