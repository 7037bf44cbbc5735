"""Drills by themselves: what there is, how they are judged, how the command behaves."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sonde_core.catalogue import CATALOGUE
from sonde_core.evidence import Contact
from sonde_core.exits import Exit
from sonde_core.findings import Confidence, Finding, Item, Severity, Verdict
from sonde_core.readings import HOST, USDM, Subject
from sonde_core.report import HostReport
from sonde_lab.drills import healthy, pairs
from sonde_lab.drills.drill import Expected, confirmed
from sonde_lab.drills.every import DRILLS, GROUPS
from sonde_lab.drills.judge import complaints, of_the_drill
from sonde_lab.drills.orders import ORDERS, USUAL
from sonde_lab.drills.page import page
from sonde_lab.drills.rehearsal import MOST_ON_ONE_HOST, shared_out
from sonde_lab.drills.unreached import UNREACHED
from tests.e2e.test_demo import processes_of

PAGE = Path(__file__).parents[2] / "docs" / "drills.md"
COMMAND = Path(sys.executable).with_name("sonde-lab")
MAIN = Subject("account", "main")
LOOK_EVERY = 0.05
"""Seconds between looks at the processes: nothing tells when one appears."""


def found(
    cause: str, subject: Subject = MAIN, confidence: Confidence = Confidence.CONFIRMED
) -> Finding:
    return Finding(cause=cause, subject=subject, verdict=Verdict.FOUND, confidence=confidence)


def report(*findings: Finding) -> HostReport:
    return HostReport(
        diagnosis="abc",
        host="h",
        time=datetime(2026, 1, 1, tzinfo=UTC),
        status=Contact.DIAGNOSED,
        findings=findings,
    )


AHEAD = found("CLOCK_AHEAD", HOST)
NOT_LISTED = found("IP_NOT_WHITELISTED")
BOTH = Expected(
    found=(confirmed("CLOCK_AHEAD", "self"), confirmed("IP_NOT_WHITELISTED")), exit=Exit.FAILURE
)


def test_a_right_diagnosis_draws_no_complaint() -> None:
    assert list(complaints(report(AHEAD, NOT_LISTED), BOTH)) == []


@pytest.mark.parametrize(
    ("findings", "complaint"),
    [
        pytest.param([AHEAD], "IP_NOT_WHITELISTED confirmed is missing", id="one missing"),
        pytest.param(
            [AHEAD, NOT_LISTED, found("KEY_INVALID")],
            "KEY_INVALID confirmed is claimed",
            id="one too many",
        ),
        pytest.param(
            [AHEAD, replace(NOT_LISTED, confidence=Confidence.LIKELY)],
            "IP_NOT_WHITELISTED likely is claimed",
            id="less sure",
        ),
        pytest.param(
            [AHEAD, replace(NOT_LISTED, subject=Subject("account", "hedge"))],
            "IP_NOT_WHITELISTED confirmed (hedge) is claimed",
            id="on another account",
        ),
        pytest.param([NOT_LISTED, AHEAD], "in another order", id="the hidden one first"),
    ],
)
def test_whatever_differs_is_named(findings: list[Finding], complaint: str) -> None:
    assert any(complaint in each for each in complaints(report(*findings), BOTH))


def test_what_a_hasty_reader_would_claim_is_named_as_the_trap() -> None:
    expected = Expected(exit=Exit.HEALTHY, tempting=("KEY_INVALID",))

    assert "KEY_INVALID confirmed is claimed (the trap)" in list(
        complaints(report(found("KEY_INVALID")), expected)
    )


def test_another_exit_code_is_named() -> None:
    warned = replace(NOT_LISTED, severity=Severity.WARNING)
    expected = Expected(found=(confirmed("IP_NOT_WHITELISTED"),), exit=Exit.FAILURE)

    assert list(complaints(report(warned), expected)) == ["exit 4"]


def test_what_nobody_can_know_may_not_be_told() -> None:
    expected = Expected(exit=Exit.HEALTHY, unknown=("KEY_INVALID",))
    told = Finding(cause="KEY_INVALID", subject=MAIN, verdict=Verdict.CLEAR)

    assert list(complaints(report(told), expected)) == ["KEY_INVALID is clear instead of unknown"]
    assert list(complaints(report(replace(told, verdict=Verdict.UNKNOWN)), expected)) == []


def test_who_is_behind_a_cause_must_be_named() -> None:
    expected = Expected(found=(confirmed("NETWORK_TLS", "usdm"),), named="Acme", exit=Exit.FAILURE)
    by = Item("tls_intercepted", {"host": "x", "issuer": "Acme"})
    unnamed = found("NETWORK_TLS", USDM)

    assert list(complaints(report(unnamed), expected)) == ["NETWORK_TLS (usdm) does not name Acme"]
    assert list(complaints(report(replace(unnamed, supporting=(by,))), expected)) == []


def test_what_is_said_of_the_machine_that_runs_the_drills_is_left_out() -> None:
    unsynchronised = replace(found("CLOCK_UNSYNCHRONIZED", HOST), severity=Severity.WARNING)
    said = report(AHEAD, unsynchronised, NOT_LISTED)

    assert list(complaints(of_the_drill(said), BOTH)) == []


def test_names_are_used_once() -> None:
    names = Counter(drill.name for group in GROUPS.values() for drill in group)

    assert [name for name, count in names.items() if count > 1] == []


def test_there_are_enough_drills_of_each_kind() -> None:
    assert len(DRILLS) >= 45
    assert len(healthy.DRILLS) >= 6
    assert sum(len(drill.steps[0].expected.found) > 1 for drill in pairs.DRILLS) >= 10


def test_a_drill_under_several_orders_of_checks_has_one_step() -> None:
    assert [d.name for d in DRILLS.values() if d.orders != (USUAL,) and len(d.steps) > 1] == []


def test_every_drill_is_taken_by_one_host_that_is_set_up_for_it() -> None:
    parts = shared_out(list(DRILLS.values()))

    assert sorted(drill.name for part in parts for drill in part) == sorted(DRILLS)
    assert all(len({drill.shape for drill in part}) == 1 for part in parts)
    assert all(len(part) == 1 for part in parts if part[0].needs_own_agent)
    assert max(map(len, parts)) <= MOST_ON_ONE_HOST


@pytest.mark.parametrize(
    "name", ["banned", "weight-spent", "another-tool", "limits-half-used", "agent-died", "mended"]
)
def test_what_stays_in_an_agent_is_not_handed_on(name: str) -> None:
    assert DRILLS[name].needs_own_agent == (name != "mended")


def test_each_order_of_checks_is_another_one() -> None:
    assert len({order.checks for order in ORDERS}) == len(ORDERS)


def test_every_cause_is_reached_by_a_drill_or_it_is_said_why_not() -> None:
    reached = {
        claim.cause
        for drill in DRILLS.values()
        for step in drill.steps
        for claim in step.expected.found
    }

    assert sorted(CATALOGUE.causes.keys() - reached - UNREACHED.keys()) == []
    assert sorted(reached & UNREACHED.keys()) == []
    assert sorted(reached - CATALOGUE.causes.keys()) == []


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run make pages"


def drill(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "drill", *words],
        env={**os.environ, "COLUMNS": "200", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_an_unknown_name_is_a_usage_error_that_names_the_nearest() -> None:
    ended = drill("futures-of")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == ("sonde-lab: there is no drill futures-of; did you mean futures-off?\n")


def test_the_list_has_every_drill_and_runs_none() -> None:
    ended = drill("--list")

    assert ended.returncode == 0
    assert [line.split()[1] for line in ended.stdout.splitlines()[1:]] == list(DRILLS)


def test_a_drill_shows_what_was_expected_and_what_came() -> None:
    ended = drill("futures-off")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "futures-off  right  PERMISSION_MISSING confirmed  PERMISSION_MISSING" in ended.stdout
    assert "1 drills · 1 right · 0 wrong" in ended.stdout


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [COMMAND, "drill", "futures-silent"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        while not any("sonde-agent" in line for line in processes_of(tmp_path)):
            assert running.poll() is None
            time.sleep(LOOK_EVERY)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)

    assert running.returncode == 130
    assert processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
