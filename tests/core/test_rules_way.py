"""What is told of the way to the exchange, and what a slow one leads to."""

from dataclasses import replace

import pytest

from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Severity, Verdict
from sonde_core.readings import USDM, FailureReason, Kind
from sonde_core.rules import delay, network
from sonde_core.words import Words, severity_of
from tests.core.cases import CASES
from tests.core.hosts import MAIN, failed, host


def told(case: str, cause: str) -> list[str]:
    [finding] = [
        f for f in network.examine(CASES[case]) if (f.cause, f.subject.name) == (cause, "usdm")
    ]
    return [Words().brief(item) for item in finding.supporting]


@pytest.mark.parametrize(
    ("case", "cause", "briefs"),
    [
        ("path measured", "NETWORK_DNS", ["fapi.binance.com 19 ms"]),
        (
            "path measured",
            "NETWORK_TLS",
            ["fapi.binance.com 19 ms", "TLS by the expected issuer"],
        ),
        (
            "a proxy opens TLS",
            "NETWORK_TLS",
            ["usdm: TLS handshake failed", "Acme Web Gateway opens the connection"],
        ),
        (
            "a certificate of another",
            "NETWORK_TLS",
            ["usdm: TLS handshake failed", "certificate of login.hotel.example"],
        ),
        (
            "only a second name server knows",
            "NETWORK_DNS",
            ["usdm: name does not resolve", "a second name server knows 198.51.100.20"],
        ),
        (
            "no name server knows",
            "NETWORK_DNS",
            ["usdm: name does not resolve", "unknown to a second name server"],
        ),
        (
            "a name that leads elsewhere",
            "NETWORK_CONNECTION",
            ["usdm: connection failed", "a second name server knows 198.51.100.99"],
        ),
    ],
)
def test_the_way_is_told_in_few_words(case: str, cause: str, briefs: list[str]) -> None:
    assert told(case, cause) == briefs


def verdicts(case: str) -> dict[str, tuple[Confidence | None, Severity]]:
    """Return what is found on the way to futures, how surely, and how bad it is."""
    return {
        finding.cause: (finding.confidence, severity_of(finding))
        for finding in network.examine(CASES[case])
        if finding.verdict is Verdict.FOUND
    }


@pytest.mark.parametrize(
    ("case", "brief"),
    [
        ("two name servers that agree", "two name servers agree"),
        ("two edges of one network", "two name servers differ, the certificate is right"),
        ("a second name server that knows nothing", "a second name server is wrong"),
        ("a second name server that lies", "a second name server is wrong"),
        ("a second name server that is silent", "the second name server is silent"),
    ],
)
def test_where_the_way_works_a_second_name_server_is_told_of_and_accuses_nobody(
    case: str, brief: str
) -> None:
    assert verdicts(case) == {}
    assert brief in told(case, "NETWORK_DNS")


@pytest.mark.parametrize(
    "reason",
    [
        FailureReason.CONNECTION,
        FailureReason.TIMEOUT,
        FailureReason.TLS,
        FailureReason.CERTIFICATE_EXPIRED,
    ],
)
def test_a_broken_way_is_the_names_fault_where_the_exchange_answers_at_the_other_address(
    reason: FailureReason,
) -> None:
    case = f"led astray: {reason.value}"

    assert verdicts(case) == {"NETWORK_DNS": (Confidence.LIKELY, Severity.FAILURE)}
    assert told(case, "NETWORK_DNS")[-1] == "the exchange answers at 13.35.18.7, 13.35.18.90"
    [finding] = [f for f in network.examine(CASES[case]) if f.verdict is Verdict.FOUND]
    assert Words().title(finding) == "The exchange's name leads somewhere else on this host"


def test_a_way_that_is_broken_at_both_addresses_is_not_the_names_fault() -> None:
    case = "no better elsewhere"

    assert verdicts(case) == {"NETWORK_TIMEOUT": (Confidence.CONFIRMED, Severity.FAILURE)}
    assert told(case, "NETWORK_TIMEOUT")[-1] == "no better at 13.35.18.7, 13.35.18.90"


def test_the_hosts_own_is_not_blamed_where_nobody_knows_what_it_told() -> None:
    case = "broken, and nobody knows what the host's own told"

    assert told(case, "NETWORK_TIMEOUT") == ["usdm: no answer in time"]


def test_a_name_that_leads_to_a_private_address_is_a_warning_although_the_way_works() -> None:
    case = "a relay in the network"

    assert verdicts(case) == {"NETWORK_DNS": (Confidence.POSSIBLE, Severity.WARNING)}
    assert told(case, "NETWORK_DNS") == ["the name leads to 198.18.0.5"]


def test_a_way_that_is_too_slow_for_one_in_twenty_is_a_warning() -> None:
    [slow, _] = delay.examine(CASES["a way that is slow now and then"])

    assert (slow.verdict, slow.confidence) == (Verdict.FOUND, Confidence.LIKELY)
    assert slow.severity is Severity.WARNING
    assert [item.id for item in slow.supporting] == [
        "request_took", "clock_good", "round_trips_lately", "not_refused_yet",
    ]  # fmt: skip


def test_a_way_that_is_quick_for_hours_is_clear() -> None:
    [quick, _] = delay.examine(CASES["path measured"])

    assert quick.verdict is Verdict.CLEAR


def missing(evidence: Evidence, cause: str, name: str) -> list[str]:
    [finding] = [f for f in diagnose(evidence) if (f.cause, f.subject.name) == (cause, name)]
    assert finding.verdict is Verdict.UNKNOWN
    return [Words().brief(item) for item in finding.missing]


SPENT = "usdm: our own budget for this minute is spent"


def test_what_the_agent_could_not_afford_to_ask_is_no_riddle() -> None:
    spent = CASES["our own budget is spent"]

    assert missing(spent, "NETWORK_TIMEOUT", "usdm") == [SPENT]
    assert missing(spent, "KEY_INVALID", "main") == ["no signed test answered", SPENT]


def test_what_is_kept_back_as_the_exchange_wants_it_is_not_told_as_our_budget() -> None:
    spent = CASES["our own budget is spent"]
    [closure] = CASES["banned"].of(Kind.GATE)
    banned = replace(spent, readings={**spent.readings, (Kind.GATE, USDM): (closure,)})

    assert missing(banned, "NETWORK_TIMEOUT", "usdm") == []


def test_what_could_not_be_asked_any_more_is_named_beside_what_was_answered() -> None:
    later = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    spent = host(*(failed(kind, MAIN, FailureReason.WITHHELD) for kind in later))

    assert missing(spent, "ACCOUNT_RESTRICTED", "main") == [SPENT]
