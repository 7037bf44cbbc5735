"""Staying away for as long as the exchange said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sonde_agent.probes.exchange.closures import ClosureFile
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


@pytest.mark.parametrize(
    ("ahead", "closed_for"),
    [
        pytest.param(60 * SECOND, 90 * SECOND, id="measured: the host's clock is ahead"),
        pytest.param(-10 * SECOND, 20 * SECOND, id="measured: the host's clock is behind"),
        pytest.param(-40 * SECOND, 120 * SECOND, id="measured long ago: the end looks past"),
    ],
)
def test_the_end_of_a_ban_is_told_by_the_exchanges_clock(
    ahead: timedelta, closed_for: timedelta
) -> None:
    gate = Gate()
    gate.compare(USDM, ahead)

    gate.note(USDM, Answer(status=418, banned_until=NOON + 30 * SECOND), NOON)

    closure = gate.closure(USDM, NOON)
    assert closure
    assert closure.until == NOON + closed_for


def test_a_ban_whose_end_looks_past_closes_for_the_shortest_ban() -> None:
    gate = Gate()

    gate.note(USDM, Answer(status=418, banned_until=NOON - 600 * SECOND), NOON)

    closure = gate.closure(USDM, NOON)
    assert closure
    assert closure.until == NOON + 120 * SECOND


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_closures_the_one_that_ends_later_counts(order: int) -> None:
    gate = Gate()
    answers = [
        Answer(status=418, retry_after=3600 * SECOND),
        Answer(status=429, retry_after=5 * SECOND),
    ]

    for answer in answers[::order]:
        gate.note(USDM, answer, NOON)

    closure = gate.closure(USDM, NOON)
    assert closure == Closure(status=418, until=NOON + 3600 * SECOND, since=NOON)


URLS = {USDM: "https://usdm.example", SPOT: "https://spot.example"}
BAN = Answer(status=418, retry_after=3600 * SECOND)


def kept_in(path: Path, usdm: str = URLS[USDM]) -> Gate:
    gate = Gate(ClosureFile(path, URLS | {USDM: usdm}))
    gate.recall()
    return gate


def test_a_ban_is_kept_over_a_restart_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"

    kept_in(path).note(USDM, BAN, NOON)

    closure = kept_in(path).closure(USDM, NOON)
    assert closure == Closure(status=418, until=NOON + 3600 * SECOND, since=NOON)
    assert kept_in(path).closure(USDM, NOON + 3600 * SECOND) is None
    assert kept_in(path).closure(SPOT, NOON) is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["gate.json"]


def test_two_processes_keep_each_others_bans(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    serving, checking = kept_in(path), kept_in(path)
    elsewhere = kept_in(path, usdm="https://testnet.example")

    serving.note(USDM, BAN, NOON)
    elsewhere.note(USDM, Answer(status=429, retry_after=9 * SECOND), NOON)
    checking.note(SPOT, BAN, NOON)
    checking.note(USDM, Answer(status=429, retry_after=5 * SECOND), NOON)

    known = kept_in(path)
    for endpoint in (USDM, SPOT):
        closure = known.closure(endpoint, NOON)
        assert closure
        assert closure.status == 418
    other = kept_in(path, usdm="https://testnet.example").closure(USDM, NOON)
    assert other
    assert other.until == NOON + 9 * SECOND


def test_a_ban_noted_by_a_clock_that_was_years_ahead_does_not_close_for_years(
    tmp_path: Path,
) -> None:
    kept_in(tmp_path / "gate.json").note(USDM, BAN, NOON + timedelta(days=999))

    assert kept_in(tmp_path / "gate.json").closure(USDM, NOON) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[" * 99_999, id="deeply nested"),
        pytest.param(b'{"https://usdm.example": {"status": 418}}', id="half"),
        pytest.param(
            b'{"https://usdm.example": {"status": 418, "until": "2026-01-01T13:00:00",'
            b' "since": "2026-01-01T12:00:00"}}',
            id="no time zone",
        ),
    ],
)
def test_a_broken_file_is_ignored_with_one_line_and_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "gate.json"
    path.write_bytes(content)
    gate = kept_in(path)

    gate.recall()
    assert gate.closure(USDM, NOON) is None
    assert [record.message for record in caplog.records] == ["Kept closures are ignored"]

    gate.note(USDM, BAN, NOON)
    assert kept_in(path).closure(USDM, NOON)


def test_where_nothing_can_be_kept_the_gate_still_closes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gate = kept_in(tmp_path / "missing" / "gate.json")

    gate.note(USDM, BAN, NOON)
    gate.note(SPOT, BAN, NOON)

    assert gate.closure(USDM, NOON)
    assert [record.message for record in caplog.records] == ["Closures cannot be kept"]
