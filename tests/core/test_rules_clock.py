"""When the clock is said to be wrong."""

import pytest

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Severity, Verdict
from sonde_core.readings import (
    HOST,
    SPOT,
    AgentSettings,
    FailureReason,
    Kind,
    Reading,
    Subject,
)
from sonde_core.rules import clock
from tests.core.cases import CASES
from tests.core.hosts import MAIN, evidence, exchange_time, failed, host, ms, ntp, reading, refused

AHEAD_TEXT = "Timestamp for this request was 1000ms ahead of the server's time."
BEHIND_TEXT = "Timestamp for this request is outside of the recvWindow."
NO_NTP = failed(Kind.NTP, Subject("source", "a.example"), FailureReason.TIMEOUT)


def findings(evidence_: Evidence) -> dict[str, Finding]:
    return {finding.cause: finding for finding in clock.examine(evidence_)}


def skewed(offset_ms: float) -> list[Reading]:
    return [*(ntp(offset_ms, name=name) for name in "abc"), exchange_time(offset_ms)]


@pytest.mark.parametrize(
    ("readings", "ahead", "behind"),
    [
        pytest.param(skewed(2), Verdict.CLEAR, Verdict.CLEAR, id="right"),
        pytest.param(skewed(600), Verdict.CLEAR, Verdict.CLEAR, id="600 ms off is tolerated"),
        pytest.param(skewed(1_503), Verdict.FOUND, Verdict.CLEAR, id="ahead"),
        pytest.param(skewed(1_002), Verdict.FOUND, Verdict.CLEAR, id="ahead, bound clear of it"),
        pytest.param(skewed(999), Verdict.UNKNOWN, Verdict.CLEAR, id="limit inside the bound"),
        pytest.param(skewed(-7_000), Verdict.CLEAR, Verdict.FOUND, id="behind"),
        pytest.param(skewed(-1_001), Verdict.CLEAR, Verdict.UNKNOWN, id="behind, inside the bound"),
        pytest.param([NO_NTP], Verdict.UNKNOWN, Verdict.UNKNOWN, id="nobody answered"),
        pytest.param([], Verdict.UNKNOWN, Verdict.UNKNOWN, id="nobody asked"),
        pytest.param([NO_NTP, exchange_time(3)], Verdict.CLEAR, Verdict.CLEAR, id="exchange alone"),
        pytest.param([ntp(3)], Verdict.CLEAR, Verdict.CLEAR, id="NTP alone"),
        pytest.param(
            [ntp(0, name="a"), ntp(9_000, name="b")],
            Verdict.UNKNOWN,
            Verdict.UNKNOWN,
            id="two NTP servers contradict each other and the exchange is silent",
        ),
        pytest.param(
            [ntp(2, name="a"), ntp(3, name="b"), ntp(9_000, name="liar"), exchange_time(1)],
            Verdict.CLEAR,
            Verdict.CLEAR,
            id="one lying server of three does not flip the verdict",
        ),
    ],
)
def test_each_direction_has_its_own_verdict(
    readings: list[Reading], ahead: Verdict, behind: Verdict
) -> None:
    found = findings(evidence(*readings))

    assert (found["CLOCK_AHEAD"].verdict, found["CLOCK_BEHIND"].verdict) == (ahead, behind)


def test_of_two_servers_the_one_that_the_exchange_contradicts_too_is_named() -> None:
    found = findings(evidence(ntp(2, name="a"), ntp(9_000, name="liar"), exchange_time(1)))

    for finding in found.values():
        [against] = finding.contradicting
        assert (finding.verdict, against.id) == (
            Verdict.CLEAR,
            "clock_sources_contradict_exchange",
        )
        assert against.values["sources"] == ("liar",)


@pytest.mark.parametrize(
    ("readings", "confidence"),
    [
        pytest.param(skewed(1_503), Confidence.CONFIRMED, id="NTP and exchange agree"),
        pytest.param([NO_NTP, exchange_time(1_503)], Confidence.LIKELY, id="the exchange alone"),
        pytest.param([ntp(1_503)], Confidence.LIKELY, id="NTP alone"),
        pytest.param(
            [
                NO_NTP,
                exchange_time(1_503),
                refused(Kind.API_RESTRICTIONS, -1021, AHEAD_TEXT, status=400),
            ],
            Confidence.CONFIRMED,
            id="the exchange alone, and it refused for that",
        ),
    ],
)
def test_confirmed_needs_agreement_or_a_refusal(
    readings: list[Reading], confidence: Confidence
) -> None:
    assert findings(evidence(*readings))["CLOCK_AHEAD"].confidence is confidence


@pytest.mark.parametrize(
    ("offset_ms", "recv_window_ms", "severity"),
    [
        pytest.param(-1_500, 5_000, Severity.WARNING, id="over a second"),
        pytest.param(-4_900, 5_000, Severity.WARNING, id="still inside recvWindow"),
        pytest.param(-4_990, 5_000, Severity.FAILURE, id="inside, but the way takes the rest"),
        pytest.param(-7_000, 5_000, Severity.FAILURE, id="outside"),
        pytest.param(-7_000, 10_000, Severity.WARNING, id="inside the engine's larger recvWindow"),
    ],
)
def test_behind_is_as_bad_as_recv_window_makes_it(
    offset_ms: int, recv_window_ms: int, severity: Severity
) -> None:
    settings = AgentSettings(version="1", recv_window=ms(recv_window_ms))
    found = findings(evidence(*skewed(offset_ms), reading(Kind.SETTINGS, HOST, settings)))

    assert found["CLOCK_BEHIND"].severity is severity


def test_a_refusal_decides_where_the_bound_spans_the_limit() -> None:
    wide = exchange_time(990, bound_ms=200)

    told = findings(evidence(wide, refused(Kind.FUTURES_ACCOUNT, -1021, AHEAD_TEXT, status=400)))

    assert findings(evidence(wide))["CLOCK_AHEAD"].verdict is Verdict.UNKNOWN
    assert told["CLOCK_AHEAD"].confidence is Confidence.CONFIRMED


def test_a_refusal_for_the_other_direction_supports_nothing_here() -> None:
    readings = [*skewed(1_503), refused(Kind.FUTURES_ACCOUNT, -1021, BEHIND_TEXT, status=400)]

    found = findings(evidence(*readings))

    assert "timestamp_refused" not in [item.id for item in found["CLOCK_AHEAD"].supporting]
    assert found["CLOCK_BEHIND"].verdict is Verdict.CLEAR


def test_a_timestamp_called_ahead_that_no_offset_explains_leaves_the_clock_unknown() -> None:
    early = refused(Kind.FUTURES_ACCOUNT, -1021, AHEAD_TEXT, status=400)

    found = findings(evidence(*skewed(2), early))["CLOCK_AHEAD"]

    assert found.verdict is Verdict.UNKNOWN
    assert [item.id for item in found.supporting] == ["timestamp_refused", "clock_offset_agreed"]


def test_a_recv_window_shorter_than_the_way_is_not_the_clocks_fault() -> None:
    settings = AgentSettings(version="1", recv_window=ms(200))
    far = evidence(ntp(0), exchange_time(0, bound_ms=150), reading(Kind.SETTINGS, HOST, settings))

    assert findings(far)["CLOCK_BEHIND"].verdict is Verdict.CLEAR


def test_two_clocks_of_the_exchange_that_differ_a_little_still_tell_the_time() -> None:
    apart = [
        NO_NTP,
        exchange_time(-7_000, bound_ms=1),
        exchange_time(-7_010, bound_ms=1, endpoint=SPOT),
    ]

    found = findings(evidence(*apart))["CLOCK_BEHIND"]

    assert (found.verdict, found.severity) == (Verdict.FOUND, Severity.FAILURE)
    assert found.supporting[0].values == {"offset_ms": -7_005, "bound_ms": 6}


def test_the_exchange_decides_where_ntp_contradicts_it() -> None:
    readings = [*(ntp(0, name=name) for name in "abc"), exchange_time(3_000)]

    found = findings(evidence(*readings))["CLOCK_AHEAD"]

    assert (found.verdict, found.confidence) == (Verdict.FOUND, Confidence.LIKELY)
    assert [item.id for item in found.contradicting] == ["clock_ntp_contradicts"]


def test_the_lying_server_is_named() -> None:
    found = findings(host(ntp(2, name="a"), ntp(3, name="b"), ntp(9_000, name="liar.example")))

    [item] = found["CLOCK_AHEAD"].contradicting
    assert item.values["sources"] == ("liar.example",)


def test_a_closed_ntp_port_is_named_as_missing_and_not_as_a_good_clock() -> None:
    found = findings(evidence(NO_NTP))["CLOCK_AHEAD"]

    assert found.verdict is Verdict.UNKNOWN
    assert [item.id for item in found.missing] == ["ntp_silent", "exchange_time_unknown"]


def test_the_tighter_of_two_agreeing_references_is_shown() -> None:
    found = findings(host())["CLOCK_AHEAD"]

    assert found.supporting[0].values == {"offset_ms": 2, "bound_ms": 2}


def test_days_are_rounded_to_the_nearest() -> None:
    [offset] = findings(CASES["29.9 days behind by a Date header"])["CLOCK_BEHIND"].supporting[:1]

    assert offset.values["days"] == 30


def test_accounts_do_not_matter_to_the_clock() -> None:
    assert all(finding.subject != MAIN for finding in clock.examine(host()))
