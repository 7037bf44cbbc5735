"""What signed calls prove of a key, and what they leave unknown."""

import pytest

from sonde_core.findings import Confidence, Verdict
from sonde_core.readings import SIGNED_KINDS, FailureReason, Kind, SigningClock
from sonde_core.rules import access
from tests.core.hosts import HERE, MAIN, failed, host, refused
from tests.core.refused_keys import finding, found, unanswered


def test_a_key_is_not_said_to_be_new_enough_before_futures_took_it() -> None:
    futures = [
        failed(k, MAIN, FailureReason.SKIPPED)
        for k in (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    ]

    assert finding(host(*futures), "KEY_OLDER_THAN_FUTURES").verdict is Verdict.UNKNOWN


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


def test_after_a_wrong_timestamp_the_repeat_with_exchange_time_counts() -> None:
    late = [refused(kind, -1021, "outside of the recvWindow", status=400) for kind in SIGNED_KINDS]
    again = [
        refused(kind, -1022, "Signature", status=400, clock=SigningClock.EXCHANGE)
        for kind in SIGNED_KINDS
    ]

    assert found(host(*late, more=again)) == {"SIGNATURE_INVALID": Confidence.CONFIRMED}


@pytest.mark.parametrize("reason", [r for r in FailureReason if r is not FailureReason.CREDENTIALS])
def test_a_key_that_nobody_came_to_look_at_is_not_missing(reason: FailureReason) -> None:
    cut_off = host(failed(Kind.KEY, MAIN, reason), *unanswered())

    assert found(cut_off) == {}
    assert finding(cut_off, "CREDENTIALS_MISSING").verdict is Verdict.UNKNOWN
