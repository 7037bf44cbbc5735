"""A key that works, held against what a key should be allowed."""

import pytest

from sonde_core.findings import Verdict
from sonde_core.readings import Kind
from sonde_core.rules import policy
from tests.core.hosts import GOOD_PERMISSIONS, host, ok, permissions
from tests.core.refused_keys import unanswered


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
