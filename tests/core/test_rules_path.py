"""When path, limits, exchange or agent are said to be the cause."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sonde_core.catalogue import Language
from sonde_core.diagnose import diagnose
from sonde_core.evidence import Contact, Evidence, LastSeen
from sonde_core.findings import Confidence, Finding, Severity, Verdict
from sonde_core.readings import (
    COINM,
    SIGNED_KINDS,
    SPOT,
    USDM,
    Answer,
    BodyForm,
    Closure,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
    WeightUse,
)
from sonde_core.rules import exchange, network, rate
from sonde_core.rules import host as host_rule
from sonde_core.words import Words
from tests.core.cases import CASES
from tests.core.hosts import (
    HERE,
    MAIN,
    NOW,
    REJECTED,
    counted,
    engine_told,
    evidence,
    failed,
    host,
    reading,
    refused,
    silent,
    whitelist,
)

C, L, P = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE


def called(status: int, code: int | None = None, **also: object) -> Reading:
    """Return the futures scout's answer."""
    answer = Answer(status=status, code=code, **also)  # type: ignore[arg-type]
    return reading(Kind.PUBLIC_CALL, USDM, answer)


def broken(reason: FailureReason) -> Reading:
    return failed(Kind.PUBLIC_CALL, USDM, reason)


def found(findings: object) -> dict[tuple[str, str], Confidence | None]:
    return {
        (f.cause, f.subject.name): f.confidence
        for f in findings  # type: ignore[attr-defined]
        if f.verdict is Verdict.FOUND
    }


@pytest.mark.parametrize(
    ("reason", "cause", "confidence"),
    [
        (FailureReason.DNS, "NETWORK_DNS", C),
        (FailureReason.CONNECTION, "NETWORK_CONNECTION", C),
        (FailureReason.TLS, "NETWORK_TLS", C),
        (FailureReason.TIMEOUT, "NETWORK_TIMEOUT", C),
        (FailureReason.ANSWER, "NETWORK_CONNECTION", L),
    ],
)
def test_a_broken_path_is_named_by_how_it_broke(
    reason: FailureReason, cause: str, confidence: Confidence
) -> None:
    assert found(network.examine(host(broken(reason)))) == {(cause, "usdm"): confidence}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("certificate expired, clock right", {("NETWORK_TLS", "usdm"): C}),
        ("certificate too new, clock unknown", {("NETWORK_TLS", "usdm"): P}),
        ("30 days ahead by NTP", {}),
        ("29.9 days behind by a Date header", {}),
    ],
)
def test_a_certificate_out_of_its_time_is_judged_by_the_clock(
    case: str, expected: dict[tuple[str, str], Confidence]
) -> None:
    assert found(network.examine(CASES[case])) == expected


@pytest.mark.parametrize(
    ("case", "cause", "confidence"),
    [
        ("30 days ahead by NTP", "CLOCK_AHEAD", C),
        ("29.9 days behind by a Date header", "CLOCK_BEHIND", L),
    ],
)
def test_a_clock_wrong_by_days_is_the_cause_and_not_the_path(
    case: str, cause: str, confidence: Confidence
) -> None:
    assert found(diagnose(CASES[case]))[cause, "self"] is confidence


def test_a_signed_test_that_broke_on_its_way_is_less_sure() -> None:
    lost = failed(Kind.FUTURES_ACCOUNT, MAIN, FailureReason.TIMEOUT)

    assert found(network.examine(host(lost))) == {("NETWORK_TIMEOUT", "usdm"): L}


def test_what_was_not_sent_is_no_broken_path() -> None:
    for reason in (FailureReason.SKIPPED, FailureReason.WITHHELD, FailureReason.INTERNAL):
        assert found(network.examine(host(broken(reason)))) == {}


def test_a_restricted_location_is_named() -> None:
    assert found(network.examine(host(called(451, 0)))) == {("GEO_RESTRICTED", "usdm"): C}


def closed(status: int) -> Reading:
    until = NOW + timedelta(minutes=4, seconds=12)
    return reading(Kind.GATE, USDM, Closure(status=status, until=until, since=NOW))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], {}, id="well below every limit"),
        pytest.param([called(418, -1003)], {("IP_BANNED", "usdm"): C}, id="banned now"),
        pytest.param([closed(418)], {("IP_BANNED", "usdm"): C}, id="banned before"),
        pytest.param([called(429, -1003)], {("RATE_LIMIT_WEIGHT", "usdm"): C}, id="too many now"),
        pytest.param([closed(429)], {("RATE_LIMIT_WEIGHT", "usdm"): C}, id="too many before"),
        pytest.param([called(429, -1015)], {}, id="too many orders is another limit"),
        pytest.param(
            [called(403, body=BodyForm.HTML)], {("WAF_BLOCKED", "usdm"): C}, id="firewall"
        ),
    ],
)
def test_each_way_of_being_turned_away(
    changes: list[Reading], expected: dict[tuple[str, str], Confidence]
) -> None:
    assert found(rate.examine(host(*changes))) == expected


def test_coin_m_is_judged_like_the_others_and_only_where_it_was_asked() -> None:
    scout = reading(Kind.PUBLIC_CALL, COINM, Answer(status=418, code=-1003))
    beside = [f for f in diagnose(host(scout)) if f.subject == COINM]
    without = [f for f in diagnose(host()) if f.subject == COINM]

    assert found(beside) == {("IP_BANNED", "coinm"): C}
    assert {f.cause for f in beside} >= {"NETWORK_DNS", "EXCHANGE_UNAVAILABLE", "FOREIGN_USAGE"}
    assert without == []


def test_a_ban_is_a_countdown_by_the_askers_clock() -> None:
    [ban] = [f for f in rate.examine(host(closed(418))) if f.verdict is Verdict.FOUND]

    assert ban.supporting[0].values["left_s"] == 4 * 60 + 12


@pytest.mark.parametrize(
    ("use", "verdict"),
    [
        pytest.param(WeightUse(used=40, own=12, limit=2_400), Verdict.CLEAR, id="little"),
        pytest.param(WeightUse(used=1_700, own=10, limit=2_400), Verdict.FOUND, id="not ours"),
        pytest.param(WeightUse(used=1_690, own=10, limit=2_400), Verdict.CLEAR, id="at 70 %"),
        pytest.param(WeightUse(used=2_300, own=2_000, limit=2_400), Verdict.CLEAR, id="ours"),
        pytest.param(WeightUse(used=2_300, own=0), Verdict.UNKNOWN, id="limit unknown"),
    ],
)
def test_foreign_usage_needs_most_of_the_live_limit(use: WeightUse, verdict: Verdict) -> None:
    findings = rate.examine(host(reading(Kind.WEIGHT, USDM, use)))
    foreign = next(f for f in findings if f.cause == "FOREIGN_USAGE" and f.subject == USDM)

    assert foreign.verdict is verdict
    assert foreign.confidence is (P if verdict is Verdict.FOUND else None)


TEN_SECONDS, A_DAY = timedelta(seconds=10), timedelta(days=1)
TOO_MANY_ORDERS = refused(Kind.FUTURES_ORDER_TEST, -1015, "Too many new orders.", status=429)


@pytest.mark.parametrize(
    ("changes", "confidence", "severity"),
    [
        pytest.param([], None, None, id="nothing counted"),
        pytest.param([counted(239, 300, TEN_SECONDS)], None, None, id="below 80 %"),
        pytest.param([counted(240, 300, TEN_SECONDS)], P, Severity.WARNING, id="at 80 %"),
        pytest.param([counted(300, 300, TEN_SECONDS)], L, None, id="all"),
        pytest.param([counted(400, None, TEN_SECONDS)], None, None, id="limit unknown"),
        pytest.param([TOO_MANY_ORDERS], C, None, id="refused"),
        pytest.param([TOO_MANY_ORDERS, counted(270, 300, TEN_SECONDS)], C, None, id="both"),
    ],
)
def test_orders_are_held_against_the_live_limit(
    changes: list[Reading], confidence: Confidence | None, severity: Severity | None
) -> None:
    [orders] = [f for f in rate.examine(host(*changes)) if f.cause == "ORDER_RATE_LIMIT"]

    assert (orders.confidence, orders.severity) == (confidence, severity)
    assert orders.subject == MAIN


def test_of_several_spans_and_endpoints_those_near_their_limit_are_told_the_fullest_first() -> None:
    uses = [
        counted(255, 300, TEN_SECONDS),
        counted(159_000, 160_000, A_DAY, endpoint="spot"),
        counted(10, 50, TEN_SECONDS, endpoint="spot"),
    ]
    findings = rate.examine(host(more=uses))
    [orders] = [f for f in findings if f.cause == "ORDER_RATE_LIMIT"]

    assert [item.values for item in orders.supporting] == [
        {"endpoint": "spot", "used": 159_000, "allowed": 160_000, "days": 1},
        {"endpoint": "usdm", "used": 255, "allowed": 300, "seconds": 10},
    ]


def past(seconds_ago: float, used: int) -> Reading:
    use = WeightUse(used=used, own=4, limit=2_400)
    time = NOW - timedelta(seconds=seconds_ago)
    return replace(reading(Kind.PAST_WEIGHT, USDM, use), time=time)


def foreign_usage(used: int, *more: Reading) -> Finding:
    """Return what is said of futures where so much is used now."""
    present = reading(Kind.WEIGHT, USDM, WeightUse(used=used, own=12, limit=2_400))
    findings = rate.examine(host(present, more=more))
    return next(f for f in findings if f.cause == "FOREIGN_USAGE" and f.subject == USDM)


@pytest.mark.parametrize(
    ("used", "more", "confidence"),
    [
        pytest.param(1_400, [past(60, 1_500), engine_told(3, 63, 123, weight=400)], C, id="both"),
        pytest.param(1_400, [engine_told(3, 63, weight=400)], None, id="one minute is known"),
        pytest.param(1_400, [past(60, 500), engine_told(3, 63, 123, weight=400)], None, id="once"),
        pytest.param(1_400, [past(60, 1_500), engine_told(3, weight=400)], None, id="a gap"),
        pytest.param(1_400, [past(60, 1_500)], None, id="no engine"),
        pytest.param(2_300, [past(60, 2_300)], P, id="most, no engine"),
        pytest.param(2_300, [engine_told(3, 63, weight=2_100)], None, id="the engine's own"),
        pytest.param(2_300, [engine_told(30, 90, weight=2_100)], P, id="the end is not covered"),
        pytest.param(
            2_300, [engine_told(3, 63, weight=2_100, endpoint="spot")], P, id="told of spot only"
        ),
        pytest.param(2_300, [engine_told(7_200, weight=9)], P, id="silent for hours"),
    ],
)
def test_foreign_usage_is_sure_where_engines_told_of_two_minutes(
    used: int, more: list[Reading], confidence: Confidence | None
) -> None:
    assert foreign_usage(used, *more).confidence is confidence


def test_the_numbers_say_who_used_what() -> None:
    told = foreign_usage(1_400, past(60, 1_500), engine_told(3, 63, 123, weight=400))

    assert [item.values["neither"] for item in told.supporting] == [1_400 - 12 - 400, 1_096]
    assert [item.values["engine"] for item in told.supporting] == [400, 400]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(called(503), {("EXCHANGE_UNAVAILABLE", "usdm"): C}, id="503 for all"),
        pytest.param(called(200), {}, id="answers"),
        pytest.param(called(503, -1008), {("EXCHANGE_OVERLOAD", "usdm"): C}, id="throttles reads"),
        pytest.param(
            refused(Kind.FUTURES_ACCOUNT, -1001, status=500),
            {("EXCHANGE_UNAVAILABLE", "usdm"): L},
            id="a signed read fails",
        ),
        pytest.param(
            refused(Kind.FUTURES_ORDER_TEST, -1008, status=503), {}, id="order/test alone throttled"
        ),
    ],
)
def test_the_exchange_is_blamed_only_for_its_own_faults(
    change: Reading, expected: dict[tuple[str, str], Confidence]
) -> None:
    assert found(exchange.examine(host(change))) == expected


@pytest.mark.parametrize("contact", [c for c in Contact if c is not Contact.DIAGNOSED])
def test_a_silent_agent_is_a_cause_of_its_own(contact: Contact) -> None:
    assert found(host_rule.examine(silent(contact))) == {("AGENT_UNREACHABLE", "self"): C}


def test_whoever_forgot_the_agents_address_is_told_to_record_it() -> None:
    (finding,) = host_rule.examine(silent(Contact.NOT_ENROLLED))

    for words in (Words(), Words(Language.ZH)):
        step = words.next_step(finding, host="tyo-02")
        assert "`sonde hosts set tyo-02 --address ADDRESS`" in step
        assert "systemctl" not in " ".join([step, *words.remedy(finding, host="tyo-02")])


def test_an_endpoint_that_turns_the_address_away_is_not_said_to_work() -> None:
    spot = reading(Kind.PUBLIC_CALL, SPOT, Answer(status=418))
    unsigned = [failed(kind, MAIN, FailureReason.SKIPPED) for kind in SIGNED_KINDS]
    for status in (403, 418, 451):
        gone = host(called(status), spot, *unsigned)
        assert [item.id for f in exchange.examine(gone) for item in f.supporting] == []


def test_the_agents_own_time_limit_is_no_broken_path() -> None:
    late = failed(Kind.PUBLIC_CALL, USDM, FailureReason.DEADLINE)

    assert found(network.examine(host(late))) == {}


def test_a_silent_host_is_unknown_in_all_else() -> None:
    others = [f for f in diagnose(silent(Contact.TIMEOUT)) if f.cause != "AGENT_UNREACHABLE"]

    assert {f.verdict for f in others} == {Verdict.UNKNOWN}


def test_when_it_was_last_seen_is_told() -> None:
    seen = LastSeen(time=NOW, healthy=True)
    [told] = host_rule.examine(silent(Contact.UNREACHABLE, last_seen=seen))

    assert [item.id for item in told.supporting] == ["contact_unreachable", "last_seen_healthy"]


def test_no_rule_raises_on_a_reading_of_any_kind_that_failed() -> None:
    kinds = [(r.kind, r.subject) for r in host().of(Kind.NTP)]
    kinds += [key for key in host().readings if key not in kinds]
    all_failed = evidence(
        *(reading(kind, subject, Failure(FailureReason.INTERNAL)) for kind, subject in kinds)
    )

    assert not [f for f in diagnose(all_failed) if f.verdict is Verdict.CLEAR and f.supporting]


def test_findings_are_found_first_and_worst_first() -> None:
    findings = diagnose(host(called(418, -1003), reading(Kind.WEIGHT, USDM, _heavy())))
    order = [(f.cause, f.subject) for f in findings if f.verdict is Verdict.FOUND]

    assert order == [("IP_BANNED", USDM), ("FOREIGN_USAGE", USDM)]
    assert findings[len(order)].verdict is not Verdict.FOUND


def test_of_two_accounts_the_one_with_something_sure_comes_first() -> None:
    another = Subject("account", "another")
    rejected = [refused(kind, -2015, REJECTED) for kind in SIGNED_KINDS]
    elsewhere = [refused(kind, -2015, REJECTED, request_ip=HERE) for kind in SIGNED_KINDS]
    of_another = [replace(one, subject=another) for one in (*elsewhere, whitelist("192.0.2.1"))]
    told = diagnose(host(*rejected, more=of_another))
    order = [(f.cause, f.subject, f.confidence) for f in told if f.verdict is Verdict.FOUND]

    assert order[:2] == [("IP_NOT_WHITELISTED", another, C), ("IP_NOT_WHITELISTED", MAIN, P)]


def _heavy() -> WeightUse:
    return WeightUse(used=2_300, own=0, limit=2_400)


def test_every_finding_of_one_host_has_its_own_identity() -> None:
    def identities(evidence_: Evidence) -> list[object]:
        return [(f.cause, f.subject) for f in diagnose(evidence_)]

    for case in (host(), silent(Contact.REFUSED), host(called(451)), host(called(418))):
        assert len(identities(case)) == len(set(identities(case)))


def test_spot_and_futures_are_decided_apart() -> None:
    spot_down = failed(Kind.PUBLIC_CALL, SPOT, FailureReason.DNS)
    assert found(network.examine(host(spot_down))) == {("NETWORK_DNS", "spot"): C}


def test_a_finding_is_sure_exactly_where_it_is_found() -> None:
    def consistent(finding: Finding) -> bool:
        return (finding.verdict is Verdict.FOUND) == (finding.confidence is not None)

    for case in (host(), silent(Contact.REFUSED), host(called(451)), host(called(418))):
        assert all(consistent(finding) for finding in diagnose(case))
