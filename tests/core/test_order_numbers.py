"""What an order's numbers say, beside the limits of its symbol."""

import tomllib
from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sonde_core.catalogue
from sonde_core.answer import answer
from sonde_core.catalogue import CATALOGUE, Language
from sonde_core.explainer import explain
from sonde_core.order_numbers import named_limits, numbers_of, order_numbers, with_named
from sonde_core.orders import Order, SymbolRules
from sonde_core.words import Words
from tests.core.hosts import NOW
from tests.core.refused_orders import ETH, FILTER, GOOD, NUMBERS, like

ITEMS = tomllib.loads(
    (Path(sonde_core.catalogue.__path__[0]) / "order_numbers.toml").read_text("utf-8")
)["item"]
SAYS = Words(Language.EN)


def said(order: Order, rules: SymbolRules | None = ETH, cause: str = FILTER) -> list[str]:
    return [SAYS.sentence(item) for item in order_numbers(cause, order, rules)]


def ids(order: Order, rules: SymbolRules | None = ETH, cause: str = FILTER) -> set[str]:
    return {item.id for item in order_numbers(cause, order, rules)}


def test_an_order_that_is_worth_too_little_is_told_with_its_numbers() -> None:
    finer = replace(ETH, step_size=Decimal("0.0001"))

    assert said(like(quantity="0.0012"), finer) == [
        "0.0012 × 3,120 = 3.74 USDT is under the minimum of 5. "
        "At this price, 0.0017 is the least quantity."
    ]


def test_without_a_price_the_last_one_counts_and_that_is_said() -> None:
    assert said(like(quantity="0.001", price=None), replace(ETH, min_notional=Decimal(20))) == [
        "The order names no price. At the last price, 0.001 × 3,120 = 3.12 USDT is under the "
        "minimum of 20; 0.007 is the least quantity."
    ]


def test_a_stop_order_is_measured_by_its_stop_price() -> None:
    order = like(type="STOP_MARKET", price=None, stop_price="400", quantity="0.01")

    assert said(order)[0].startswith("0.01 × 400 = 4 USDT is under the minimum of 5")


def test_what_is_worth_almost_enough_never_looks_like_enough() -> None:
    [told] = said(like(quantity="0.002", price="2499.9"))

    assert told.startswith("0.002 × 2,499.9 = 4.99 USDT is under the minimum of 5")


def test_tiny_amounts_keep_their_digits() -> None:
    rules = replace(ETH, min_notional=Decimal("0.0001"), tick_size=None, min_price=None)

    [told] = said(Order(symbol="LTCBTC", quantity=Decimal("0.01"), price=Decimal("0.00131")), rules)

    assert told.startswith("0.01 × 0.00131 = 0.0000131 BTC is under the minimum of 0.0001")


def test_an_order_that_only_reduces_may_be_worth_any_amount() -> None:
    assert ids(like(quantity="0.001", reduce_only=True)) == {"order_demands"}


def test_contracts_are_not_multiplied_by_a_price() -> None:
    order = Order(symbol="BTCUSD_PERP", quantity=Decimal(1), price=Decimal(3))

    assert "order_notional" not in ids(order)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (
            like(quantity="0.0125"),
            "The quantity 0.0125 has 4 decimals, ETHUSDT takes at most 3: 0.012 or 0.013 is valid.",
        ),
        (
            like(price="3120.123"),
            "The price 3,120.123 has 3 decimals, ETHUSDT takes at most 1: "
            "3,120.1 or 3,120.2 is valid.",
        ),
        (
            like(stop_price="3100.05"),
            "The stop price 3,100.05 has 2 decimals, ETHUSDT takes at most 1: "
            "3,100 or 3,100.1 is valid.",
        ),
        (like(quantity="1001"), "The quantity 1,001 is over the maximum of 1,000."),
        (like(price="2000000"), "The price 2,000,000 is over the highest of 1,000,000."),
        (like(stop_price="0.01"), "The stop price 0.01 is under the lowest of 0.1."),
        (
            like(type="MARKET", price=None, quantity="60"),
            "The quantity 60 is over the maximum of 50.",
        ),
    ],
)
def test_each_limit_that_is_broken_is_told(order: Order, told: str) -> None:
    assert told in said(order)


def test_coarse_steps_name_the_valid_neighbours() -> None:
    rules = replace(ETH, step_size=Decimal(10), min_quantity=Decimal(10), tick_size=Decimal("2.5"))

    assert said(like(quantity="15", price="3121"), rules) == [
        "The quantity 15 is not a multiple of 10: 10 or 20 is valid.",
        "The price 3,121 is not a multiple of 2.5: 3,120 or 3,122.5 is valid.",
    ]


def test_nothing_under_the_minimum_is_offered() -> None:
    assert said(like(quantity="0.0005", price="20000")) == [
        "The quantity 0.0005 is under the minimum of 0.001.",
        "The quantity 0.0005 has 4 decimals, ETHUSDT takes at most 3: "
        "0.001 is the nearest that is valid.",
    ]
    assert said(like(quantity="0.0012"))[1:] == [
        "The quantity 0.0012 has 4 decimals, ETHUSDT takes at most 3: "
        "0.002 is the nearest that is valid.",
    ]


def test_steps_may_be_counted_from_the_minimum() -> None:
    rules = replace(ETH, tick_size=Decimal("0.5"), min_price=Decimal("0.3"))

    assert ids(like(price="3119.8"), rules) == {"order_demands"}
    assert ids(like(price="3120"), rules) == {"order_demands"}
    assert ids(like(price="3120.1"), rules) == {"order_price_step"}


def test_where_the_order_is_not_known_the_demands_are_told() -> None:
    assert said(Order(symbol="ETHUSDT")) == [
        "ETHUSDT takes quantities in steps of 0.001 (at least 0.001), prices in steps of 0.1, and "
        "orders worth at least 5. At the last price of 3,120 the least quantity is 0.002."
    ]
    assert said(Order(symbol="ETHUSDT"), SymbolRules(status="TRADING")) == []
    assert said(Order()) == ["An order (quantity × price) must be worth at least 5."]


@pytest.mark.parametrize("cause", ["INSUFFICIENT_BALANCE", "MARGIN_INSUFFICIENT"])
def test_too_little_money_is_told_with_what_the_order_is_worth(cause: str) -> None:
    assert said(GOOD, None, cause) == ["The order is worth 0.01 × 3,120 = 31.20 USDT."]
    assert said(like(price=None), ETH, cause) == [
        "At the last price the order is worth 0.01 × 3,120 = 31.20 USDT."
    ]


def test_a_stop_that_triggers_at_once_is_told_beside_the_last_price() -> None:
    assert said(like(stop_price="3150"), ETH, "WOULD_IMMEDIATELY_TRIGGER") == [
        "The stop price is 3,150; the last price is now 3,120."
    ]


@pytest.mark.parametrize("cause", [FILTER, "ORDER_NOT_FOUND", "MARGIN_INSUFFICIENT"])
def test_a_symbol_that_takes_no_orders_is_told_first(cause: str) -> None:
    told = said(GOOD, replace(ETH, status="SETTLING"), cause)

    assert told[0] == "ETHUSDT takes no orders now: its status is SETTLING."


def test_a_wrong_parameter_is_not_told_with_limits_that_hold() -> None:
    assert said(Order(symbol="ETHUSDT"), ETH, "PARAMETER_INVALID") == []
    assert ids(like(quantity="0.0125"), ETH, "PARAMETER_INVALID") == {"order_quantity_decimals"}


@pytest.mark.parametrize("filter_", ["PERCENT_PRICE", "MAX_NUM_ORDERS"])
def test_a_filter_that_no_number_decides_is_not_told_with_other_limits(filter_: str) -> None:
    text = f"APIError(code=-1013): Filter failure: {filter_} symbol=ETHUSDT quantity=0.0125"

    assert numbers_of(explain(text), text, ETH) == ()


@pytest.mark.parametrize("cause", ["CLOCK_AHEAD", "IP_NOT_WHITELISTED", "OTHER", "nonsense"])
def test_what_is_not_about_an_order_says_nothing_of_its_numbers(cause: str) -> None:
    assert order_numbers(cause, like(quantity="0.0001"), ETH) == ()


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("Order's notional must be no smaller than 20 (unless you choose reduce only)", "20"),
        ("ORDER’S NOTIONAL MUST BE NO SMALLER THAN 5.0.", "5.0"),
        ('{"code":-5029,"msg":"Order\'s notional must be no smaller than 100."}', "100"),
    ],
)
def test_the_least_value_is_read_from_the_refusal(text: str, limit: str) -> None:
    assert named_limits(text) == SymbolRules(status="TRADING", min_notional=Decimal(limit))


def test_bounds_of_prices_and_quantities_are_read_from_the_refusal() -> None:
    higher = named_limits("Limit price can't be higher than 39335.15.")
    lower = named_limits("Limit price can't be lower than 61.2")
    ccxt = named_limits("amount of BTC/USDT must be greater than minimum amount precision of 0.001")

    assert higher == SymbolRules(status="TRADING", max_price=Decimal("39335.15"))
    assert lower == SymbolRules(status="TRADING", min_price=Decimal("61.2"))
    assert ccxt == SymbolRules(status="TRADING", min_quantity=Decimal("0.001"))
    assert named_limits("Filter failure: LOT_SIZE") is None


def test_the_limit_in_the_refusal_suffices_without_a_connection() -> None:
    named = named_limits("Order's notional must be no smaller than 20")

    assert said(like(quantity="0.005"), named) == [
        "0.005 × 3,120 = 15.60 USDT is under the minimum of 20."
    ]


def test_the_limit_in_the_refusal_wins_over_the_live_one() -> None:
    named = SymbolRules(status="TRADING", min_notional=Decimal(20))

    assert with_named(ETH, named) == replace(ETH, min_notional=Decimal(20))
    assert with_named(None, named) == named
    assert with_named(ETH, None) == ETH
    assert with_named(None, None) is None


@pytest.mark.parametrize("language", Language)
def test_every_number_is_said_without_a_gap(language: Language) -> None:
    words = Words(language)
    told = [text for item in NUMBERS for text in (words.sentence(item), words.brief(item))]

    assert {item.id for item in NUMBERS} == set(ITEMS)
    assert set(ITEMS) <= set(CATALOGUE.items)
    assert [text for text in told if not text or "{" in text] == []


DECIMALS = st.one_of(
    st.none(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.decimals(min_value="0.00000001", max_value="1000000", allow_nan=False, places=8),
)
TEXTS = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["BTCUSDT", "MARKET"]))


@given(
    cause=st.sampled_from([FILTER, "MARGIN_INSUFFICIENT", "WOULD_IMMEDIATELY_TRIGGER"]),
    order=st.builds(
        Order, symbol=TEXTS, type=TEXTS, quantity=DECIMALS, price=DECIMALS, stop_price=DECIMALS
    ),
    rules=st.builds(
        SymbolRules,
        status=st.sampled_from(["TRADING", "BREAK"]),
        **{field.name: DECIMALS for field in fields(SymbolRules) if field.name != "status"},
    ),
)
def test_no_numbers_are_too_odd(cause: str, order: Order, rules: SymbolRules) -> None:
    for item in order_numbers(cause, order, rules):
        for language in Language:
            told = Words(language).sentence(item)
            assert "{" not in told.replace(str(order.symbol), "")
            assert len(told) < 1000


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    named_limits(text)
    named_limits(f"notional must be no smaller than {text}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '{"code":-4164,"msg":"Order\'s notional must be no smaller than 20 (unless you choose '
            'reduce only)"} {"symbol": "ETHUSDT", "quantity": "0.0012", "price": "3120"}',
            "0.0012 × 3,120 = 3.74 USDT is under the minimum of 20.",
        ),
        (
            "Could not sell 0.001 BTC/USDT at rate 39335: Order's notional must be no smaller "
            "than 100",
            "0.001 × 39,335 = 39.33 USDT is under the minimum of 100.",
        ),
        (
            "code=-4016 Limit price can't be higher than 39335.15. symbol=BTCUSDT price=41000",
            "The price 41,000 is over the highest of 39,335.15.",
        ),
        (
            "APIError(code=-2019): Margin is insufficient. symbol=BTCUSDT quantity=0.5 price=61000",
            "The order is worth 0.5 × 61,000 = 30,500 USDT.",
        ),
    ],
)
def test_a_text_that_carries_limit_and_order_suffices(text: str, told: str) -> None:
    assert [SAYS.sentence(item) for item in numbers_of(explain(text), text)] == [told]


def test_a_stop_price_alone_is_compared_with_the_last_price() -> None:
    text = 'binance {"code":-2021,"msg":"Order would immediately trigger."} stopPrice=3150'

    [item] = numbers_of(explain(text), text, ETH)

    assert SAYS.sentence(item) == "The stop price is 3,150; the last price is now 3,120."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "-1013 Filter failure: PERCENT_PRICE ETHUSDT quantity=1 price=3900",
            "The price 3,900 is 25 % above the last price of 3,120.",
        ),
        (
            "-4024 Price is lower than mark price multiplier floor. ETHUSDT price=2340",
            "The price 2,340 is 25 % below the last price of 3,120.",
        ),
    ],
)
def test_a_price_that_is_too_far_away_stands_beside_the_last_one(text: str, told: str) -> None:
    explanation = explain(text)

    assert [SAYS.sentence(item) for item in numbers_of(explanation, text, ETH)] == [told]
    assert "nearer to the market" in answer(explanation, SAYS, NOW).remedy[0]
