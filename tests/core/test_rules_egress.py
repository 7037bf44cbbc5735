"""Whether the host keeps one outbound address."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Verdict
from sonde_core.memory import Sighting
from sonde_core.readings import EchoedAddress, Kind, Reading, Subject
from sonde_core.rules import egress
from tests.core.hosts import HERE, NOW, REJECTED, host, reading, refused, remembering, whitelist

ELSEWHERE, THIRD = "198.51.100.7", "198.51.100.8"
DAYS = timedelta(days=1)


def echo(address: str, kind: Kind = Kind.ECHO_IPV4) -> Reading:
    return reading(kind, Subject("echo", "one.example"), EchoedAddress(ip_address(address)))


def finding(evidence: Evidence) -> Finding:
    [only] = egress.examine(evidence)
    return only


@pytest.mark.parametrize(
    ("evidence", "verdict", "confidence"),
    [
        pytest.param(host(), Verdict.CLEAR, None, id="one address"),
        pytest.param(
            host(echo(ELSEWHERE)), Verdict.FOUND, Confidence.CONFIRMED, id="observers differ"
        ),
        pytest.param(
            host(refused(Kind.FUTURES_ACCOUNT, -2015, REJECTED, request_ip=ELSEWHERE)),
            Verdict.FOUND,
            Confidence.CONFIRMED,
            id="the exchange saw another address",
        ),
        pytest.param(
            host(echo(ELSEWHERE), more=[whitelist(HERE, ELSEWHERE)]),
            Verdict.CLEAR,
            None,
            id="the list has each of them",
        ),
        pytest.param(
            host(echo("2001:db8::7", Kind.ECHO_IPV6)),
            Verdict.CLEAR,
            None,
            id="one address of each family",
        ),
        pytest.param(
            host(without=[Kind.ECHO_IPV4]), Verdict.UNKNOWN, None, id="nobody saw an address"
        ),
        pytest.param(
            remembering(host(), moved=[(6 * DAYS, ELSEWHERE)]),
            Verdict.CLEAR,
            None,
            id="moved once: rebuilt",
        ),
        pytest.param(
            remembering(host(), moved=[(6 * DAYS, THIRD), (2 * DAYS, ELSEWHERE)]),
            Verdict.FOUND,
            Confidence.LIKELY,
            id="moved twice",
        ),
        pytest.param(
            remembering(
                host(),
                moved=[(6 * DAYS, THIRD), (4 * DAYS, ELSEWHERE), (2 * DAYS, THIRD), (DAYS, HERE)],
            ),
            Verdict.FOUND,
            Confidence.CONFIRMED,
            id="keeps moving",
        ),
        pytest.param(
            remembering(
                host(), moved=[(60 * DAYS, THIRD), (40 * DAYS, ELSEWHERE), (30 * DAYS, HERE)]
            ),
            Verdict.CLEAR,
            None,
            id="moved long ago",
        ),
    ],
)
def test_an_address_is_stable_or_not(
    evidence: Evidence, verdict: Verdict, confidence: Confidence | None
) -> None:
    told = finding(evidence)

    assert (told.verdict, told.confidence) == (verdict, confidence)


def test_a_moving_address_is_told_with_numbers() -> None:
    moves = [(6 * DAYS, THIRD), (4 * DAYS, ELSEWHERE), (2 * DAYS, THIRD), (DAYS, HERE)]

    [item] = finding(remembering(host(), moved=moves)).supporting

    assert item.values["count"] == 3
    assert item.values["addresses"] == (THIRD, ELSEWHERE, HERE), (
        "the one before the first change too"
    )


def test_an_observer_that_is_silent_now_is_no_move() -> None:
    past = remembering(host(), moved=[(6 * DAYS, THIRD), (2 * DAYS, HERE)])
    assert past.memory
    dual = Sighting(time=NOW - DAYS, addresses=("2001:db8::7", HERE))
    memory = replace(
        past.memory,
        sightings=(past.memory.sightings[0], dual),
        observers={**past.memory.observers, "ipv6 one.example": "2001:db8::7"},
    )

    assert finding(replace(past, memory=memory)).verdict is Verdict.CLEAR
