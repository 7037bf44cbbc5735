"""Which accounts a host has, and whether one is restricted."""

import pytest

from sonde_core.catalogue import Section
from sonde_core.evidence import Contact, Evidence
from sonde_core.findings import Confidence, Severity, Verdict
from sonde_core.readings import (
    HOST,
    AccountStatus,
    AgentSettings,
    Answer,
    Kind,
    Reading,
    SigningClock,
    TradingFlags,
)
from sonde_core.rules import access
from tests.core.hosts import MAIN, NOW, evidence, host, ok, reading, refused
from tests.core.refused_keys import finding, found
from tests.core.reports import report_of


def test_a_host_without_an_account_is_told_so() -> None:
    bare = evidence(reading(Kind.SETTINGS, HOST, AgentSettings(version="1")))

    assert found(bare) == {"CREDENTIALS_MISSING": Confidence.CONFIRMED}
    assert [f.verdict for f in access.examine(Evidence(now=bare.now, contact=Contact.TIMEOUT))] == [
        Verdict.UNKNOWN
    ] * len(access.CAUSES)


def test_a_host_that_was_cut_off_is_not_told_that_it_has_no_account() -> None:
    settings = reading(Kind.SETTINGS, HOST, AgentSettings(version="1"))
    early = Evidence(now=NOW, contact=Contact.TIMEOUT, readings=evidence(settings).readings)
    named = evidence(reading(Kind.SETTINGS, HOST, AgentSettings(version="1", accounts=("main",))))

    assert found(early) == {}
    assert found(named) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            refused(Kind.FUTURES_ACCOUNT, -4109, "This account is inactive", status=400),
            (Confidence.CONFIRMED, None),
            id="inactive",
        ),
        pytest.param(
            refused(Kind.FUTURES_ORDER_TEST, -4192, "Cooling-off Period", status=400),
            (Confidence.CONFIRMED, None),
            id="cooling off",
        ),
        pytest.param(
            refused(Kind.FUTURES_ACCOUNT, -2017, "API Keys are locked", status=400),
            (Confidence.CONFIRMED, None),
            id="locked",
        ),
        pytest.param(
            ok(Kind.FUTURES_ACCOUNT, TradingFlags(can_trade=False)),
            (Confidence.CONFIRMED, None),
            id="no futures",
        ),
        pytest.param(
            reading(
                Kind.ACCOUNT_STATUS,
                MAIN,
                Answer(status=200, clock=SigningClock.HOST, facts=AccountStatus("Locked")),
            ),
            (Confidence.LIKELY, Severity.WARNING),
            id="not normal, and futures work",
        ),
        pytest.param(
            ok(Kind.SPOT_ACCOUNT, TradingFlags(can_trade=False)),
            (Confidence.LIKELY, Severity.WARNING),
            id="no spot, and futures work",
        ),
    ],
)
def test_a_restricted_account_is_named(
    change: Reading, expected: tuple[Confidence, Severity | None]
) -> None:
    restricted = finding(host(change), "ACCOUNT_RESTRICTED")

    assert (restricted.confidence, restricted.severity) == expected
    assert found(host(change)).keys() == {"ACCOUNT_RESTRICTED"}


def test_a_second_account_that_nothing_came_of_is_not_hidden_by_the_first() -> None:
    settings = reading(Kind.SETTINGS, HOST, AgentSettings(version="1", accounts=("main", "alt")))

    assert Section.IP in report_of(host(settings)).unknown_sections()
