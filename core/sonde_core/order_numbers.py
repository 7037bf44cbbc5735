"""An order's numbers beside the limits that they break.

| the refusal            | what is told                                                            |
| ---------------------- | ----------------------------------------------------------------------- |
| a limit of orders      | each limit that the order breaks; where none is known to be broken,     |
|                        | what the symbol demands                                                 |
| too little balance     | what the order is worth                                                 |
| would trigger at once  | the stop price beside the last price                                    |
| a price far away       | how far it is from the last price                                       |
| a wrong parameter      | each limit that the order breaks                                        |
| any of these           | that the symbol is not traded now                                       |

Limits come live from the exchange, or from the refusal's own text. Those of the text win, because
this order was measured by them. Numbers are decimal throughout.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal, localcontext
from typing import Any, TypeVar

from sonde_core.explainer.explanation import Explanation
from sonde_core.findings import Item, ItemValue, item
from sonde_core.orders import COIN_MARGINED, Order, SymbolRules

_R = TypeVar("_R", Order, SymbolRules)

_TRADING = "TRADING"
_MARKET = "MARKET"
_DIGITS = 80
"""More than any number that is looked at can need, their products and quotients included."""
_SMALLEST, _LARGEST = Decimal("1e-20"), Decimal("1e20")
_NUMBERED = frozenset({"PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "MIN_NOTIONAL", "NOTIONAL"})
"""The filters that are looked at. Others count orders."""
_OF_THE_MARKET = frozenset({"PERCENT_PRICE", "PERCENT_PRICE_BY_SIDE"})
"""The filters that move with the market."""
_TENTH = Decimal("0.1")
_SIGNIFICANT = 3
_CENT = Decimal("0.01")
_QUOTES = ("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "BRL", "JPY")
_NUMBER = r"\s{1,3}(\d{1,20}(?:\.\d{1,20})?)"
_NAMED: Mapping[str, re.Pattern[str]] = {
    "min_notional": re.compile(rf"notional must be no smaller than{_NUMBER}", re.I | re.A),
    "max_price": re.compile(rf"limit price can.t be higher than{_NUMBER}", re.I | re.A),
    "min_price": re.compile(rf"limit price can.t be lower than{_NUMBER}", re.I | re.A),
    "min_quantity": re.compile(
        rf"must be greater than minimum amount precision of{_NUMBER}", re.I | re.A
    ),
}
"""-4164 and -5029, -4183, -4184 of the futures; the last one is ccxt's own."""


def named_limits(text: str) -> SymbolRules | None:
    """Return the limits that a refusal's own text names, or None where it names none."""
    found = {name: pattern.search(text) for name, pattern in _NAMED.items()}
    named = {name: Decimal(match[1]) for name, match in found.items() if match}
    return SymbolRules(status=_TRADING, **named) if named else None


def with_named(rules: SymbolRules | None, named: SymbolRules | None) -> SymbolRules | None:
    """Return live limits with those of the refusal's text in their place."""
    if rules is None or named is None:
        return rules or named
    told = {name: getattr(named, name) for name in _NAMED}
    return replace(rules, **{name: value for name, value in told.items() if value is not None})


def numbers_of(
    explanation: Explanation, text: str, live: SymbolRules | None = None
) -> tuple[Item, ...]:
    """Return what the numbers in an explained text say, beside its own limits and live ones."""
    if explanation.cause not in ABOUT_ORDERS:
        return ()
    facts, refusal = explanation.facts, explanation.refusal
    far = facts.filter in _OF_THE_MARKET or (refusal is not None and refusal.steps == "price")
    if facts.filter and facts.filter not in _NUMBERED and not far:
        return ()
    order = facts.order or Order()
    named = replace(order, symbol=order.symbol or facts.symbol)
    rules = with_named(live, named_limits(text))
    return order_numbers(explanation.cause, named, rules, far=far)


def order_numbers(
    cause: str, order: Order, rules: SymbolRules | None, *, far: bool = False
) -> tuple[Item, ...]:
    """Return what an order's numbers say about the cause of its refusal.

    ``far`` tells that it was refused for how far its price is from the market.
    """
    tell = _from_the_market if far and cause in _TELL else _TELL.get(cause)
    if tell is None:
        return ()
    with localcontext(prec=_DIGITS):
        case = _Case(_sane(order), _sane(rules or SymbolRules(status=_TRADING)))
        return (*_not_trading(case), *tell(case))


@dataclass(frozen=True, slots=True)
class _Case:
    order: Order
    rules: SymbolRules

    @property
    def market(self) -> bool:
        """Whether it is any kind of market order."""
        return _MARKET in (self.order.type or "").upper()

    @property
    def step(self) -> Decimal | None:
        return self._by_type("step_size")

    @property
    def least(self) -> Decimal | None:
        return self._by_type("min_quantity")

    @property
    def most(self) -> Decimal | None:
        return self._by_type("max_quantity")

    def _by_type(self, name: str) -> Decimal | None:
        """Return a limit of quantities: market orders may have one of their own."""
        own: Decimal | None = getattr(self.rules, f"market_{name}") if self.market else None
        usual: Decimal | None = getattr(self.rules, name)
        return usual if own is None else own

    @property
    def price(self) -> Decimal | None:
        """The price that the order names itself."""
        return self.order.price or self.order.stop_price

    @property
    def linear(self) -> bool:
        """Whether quantity times price is what the order is worth."""
        return not COIN_MARGINED.search(self.order.symbol or "")

    def enough(self, price: Decimal | None) -> Decimal | None:
        """Return the least quantity that is worth the minimum at a price."""
        if not (price and self.step and self.rules.min_notional and self.linear):
            return None
        if self.order.reduce_only:
            return None
        needed = max(self.rules.min_notional / price, self.least or self.step)
        return _multiple(needed, self.step, ROUND_CEILING)

    def worth(self, amount: Decimal) -> str:
        """Write an amount of the quote asset, with its name where that is known."""
        symbol = self.order.symbol or ""
        quote = next((q for q in _QUOTES if symbol.endswith(q) and symbol != q), "")
        return f"{_amount(amount)} {quote}".rstrip()


def _limits(case: _Case) -> tuple[Item, ...]:
    return tuple(_broken(case)) or tuple(_demands(case))


def _broken(case: _Case) -> Iterator[Item]:
    yield from _notional(case)
    yield from _quantity(case)
    yield from _prices(case)


def _notional(case: _Case) -> Iterator[Item]:
    """Compare what the order is worth. An order that only reduces may be worth any amount."""
    minimum, quantity = case.rules.min_notional, case.order.quantity
    price = case.price or case.rules.last_price
    if not (minimum and quantity and price and case.linear) or case.order.reduce_only:
        return
    if quantity * price < minimum:
        yield item(
            "order_notional" if case.price else "order_notional_last",
            **_known(
                quantity=_plain(quantity),
                price=_plain(price),
                notional=case.worth(quantity * price),
                minimum=_plain(minimum),
                enough=_maybe(case.enough(price)),
            ),
        )


def _quantity(case: _Case) -> Iterator[Item]:
    quantity = case.order.quantity
    if quantity is None:
        return
    yield from _range("order_quantity", quantity, case.least, case.most)
    grid = _Grid(case.step, case.least, case.enough(case.price or case.rules.last_price))
    yield from grid.compare("order_quantity", quantity, case.order.symbol)


def _prices(case: _Case) -> Iterator[Item]:
    rules = case.rules
    grid = _Grid(rules.tick_size, rules.min_price)
    for id_, price in (
        ("order_price", case.order.price),
        ("order_stop_price", case.order.stop_price),
    ):
        if price is not None:
            yield from _range(id_, price, rules.min_price, rules.max_price)
            yield from grid.compare(id_, price, case.order.symbol)


def _range(id_: str, value: Decimal, least: Decimal | None, most: Decimal | None) -> Iterator[Item]:
    if least is not None and value < least:
        yield item(f"{id_}_low", value=_plain(value), minimum=_plain(least))
    if most is not None and value > most:
        yield item(f"{id_}_high", value=_plain(value), maximum=_plain(most))


@dataclass(frozen=True, slots=True)
class _Grid:
    """The steps that prices or quantities go by."""

    step: Decimal | None
    least: Decimal | None
    enough: Decimal | None = None
    """The least that another limit leaves."""

    def compare(self, id_: str, value: Decimal, symbol: str | None) -> Iterator[Item]:
        """Compare a value with the steps and name its valid neighbours."""
        if self.step is None or self._fits(value, self.step):
            return
        nearest = self._nearest(value, self.step)
        if _decimals(value) > _decimals(self.step):
            counts = {"decimals": _decimals(value), "most": _decimals(self.step)}
            yield item(
                f"{id_}_decimals", **_known(value=_plain(value), symbol=symbol, **counts, **nearest)
            )
        else:
            step = _plain(self.step)
            yield item(f"{id_}_step", **_known(value=_plain(value), step=step, **nearest))

    def _fits(self, value: Decimal, step: Decimal) -> bool:
        """Tell whether a value is on a step, counted from 0 or, as some symbols do, the minimum."""
        return not value % step or (self.least is not None and not (value - self.least) % step)

    def _nearest(self, value: Decimal, step: Decimal) -> Mapping[str, str | None]:
        first = max(self.least or step, self.enough or step)
        below = _multiple(value, step, ROUND_FLOOR)
        above = max(_multiple(value, step, ROUND_CEILING), first)
        return {"below": None if below < first else _plain(below), "above": _plain(above)}


def _demands(case: _Case) -> Iterator[Item]:
    """Tell what the symbol demands."""
    rules = case.rules
    if rules.min_notional is None and not (case.order.symbol and case.step and rules.tick_size):
        return
    yield item(
        "order_demands",
        **_known(
            symbol=case.order.symbol,
            minimum=_maybe(rules.min_notional),
            step=_maybe(case.step),
            least=_maybe(case.least),
            tick=_maybe(rules.tick_size),
            price=_maybe(rules.last_price),
            enough=_maybe(case.enough(rules.last_price)),
        ),
    )


def _value(case: _Case) -> Iterator[Item]:
    quantity, price = case.order.quantity, case.price or case.rules.last_price
    if quantity and price and case.linear:
        yield item(
            "order_value" if case.price else "order_value_last",
            quantity=_plain(quantity),
            price=_plain(price),
            notional=case.worth(quantity * price),
        )


def _trigger(case: _Case) -> Iterator[Item]:
    stop, last = case.order.stop_price, case.rules.last_price
    if stop and last:
        yield item("order_stop_beside_last", stop=_plain(stop), last=_plain(last))


def _from_the_market(case: _Case) -> Iterator[Item]:
    """Tell how far a price is from the last one, and any limit that it breaks."""
    yield from _prices(case)
    price, last = case.price, case.rules.last_price
    if price and last and price != last:
        percent = (abs(price - last) / last * 100).quantize(_TENTH)
        id_ = "order_price_above_last" if price > last else "order_price_below_last"
        yield item(id_, price=_plain(price), last=_plain(last), percent=_plain(percent))


def _nothing(_: _Case) -> Iterator[Item]:
    yield from ()


def _not_trading(case: _Case) -> Iterator[Item]:
    if case.rules.status != _TRADING:
        yield item(
            "symbol_not_trading", **_known(symbol=case.order.symbol, status=case.rules.status)
        )


_TELL: Mapping[str, Callable[[_Case], Iterator[Item] | tuple[Item, ...]]] = {
    "FILTER_VIOLATION": _limits,
    "PARAMETER_INVALID": _broken,
    "INSUFFICIENT_BALANCE": _value,
    "MARGIN_INSUFFICIENT": _value,
    "WOULD_IMMEDIATELY_TRIGGER": _trigger,
    "SYMBOL_INVALID": _nothing,
    "ORDER_NOT_FOUND": _nothing,
}


ABOUT_ORDERS = frozenset(_TELL)
"""The causes whose refusals an order's numbers can say something about."""


def _sane(record: _R) -> _R:
    """Return a record without numbers that no exchange deals in: texts hold all kinds."""
    odd: dict[str, Any] = {
        each.name: None
        for each in fields(record)
        if isinstance(value := getattr(record, each.name), Decimal)
        and not (value.is_finite() and _SMALLEST <= value <= _LARGEST)
    }
    return replace(record, **odd) if odd else record


def _multiple(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _plain(value: Decimal) -> str:
    """Write a number without superfluous zeros: 0.001, 3,120."""
    return f"{value.normalize():,f}"


def _maybe(value: Decimal | None) -> str | None:
    return None if value is None else _plain(value)


def _amount(value: Decimal) -> str:
    """Write an amount of money, cut and never rounded up: it must not look like enough."""
    if value >= 1:
        return f"{value.quantize(_CENT, ROUND_DOWN):,f}".removesuffix(".00")
    place = value.adjusted() - _SIGNIFICANT + 1
    return _plain(value.quantize(Decimal(1).scaleb(place), ROUND_DOWN))


def _known(**values: ItemValue | None) -> dict[str, ItemValue]:
    return {name: value for name, value in values.items() if value is not None}
