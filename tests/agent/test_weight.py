"""Request weight: the agent's own budget, and the exchange's limits."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sonde_agent.probes.exchange.weight import Budget, Limits, Windows, use
from sonde_core.readings import WeightUse
from tests.agent.test_answers import fetched

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
USDM, SPOT = "usdm https://fapi.binance.com", "spot https://api.binance.com"


def limits(kind: str = "REQUEST_WEIGHT", interval: str = "MINUTE", count: int = 1) -> str:
    limit = {"rateLimitType": kind, "interval": interval, "intervalNum": count, "limit": 2400}
    other = limit | {"rateLimitType": "ORDERS", "limit": 1200}
    return json.dumps({"rateLimits": [other, limit], "symbols": [{"symbol": "BTCUSDT"}] * 9})


def test_the_budget_holds_over_all_surfaces_and_starts_anew_each_minute() -> None:
    budget = Budget(per_minute=10)

    assert budget.spend("/fapi/v1/time", 4, NOON)
    assert budget.spend("/sapi/v1/account/status", 4, NOON)
    assert not budget.spend("/fapi/v1/time", 4, NOON)
    assert budget.spend("/fapi/v1/time", 2, NOON)
    assert (budget.own("fapi", NOON), budget.own("api", NOON)) == (6, 0)
    assert budget.own("fapi", NOON + MINUTE) == 0
    assert budget.spend("/fapi/v1/time", 10, NOON + MINUTE)


def test_what_the_agent_spent_is_part_of_what_is_used() -> None:
    assert use(used=5, own=9, limit=2400).own == 5


def test_the_last_word_of_each_of_three_minutes_is_remembered() -> None:
    windows = Windows()
    for second in range(0, 300, 20):
        use_ = WeightUse(used=second, own=0, limit=2400)
        windows.note(USDM, NOON + timedelta(seconds=second), use_)
    now = NOON + timedelta(seconds=290)

    past = windows.past(USDM, now)

    assert [(time - NOON).total_seconds() for time, _ in past] == [100, 160, 220]
    assert [each.used for _, each in past] == [100, 160, 220]
    assert windows.past(USDM, now + 10 * MINUTE) == windows.past(SPOT, now) == []


def test_limits_are_asked_for_once_an_hour_even_if_nobody_answers() -> None:
    known = Limits()
    assert known.due(USDM, NOON)

    known.ask(USDM, NOON)

    assert not known.due(USDM, NOON + 59 * MINUTE)
    assert known.due(USDM, NOON + 60 * MINUTE)
    assert known.get(USDM) is None


def test_the_limit_is_the_one_on_request_weight_per_minute() -> None:
    known = Limits()

    known.note(USDM, fetched(limits()))

    assert known.get(USDM) == 2400


def test_limits_on_orders_are_known_by_the_span_that_they_hold_for() -> None:
    limit = {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300}
    told = [
        limit,
        limit | {"interval": "DAY", "intervalNum": 1, "limit": 160_000},
        limit | {"interval": "FORTNIGHT", "intervalNum": 1},
        limit | {"intervalNum": 10**12},
        limit | {"intervalNum": -1},
        limit | {"intervalNum": 20, "limit": 0},
        limit | {"rateLimitType": "RAW_REQUESTS", "intervalNum": 30},
    ]
    known = Limits()

    known.note(USDM, fetched(json.dumps({"rateLimits": told})))
    known.note(USDM, fetched("{}"))

    assert known.orders(USDM) == {timedelta(seconds=10): 300, timedelta(days=1): 160_000}
    assert known.orders(SPOT) == {}
    assert known.get(USDM) is None


@pytest.mark.parametrize(
    "body",
    [
        limits(kind="ORDERS"),
        limits(interval="DAY"),
        limits(count=5),
        "<html>",
        "{}",
        "[" * 100_000,
        limits().replace("2400", "-1"),
        limits().replace("2400", "9" * 30),
    ],
)
def test_what_names_no_limit_changes_nothing(body: str) -> None:
    known = Limits()

    known.note(USDM, fetched(body))

    assert known.get(USDM) is None
