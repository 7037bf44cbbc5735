"""What is told of the way to the exchange, and what a slow one leads to."""

import pytest

from sonde_core.findings import Confidence, Severity, Verdict
from sonde_core.rules import delay, network
from sonde_core.words import Words
from tests.core.cases import CASES


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
            ["usdm: name does not resolve", "unknown to a second name server too"],
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
