"""What earlier diagnoses change about the ladder."""

from datetime import timedelta

import pytest

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Verdict
from sonde_core.readings import SIGNED_KINDS, Kind, Reading
from sonde_core.rules import access
from tests.core.histories import echoes
from tests.core.hosts import HERE, REJECTED, host, refused, remembering, whitelist

C, L, P = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE
ELSEWHERE = "198.51.100.7"
MINUTES, HOURS, DAYS = (timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))


def rejected(code: int = -2015) -> list[Reading]:
    return [refused(kind, code, REJECTED, request_ip=HERE) for kind in SIGNED_KINDS]


def futures_rejected() -> list[Reading]:
    kinds = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    return [refused(kind, -2015, REJECTED, request_ip=HERE) for kind in kinds]


def found(evidence: Evidence) -> dict[str, Confidence | None]:
    return {f.cause: f.confidence for f in access.examine(evidence) if f.verdict is Verdict.FOUND}


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        pytest.param(
            remembering(host(*rejected()), accepted=6 * HOURS, accepted_from=ELSEWHERE),
            {"IP_NOT_WHITELISTED": C},
            id="accepted until the address changed",
        ),
        pytest.param(
            remembering(
                host(*rejected(), more=[whitelist(HERE)]),
                accepted=6 * HOURS,
                accepted_from=ELSEWHERE,
            ),
            {"IP_NOT_WHITELISTED": L},
            id="the same, though the new address is recorded already",
        ),
        pytest.param(
            remembering(
                host(*rejected()), accepted=6 * HOURS, accepted_from=ELSEWHERE, fingerprint="other"
            ),
            {"IP_NOT_WHITELISTED": P, "KEY_INVALID": P},
            id="another key was accepted: that proves nothing of this one",
        ),
        pytest.param(
            remembering(host(*rejected()), accepted=6 * HOURS, struck=5 * HOURS),
            {"IP_BANNED": L},
            id="accepted from here, then a ban",
        ),
        pytest.param(
            remembering(host(*rejected()), accepted=3 * DAYS, struck=2 * DAYS),
            {"IP_NOT_WHITELISTED": P, "KEY_INVALID": P},
            id="a ban of long ago explains nothing",
        ),
        pytest.param(
            remembering(host(*rejected()), accepted=10 * MINUTES),
            {"KEY_INVALID": P, "IP_BANNED": P},
            id="accepted from here a moment ago",
        ),
        pytest.param(
            remembering(host(*rejected(), more=[whitelist(HERE)]), accepted=2 * DAYS),
            {"KEY_INVALID": L},
            id="accepted from here long ago, and listed",
        ),
        pytest.param(
            remembering(host(*rejected(-2008)), accepted=2 * DAYS),
            {"KEY_INVALID": C},
            id="a key that was known is gone",
        ),
        pytest.param(
            remembering(host(*futures_rejected()), futures_accepted=2 * DAYS),
            {"IP_BANNED": P, "ACCOUNT_RESTRICTED": P},
            id="futures took this key before: it is not too old for them",
        ),
    ],
)
def test_the_past_decides_what_the_present_cannot(
    evidence: Evidence, expected: dict[str, Confidence | None]
) -> None:
    assert found(evidence) == expected


def test_whoever_suspects_a_short_ban_says_to_wait_before_the_key_is_touched() -> None:
    evidence = remembering(host(*rejected()), accepted=6 * HOURS, struck=5 * HOURS)

    [banned] = [f for f in access.examine(evidence) if f.cause == "IP_BANNED"]

    assert banned.settle is not None
    assert banned.settle.id == "settle_ask_again"


@pytest.mark.parametrize(
    "present",
    [
        pytest.param(host(*rejected(), *echoes(ELSEWHERE)), id="the echo services see no change"),
        pytest.param(host(*rejected(), without=[Kind.ECHO_IPV4]), id="no echo service answers"),
    ],
)
def test_another_way_to_the_exchange_than_to_the_echo_services_is_no_change(
    present: Evidence,
) -> None:
    past = remembering(present, accepted=HOURS, accepted_from=ELSEWHERE)

    assert C not in found(past).values()
