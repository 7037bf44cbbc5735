"""Which cause stands behind a refused key: a test per row of the ladder."""

import pytest

from sonde_core.catalogue import Section
from sonde_core.evidence import Contact, Evidence
from sonde_core.findings import Confidence, Finding, Severity, Verdict
from sonde_core.readings import (
    HOST,
    SIGNED_KINDS,
    AccountStatus,
    AgentSettings,
    Answer,
    BodyForm,
    FailureReason,
    Kind,
    Reading,
    SigningClock,
    TradingFlags,
)
from sonde_core.rules import access, policy
from sonde_core.words import Words
from tests.core.hosts import (
    GOOD_PERMISSIONS,
    HERE,
    MAIN,
    NOW,
    REJECTED,
    evidence,
    failed,
    host,
    ok,
    permissions,
    reading,
    refused,
    whitelist,
)
from tests.core.reports import report_of

SEEN = "203.0.113.9"
INACTIVE = "This account is inactive. Please activate it before trading."
C, L, P = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE


def rejected(request_ip: str = SEEN) -> list[Reading]:
    """Every signed call says -2015; futures name the address that they saw."""
    futures = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    return [
        refused(kind, -2015, REJECTED, request_ip=request_ip if kind in futures else "")
        for kind in SIGNED_KINDS
    ]


def everywhere(code: int, status: int = 401) -> list[Reading]:
    return [refused(kind, code, "text", status=status) for kind in SIGNED_KINDS]


def futures_rejected(request_ip: str = HERE) -> list[Reading]:
    kinds = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    return [refused(kind, -2015, REJECTED, request_ip=request_ip) for kind in kinds]


def not_there(kind: Kind) -> Reading:
    """Return the test net's answer to a call that it does not have."""
    return reading(kind, MAIN, Answer(status=404, body=BodyForm.HTML, clock=SigningClock.HOST))


def spot_silent() -> list[Reading]:
    """Nothing signed was sent to the spot host, as after a failed public call."""
    kinds = (Kind.API_RESTRICTIONS, Kind.ACCOUNT_STATUS, Kind.SPOT_ACCOUNT)
    return [failed(kind, MAIN, FailureReason.SKIPPED) for kind in kinds]


def unanswered() -> list[Reading]:
    return [failed(kind, MAIN, FailureReason.SKIPPED) for kind in SIGNED_KINDS]


def found(evidence_: Evidence) -> dict[str, Confidence | None]:
    return {f.cause: f.confidence for f in access.examine(evidence_) if f.verdict is Verdict.FOUND}


def finding(evidence_: Evidence, cause: str) -> Finding:
    return next(f for f in access.examine(evidence_) if f.cause == cause)


@pytest.mark.parametrize(
    ("evidence_", "expected"),
    [
        pytest.param(host(), {}, id="all accepted"),
        pytest.param(
            host(failed(Kind.KEY, MAIN, FailureReason.CREDENTIALS), *unanswered()),
            {"CREDENTIALS_MISSING": C},
            id="the key on the host cannot be read",
        ),
        pytest.param(host(*unanswered()), {}, id="no signed test was answered"),
        pytest.param(
            host(*everywhere(-1022, 400)), {"SIGNATURE_INVALID": C}, id="the signature is wrong"
        ),
        pytest.param(
            host(refused(Kind.FUTURES_ORDER_TEST, -1022, "Signature", status=400)),
            {"SIGNATURE_INVALID": P},
            id="one call's signature is wrong, the others are right",
        ),
        pytest.param(host(*everywhere(-2014)), {"KEY_INVALID": C}, id="the form is wrong"),
        pytest.param(
            host(*everywhere(-2008, 400)),
            {"KEY_INVALID": L, "WRONG_ENVIRONMENT": P},
            id="the key is unknown",
        ),
        pytest.param(
            host(*everywhere(-1011, 400)),
            {"IP_NOT_WHITELISTED": L},
            id="the address may not use that route",
        ),
        pytest.param(
            host(
                ok(Kind.API_RESTRICTIONS, permissions("enableReading")),
                *futures_rejected(),
            ),
            {"PERMISSION_MISSING": C},
            id="futures are off, and refused",
        ),
        pytest.param(
            host(ok(Kind.API_RESTRICTIONS, permissions("enableReading"))),
            {"PERMISSION_MISSING": C},
            id="futures are off, and nobody noticed yet",
        ),
        pytest.param(
            host(*futures_rejected(SEEN), more=[whitelist(HERE)]),
            {"IP_NOT_WHITELISTED": L},
            id="futures leave by another address that is not listed",
        ),
        pytest.param(
            host(*futures_rejected(), more=[whitelist(HERE)]),
            {"KEY_OLDER_THAN_FUTURES": L},
            id="futures refused though all is on",
        ),
        pytest.param(
            host(refused(Kind.FUTURES_ORDER_TEST, -2015, REJECTED)),
            {"PERMISSION_MISSING": P},
            id="the test order alone refused though all is on",
        ),
        pytest.param(
            host(not_there(Kind.API_RESTRICTIONS), *futures_rejected()),
            {"WRONG_ENVIRONMENT": L},
            id="a test net's spot key on its futures",
        ),
        pytest.param(
            host(
                not_there(Kind.API_RESTRICTIONS),
                not_there(Kind.ACCOUNT_STATUS),
                refused(Kind.SPOT_ACCOUNT, -2015, REJECTED),
            ),
            {},
            id="a test net's futures key, which spot need not know",
        ),
        pytest.param(
            host(refused(Kind.API_RESTRICTIONS, -2015, REJECTED)),
            {"PERMISSION_MISSING": L},
            id="reading refused though futures answer",
        ),
        pytest.param(
            host(*rejected(), more=[whitelist("198.51.100.7")]),
            {"IP_NOT_WHITELISTED": C},
            id="the list lacks the address that the exchange named",
        ),
        pytest.param(
            host(*rejected(), more=[whitelist("198.51.100.0/24")]),
            {"IP_NOT_WHITELISTED": L},
            id="the list is a network",
        ),
        pytest.param(
            host(*rejected(request_ip=""), more=[whitelist("198.51.100.7")]),
            {"IP_NOT_WHITELISTED": L},
            id="the list lacks the address that echo services saw",
        ),
        pytest.param(
            host(*rejected(), more=[whitelist(SEEN)]),
            {"KEY_INVALID": L},
            id="the list has the address",
        ),
        pytest.param(
            host(*rejected(), more=[whitelist("0.0.0.0/0")]),
            {"IP_NOT_WHITELISTED": P, "KEY_INVALID": P},
            id="the list has the address, as every other, within a network",
        ),
        pytest.param(
            host(*rejected()),
            {"IP_NOT_WHITELISTED": P, "KEY_INVALID": P},
            id="no list recorded",
        ),
        pytest.param(
            host(
                refused(Kind.API_RESTRICTIONS, -1002, "You are not authorized"), *futures_rejected()
            ),
            {"IP_NOT_WHITELISTED": P, "KEY_INVALID": P},
            id="unauthorized there, rejected here",
        ),
        pytest.param(host(*everywhere(-1002)), {"PERMISSION_MISSING": L}, id="unauthorized"),
        pytest.param(
            host(
                *rejected()[:-2],
                refused(Kind.FUTURES_ORDER_TEST, -4109, INACTIVE, status=400),
                refused(Kind.SPOT_ACCOUNT, -2015, REJECTED),
                more=[whitelist(SEEN)],
            ),
            {"PERMISSION_MISSING": L, "ACCOUNT_RESTRICTED": C},
            id="reads refused, and futures refuse the account, not the key",
        ),
        pytest.param(
            host(*spot_silent(), *futures_rejected(), more=[whitelist(HERE)]),
            {"KEY_INVALID": P, "PERMISSION_MISSING": P},
            id="the list has the address, and only futures were asked",
        ),
        pytest.param(
            host(*spot_silent(), *futures_rejected()),
            {"IP_NOT_WHITELISTED": P, "KEY_INVALID": P, "PERMISSION_MISSING": P},
            id="no list recorded, and only futures were asked",
        ),
        pytest.param(
            host(*spot_silent(), *futures_rejected(SEEN), more=[whitelist(HERE)]),
            {"IP_NOT_WHITELISTED": C},
            id="only futures were asked, and the list lacks their address",
        ),
    ],
)
def test_each_row_of_the_ladder(
    evidence_: Evidence, expected: dict[str, Confidence | None]
) -> None:
    assert found(evidence_) == expected


def test_a_key_is_not_said_to_be_new_enough_before_futures_took_it() -> None:
    futures = [
        failed(k, MAIN, FailureReason.SKIPPED)
        for k in (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    ]

    assert finding(host(*futures), "KEY_OLDER_THAN_FUTURES").verdict is Verdict.UNKNOWN


def test_an_address_is_not_cleared_by_calls_that_left_by_another() -> None:
    evidence_ = host(*futures_rejected(SEEN), more=[whitelist("203.0.113.0/24")])

    assert finding(evidence_, "IP_NOT_WHITELISTED").verdict is Verdict.UNKNOWN


def test_what_an_accepted_key_proves_is_clear_and_says_so() -> None:
    assert {f.cause: f.verdict for f in access.examine(host())} == dict.fromkeys(
        access.CAUSES, Verdict.CLEAR
    )
    assert finding(host(), "IP_NOT_WHITELISTED").supporting[0].values == {"address": HERE}


def test_a_broken_path_says_nothing_about_the_key() -> None:
    verdicts = {f.cause: f.verdict for f in access.examine(host(*unanswered()))}

    assert verdicts == {
        **dict.fromkeys(access.CAUSES, Verdict.UNKNOWN),
        "CREDENTIALS_MISSING": Verdict.CLEAR,
    }


def test_without_a_recorded_list_the_missing_record_and_the_settling_check_are_named() -> None:
    undecided = finding(host(*rejected()), "IP_NOT_WHITELISTED")

    assert [item.id for item in undecided.missing] == ["whitelist_not_recorded"]
    assert undecided.settle is not None
    assert undecided.settle.values["address"] == SEEN


def test_the_services_record_wins_over_the_agents() -> None:
    agents = host(*rejected(), more=[whitelist("198.51.100.7")])
    records = agents.value(Kind.WHITELIST, MAIN, type(whitelist(SEEN).value))
    assert records is not None
    services = Evidence(
        now=agents.now,
        readings=agents.readings,
        whitelists={"main": whitelist(SEEN).value},  # type: ignore[dict-item]
    )

    assert found(services) == {"KEY_INVALID": L}


def test_after_a_wrong_timestamp_the_repeat_with_exchange_time_counts() -> None:
    late = [refused(kind, -1021, "outside of the recvWindow", status=400) for kind in SIGNED_KINDS]
    again = [
        refused(kind, -1022, "Signature", status=400, clock=SigningClock.EXCHANGE)
        for kind in SIGNED_KINDS
    ]

    assert found(host(*late, more=again)) == {"SIGNATURE_INVALID": C}


def test_a_host_without_an_account_is_told_so() -> None:
    bare = evidence(reading(Kind.SETTINGS, HOST, AgentSettings(version="1")))

    assert found(bare) == {"CREDENTIALS_MISSING": C}
    assert [f.verdict for f in access.examine(Evidence(now=bare.now, contact=Contact.TIMEOUT))] == [
        Verdict.UNKNOWN
    ] * len(access.CAUSES)


def test_the_operators_own_policy_is_what_is_required() -> None:
    settings = AgentSettings(version="1", require=frozenset({"enableSpotAndMarginTrading"}))
    key = permissions("enableReading", "enableFutures")
    strict = host(reading(Kind.SETTINGS, HOST, settings), ok(Kind.API_RESTRICTIONS, key))

    [item, *_] = finding(strict, "PERMISSION_MISSING").supporting
    assert item.values == {
        "permissions": ("enableSpotAndMarginTrading",),
        "boxes": ("Enable Spot & Margin Trading",),
    }


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(GOOD_PERMISSIONS, set(), id="as it should be"),
        pytest.param(
            permissions("enableReading", "enableFutures", "enableWithdrawals"),
            {"WITHDRAWALS_ENABLED"},
            id="may withdraw",
        ),
        pytest.param(
            permissions("enableReading", "enableFutures", ip_restricted=False),
            {"IP_RESTRICTION_OFF"},
            id="works from anywhere",
        ),
    ],
)
def test_the_key_is_held_against_the_policy(key: object, expected: set[str]) -> None:
    held = policy.examine(host(ok(Kind.API_RESTRICTIONS, key)))  # type: ignore[arg-type]

    assert {f.cause for f in held if f.verdict is Verdict.FOUND} == expected


def test_the_policy_is_unknown_where_the_exchange_did_not_say() -> None:
    verdicts = {f.verdict for f in policy.examine(host(*unanswered()))}

    assert verdicts == {Verdict.UNKNOWN}


@pytest.mark.parametrize("reason", [r for r in FailureReason if r is not FailureReason.CREDENTIALS])
def test_a_key_that_nobody_came_to_look_at_is_not_missing(reason: FailureReason) -> None:
    cut_off = host(failed(Kind.KEY, MAIN, reason), *unanswered())

    assert found(cut_off) == {}
    assert finding(cut_off, "CREDENTIALS_MISSING").verdict is Verdict.UNKNOWN


def test_a_host_that_was_cut_off_is_not_told_that_it_has_no_account() -> None:
    settings = reading(Kind.SETTINGS, HOST, AgentSettings(version="1"))
    early = Evidence(now=NOW, contact=Contact.TIMEOUT, readings=evidence(settings).readings)
    named = evidence(reading(Kind.SETTINGS, HOST, AgentSettings(version="1", accounts=("main",))))

    assert found(early) == {}
    assert found(named) == {}


def test_what_the_exchange_refuses_for_an_unknown_reason_is_not_called_healthy() -> None:
    odd = host(refused(Kind.FUTURES_ACCOUNT, -9999, "a code of tomorrow", status=400))

    unknown = finding(odd, "PERMISSION_MISSING")

    assert unknown.verdict is Verdict.UNKNOWN
    assert unknown.supporting
    assert report_of(odd).unknown_sections() == [Section.PERMISSION]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            refused(Kind.FUTURES_ACCOUNT, -4109, "This account is inactive", status=400),
            (C, None),
            id="inactive",
        ),
        pytest.param(
            refused(Kind.FUTURES_ORDER_TEST, -4192, "Cooling-off Period", status=400),
            (C, None),
            id="cooling off",
        ),
        pytest.param(
            refused(Kind.FUTURES_ACCOUNT, -2017, "API Keys are locked", status=400),
            (C, None),
            id="locked",
        ),
        pytest.param(
            ok(Kind.FUTURES_ACCOUNT, TradingFlags(can_trade=False)), (C, None), id="no futures"
        ),
        pytest.param(
            reading(
                Kind.ACCOUNT_STATUS,
                MAIN,
                Answer(status=200, clock=SigningClock.HOST, facts=AccountStatus("Locked")),
            ),
            (L, Severity.WARNING),
            id="not normal, and futures work",
        ),
        pytest.param(
            ok(Kind.SPOT_ACCOUNT, TradingFlags(can_trade=False)),
            (L, Severity.WARNING),
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


def test_order_test_that_is_refused_for_its_order_says_nothing_of_the_key() -> None:
    filtered = host(refused(Kind.FUTURES_ORDER_TEST, -4131, "filter", status=400))

    assert finding(filtered, "PERMISSION_MISSING").verdict is Verdict.CLEAR


def test_a_second_account_that_nothing_came_of_is_not_hidden_by_the_first() -> None:
    settings = reading(Kind.SETTINGS, HOST, AgentSettings(version="1", accounts=("main", "alt")))

    assert Section.IP in report_of(host(settings)).unknown_sections()


def test_futures_calls_and_their_test_prove_the_required_permissions() -> None:
    silent = failed(Kind.API_RESTRICTIONS, MAIN, FailureReason.TIMEOUT)

    assert finding(host(silent), "PERMISSION_MISSING").verdict is Verdict.CLEAR


def test_futures_that_are_off_and_not_required_are_refused_as_they_should_be() -> None:
    settings = AgentSettings(version="1", require=frozenset({"enableSpotAndMarginTrading"}))
    key = permissions("enableReading", "enableSpotAndMarginTrading")
    spot = host(
        reading(Kind.SETTINGS, HOST, settings), ok(Kind.API_RESTRICTIONS, key), *futures_rejected()
    )

    assert found(spot) == {}


def test_a_required_permission_that_the_exchange_does_not_know_is_unknown() -> None:
    settings = AgentSettings(version="1", require=frozenset({"enableFuture"}))

    odd = finding(host(reading(Kind.SETTINGS, HOST, settings)), "PERMISSION_MISSING")

    assert odd.verdict is Verdict.UNKNOWN


def test_an_address_is_only_replaced_where_nothing_else_can_break() -> None:
    one = finding(host(*rejected(), more=[whitelist("198.51.100.7")]), "IP_NOT_WHITELISTED")
    two = finding(
        host(*rejected(), more=[whitelist("198.51.100.7", "198.51.100.8")]), "IP_NOT_WHITELISTED"
    )

    assert Words().next_step(one) == f"replace 198.51.100.7 in API Management with {SEEN}"
    assert Words().next_step(two).startswith(f"add {SEEN} to the key's IP list")


def test_several_outbound_addresses_are_told_where_the_address_is_in_doubt() -> None:
    told = finding(host(*rejected()), "IP_NOT_WHITELISTED").supporting

    assert [i.values["addresses"] for i in told if i.id == "addresses_differ"] == [(HERE, SEEN)]


def test_spot_flags_alone_do_not_complete_the_permissions() -> None:
    only_spot = host(*unanswered(), ok(Kind.SPOT_ACCOUNT, TradingFlags(can_trade=True)))

    assert finding(only_spot, "PERMISSION_MISSING").verdict is Verdict.UNKNOWN
    assert finding(only_spot, "KEY_INVALID").verdict is Verdict.CLEAR
