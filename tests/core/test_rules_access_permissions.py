"""Which permissions a key lacks, has, or has not shown."""

from sonde_core.catalogue import Section
from sonde_core.findings import Verdict
from sonde_core.readings import HOST, AgentSettings, FailureReason, Kind, TradingFlags
from tests.core.hosts import MAIN, failed, host, ok, permissions, reading, refused
from tests.core.refused_keys import finding, found, futures_rejected, unanswered
from tests.core.reports import report_of


def test_the_operators_own_policy_is_what_is_required() -> None:
    settings = AgentSettings(version="1", require=frozenset({"enableSpotAndMarginTrading"}))
    key = permissions("enableReading", "enableFutures")
    strict = host(reading(Kind.SETTINGS, HOST, settings), ok(Kind.API_RESTRICTIONS, key))

    [item, *_] = finding(strict, "PERMISSION_MISSING").supporting
    assert item.values == {
        "permissions": ("enableSpotAndMarginTrading",),
        "boxes": ("Enable Spot & Margin Trading",),
    }


def test_what_the_exchange_refuses_for_an_unknown_reason_is_not_called_healthy() -> None:
    odd = host(refused(Kind.FUTURES_ACCOUNT, -9999, "a code of tomorrow", status=400))

    unknown = finding(odd, "PERMISSION_MISSING")

    assert unknown.verdict is Verdict.UNKNOWN
    assert unknown.supporting
    assert report_of(odd).unknown_sections() == [Section.PERMISSION]


def test_order_test_that_is_refused_for_its_order_says_nothing_of_the_key() -> None:
    filtered = host(refused(Kind.FUTURES_ORDER_TEST, -4131, "filter", status=400))

    assert finding(filtered, "PERMISSION_MISSING").verdict is Verdict.CLEAR


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


def test_spot_flags_alone_do_not_complete_the_permissions() -> None:
    only_spot = host(*unanswered(), ok(Kind.SPOT_ACCOUNT, TradingFlags(can_trade=True)))

    assert finding(only_spot, "PERMISSION_MISSING").verdict is Verdict.UNKNOWN
    assert finding(only_spot, "KEY_INVALID").verdict is Verdict.CLEAR
