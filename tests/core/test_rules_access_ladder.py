"""Which cause stands behind a refused key: a test per row of the ladder."""

import pytest

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence
from sonde_core.readings import Answer, BodyForm, FailureReason, Kind, Reading, SigningClock
from tests.core.hosts import (
    HERE,
    MAIN,
    REJECTED,
    failed,
    host,
    ok,
    permissions,
    reading,
    refused,
    whitelist,
)
from tests.core.refused_keys import SEEN, everywhere, found, futures_rejected, rejected, unanswered

INACTIVE = "This account is inactive. Please activate it before trading."
C, L, P = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE


def not_there(kind: Kind) -> Reading:
    """Return the test net's answer to a call that it does not have."""
    return reading(kind, MAIN, Answer(status=404, body=BodyForm.HTML, clock=SigningClock.HOST))


def spot_silent() -> list[Reading]:
    """Nothing signed was sent to the spot host, as after a failed public call."""
    kinds = (Kind.API_RESTRICTIONS, Kind.ACCOUNT_STATUS, Kind.SPOT_ACCOUNT)
    return [failed(kind, MAIN, FailureReason.SKIPPED) for kind in kinds]


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
