"""Staying away for as long as the exchange said."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sonde_agent.probes.clock_watch import Clocks
from sonde_agent.probes.exchange.closures import ClosureFile
from sonde_agent.probes.exchange.gate import Gate
from sonde_core.readings import Answer, Closure

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
USDM, SPOT = "usdm https://usdm.example", "spot https://spot.example"
TESTNET = "usdm https://testnet.example"


@dataclass
class Machine:
    """A machine that runs at a word, is set, and starts anew. It begins at noon."""

    passed: timedelta = field(default=timedelta())
    up: timedelta = 5 * HOUR
    ahead: timedelta = field(default=timedelta())
    boot: str = "first"

    @property
    def clocks(self) -> Clocks:
        return Clocks(wall=self.now, boottime=lambda: self.up, boot=self.boot)

    def now(self) -> datetime:
        return NOON + self.passed + self.ahead

    def run(self, span: timedelta) -> None:
        self.passed += span
        self.up += span

    def start_anew(self) -> None:
        self.passed += 30 * SECOND
        self.up, self.boot = 20 * SECOND, f"after {self.boot}"


@pytest.fixture
def machine() -> Machine:
    return Machine()


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
def test_an_endpoint_is_closed_until_the_time_given(
    machine: Machine, answer: Answer, closed_for: timedelta
) -> None:
    gate = Gate(machine.clocks)

    gate.note(USDM, answer)

    expected = Closure(status=answer.status, until=NOON + closed_for, since=NOON)
    assert gate.closure(USDM) == expected
    assert gate.closure(SPOT) is None
    machine.run(closed_for - SECOND / 2)
    assert gate.closure(USDM) == expected
    machine.run(SECOND / 2)
    assert gate.closure(USDM) is None


@pytest.mark.parametrize("step", [HOUR, -HOUR, timedelta(days=999)])
def test_a_clock_that_is_set_changes_neither_the_end_of_a_ban_nor_its_countdown(
    machine: Machine, tmp_path: Path, step: timedelta
) -> None:
    gate = kept_in(tmp_path / "gate.json", machine)
    gate.note(USDM, Answer(status=418, retry_after=600 * SECOND))
    machine.run(30 * SECOND)

    machine.ahead += step

    for each in (gate, kept_in(tmp_path / "gate.json", machine)):
        closure = each.closure(USDM)
        assert closure
        assert closure.until - machine.now() == 570 * SECOND
        assert machine.now() - closure.since == 30 * SECOND
    machine.run(570 * SECOND)
    assert gate.closure(USDM) is None


def test_a_ban_by_the_exchanges_clock_ends_when_it_says_although_the_hosts_was_set(
    machine: Machine,
) -> None:
    gate = Gate(machine.clocks)
    gate.compare(USDM, timedelta())
    machine.ahead += HOUR

    gate.note(USDM, Answer(status=418, banned_until=NOON + 300 * SECOND))

    closure = gate.closure(USDM)
    assert closure
    assert closure.until - machine.now() == 300 * SECOND


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(status=429, code=-1015), id="too many orders of an account"),
        pytest.param(Answer(status=403), id="firewall"),
        pytest.param(Answer(status=503, retry_after=60 * SECOND), id="server error"),
        pytest.param(Answer(status=200), id="success"),
    ],
)
def test_other_answers_leave_it_open(machine: Machine, answer: Answer) -> None:
    gate = Gate(machine.clocks)

    gate.note(USDM, answer)

    assert gate.closure(USDM) is None


@pytest.mark.parametrize(
    ("ahead", "closed_for"),
    [
        pytest.param(60 * SECOND, 90 * SECOND, id="measured: the host's clock is ahead"),
        pytest.param(-10 * SECOND, 20 * SECOND, id="measured: the host's clock is behind"),
        pytest.param(-40 * SECOND, 120 * SECOND, id="measured long ago: the end looks past"),
    ],
)
def test_the_end_of_a_ban_is_told_by_the_exchanges_clock(
    machine: Machine, ahead: timedelta, closed_for: timedelta
) -> None:
    gate = Gate(machine.clocks)
    gate.compare(USDM, ahead)

    gate.note(USDM, Answer(status=418, banned_until=NOON + 30 * SECOND))

    closure = gate.closure(USDM)
    assert closure
    assert closure.until == NOON + closed_for


def test_a_ban_whose_end_looks_past_closes_for_the_shortest_ban(machine: Machine) -> None:
    gate = Gate(machine.clocks)

    gate.note(USDM, Answer(status=418, banned_until=NOON - 600 * SECOND))

    closure = gate.closure(USDM)
    assert closure
    assert closure.until == NOON + 120 * SECOND


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_closures_the_one_that_ends_later_counts(machine: Machine, order: int) -> None:
    gate = Gate(machine.clocks)
    answers = [
        Answer(status=418, retry_after=3600 * SECOND),
        Answer(status=429, retry_after=5 * SECOND),
    ]

    for answer in answers[::order]:
        gate.note(USDM, answer)

    closure = gate.closure(USDM)
    assert closure == Closure(status=418, until=NOON + 3600 * SECOND, since=NOON)


BAN = Answer(status=418, retry_after=3600 * SECOND)


def kept_in(path: Path, machine: Machine) -> Gate:
    gate = Gate(machine.clocks, ClosureFile(path, machine.clocks))
    gate.recall()
    return gate


def test_a_ban_is_kept_over_a_restart_for_its_owner_only(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "gate.json"

    kept_in(path, machine).note(USDM, BAN)

    closure = kept_in(path, machine).closure(USDM)
    assert closure == Closure(status=418, until=NOON + 3600 * SECOND, since=NOON)
    assert kept_in(path, machine).closure(SPOT) is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["gate.json"]
    machine.run(3600 * SECOND)
    assert kept_in(path, machine).closure(USDM) is None


def test_a_ban_is_kept_over_a_new_start_of_the_host(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    kept_in(path, machine).note(USDM, BAN)

    machine.start_anew()

    gate = kept_in(path, machine)
    assert gate.closure(USDM) == Closure(status=418, until=NOON + 3600 * SECOND, since=NOON)
    machine.ahead -= HOUR
    gate.recall()
    closure = gate.closure(USDM)
    assert closure
    assert closure.until - machine.now() == 3570 * SECOND


def test_two_processes_keep_each_others_bans(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    serving, checking = kept_in(path, machine), kept_in(path, machine)
    elsewhere = kept_in(path, machine)

    serving.note(USDM, BAN)
    elsewhere.note(TESTNET, Answer(status=429, retry_after=9 * SECOND))
    checking.note(SPOT, BAN)
    checking.note(USDM, Answer(status=429, retry_after=5 * SECOND))

    known = kept_in(path, machine)
    for site in (USDM, SPOT):
        closure = known.closure(site)
        assert closure
        assert closure.status == 418
    other = known.closure(TESTNET)
    assert other
    assert other.until == NOON + 9 * SECOND


def test_a_ban_noted_by_a_clock_that_was_years_ahead_does_not_close_for_years(
    machine: Machine, tmp_path: Path
) -> None:
    machine.ahead = timedelta(days=999)
    kept_in(tmp_path / "gate.json", machine).note(USDM, BAN)
    machine.ahead = timedelta()
    machine.start_anew()

    closure = kept_in(tmp_path / "gate.json", machine).closure(USDM)

    assert closure
    assert closure.until - machine.now() == 3600 * SECOND


SHUT = b'{"usdm https://usdm.example": {"shut": {"status": 418, "since": "%s", "until": "%s"},'
KEPT = SHUT + b' "boot": "%s", "until": "2026-01-01T13:00:00%s"}}'


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(b"", 1, id="empty"),
        pytest.param(b"[" * 99_999, 1, id="deeply nested"),
        pytest.param(b'{"usdm https://usdm.example": {"boot": ""}}', 1, id="half"),
        pytest.param(KEPT % (b"PT1H", b"PT6H", b"first", b""), 1, id="no time zone"),
        pytest.param(
            KEPT % (b"-P999999999D", b"P999999999D", b"other", b"Z"), 0, id="beyond all clocks"
        ),
        pytest.param(KEPT % (b"PT1H", b"P99D", b"first", b"Z"), 0, id="longer than any ban"),
    ],
)
def test_a_broken_file_is_ignored_with_one_line_and_replaced(
    machine: Machine, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, lines: int
) -> None:
    path = tmp_path / "gate.json"
    path.write_bytes(content)
    gate = kept_in(path, machine)

    gate.recall()
    assert gate.closure(USDM) is None
    assert [record.message for record in caplog.records] == ["Kept closures are ignored"] * lines

    gate.note(USDM, BAN)
    assert kept_in(path, machine).closure(USDM)


def test_where_nothing_can_be_kept_the_gate_still_closes(
    machine: Machine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gate = kept_in(tmp_path / "missing" / "gate.json", machine)

    gate.note(USDM, BAN)
    gate.note(SPOT, BAN)

    assert gate.closure(USDM)
    assert [record.message for record in caplog.records] == ["Closures cannot be kept"]
