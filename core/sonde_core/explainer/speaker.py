"""Who said a text: Binance or another exchange, and which of Binance's surfaces.

An error belongs to the exchange whose name stands last before it on its line; where its line has
no name, to the exchange that the text names at all. A text without any name is taken for Binance's:
that is what people ask about here. The form of an answer says as much as a name: see `ANSWER`.

A name that is also a word, a coin or a tool counts only in the form in which an exchange is called:
people run "liquidation bots", trade Solana and have Gemini write their programs.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import starmap
from typing import NamedTuple

from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.signs import ANYWHERE, Heard, Places
from sonde_core.refusals import Surface

FOREIGN = (
    "bybit", "okx", "okex", "okcoin", "kraken", "kucoin", "gate.io", "gateio", "gate_io",
    "gateapi", "bitget", "huobi", "htx", "ftx", "coinbase", "gdax", "bitmex", "deribit",
    "bitfinex", "bittrex", "poloniex", "bitstamp", "hitbtc", "mexc", "bingx", "phemex",
    "crypto.com", "cryptocom", "whitebit", "upbit", "bithumb", "bitvavo", "ascendex", "probit",
    "lbank", "dydx", "hyperliquid", "woox", "woofipro", "deltaex", "delta.exchange", "bitmart",
    "coinex", "exmo", "cex.io", "quoine", "bitflyer", "coincheck", "bitforex", "digifinex",
    "latoken", "coinbene", "aster ", "yobit", "asterdex", "paradex", "coinone", "korbit",
    "cryptopia", "bitso", "btcturk", "zonda", "bitpanda", "blofin", "xt.com", "pionex", "bitrue",
    "bibox", "tokocrypto", "wazirx", "coindcx", "bitbank", "zaif", "btcmarkets",
    "independentreserve", "oanda", "apex omni", "kiwoom", "ibkr", "interactive brokers",
    "uniswap", "pancakeswap", "bitcoincoid", "bitcoin-co-id", "indodax", "cexio", "bigone",
    "bit2c", "bitbns", "bitopro", "bl3p", "btcbox", "btce", "btc-e", "coinmate", "coinspot",
    "currencycom", "fmfwio", "hashkey", "hollaex", "krakenfutures", "lykke", "mercadobitcoin",
    "novadax", "oceanex", "oxfun", "paymium", "tradeogre", "wavesexchange",
    "livecoin", "southxchange", "tidex", "quadriga", "coinsph", "ndax", "bitfex",
    "hibt", "grvt", "edgex", "gemini {", "api.gemini", "gemini exchange", "alpaca.markets",
    "alpaca_trade_api", "alpaca-py", "timex.io", "liqui.io", "zklighter", "lighter {",
    "lighter exchange", "therock {", "coinbasepro", "coinbaseexchange", "huobipro", "kucoinfutures",
    "bitgetfutures", "bybiteu",
    "火币", "欧易",
)  # fmt: skip
COPIES = frozenset(
    ("mexc", "aster ", "asterdex", "tokocrypto", "bitrue", "wazirx", "hashkey", "coinsph", "hibt")
)
"""Exchanges that answer in Binance's form, and with some of its codes."""
ANSWER = re.compile(
    r"apierror\(code=-|[\"']code[\"']:\s?-\d{4,5},\s?[\"']msg"
    r"|(?:-2015[^\w\n]{1,8}(?:msg[^\w\n]{1,8})?)?"
    r"invalid api-key, ip, or permissions for action, request ip:"
)
"""What only Binance answers with, and those that copy it."""
OWN = ("binance", "币安", "x-mbx-", "バイナンス", "바이낸스")
HOSTS = (
    ("ws-api", Surface.WS),
    ("ws-fapi", Surface.WS),
    ("fapi", Surface.USDM),
    ("fstream", Surface.USDM),
    ("dapi", Surface.COINM),
    ("dstream", Surface.COINM),
    ("papi", Surface.PAPI),
)
PATHS = (
    ("/fapi/", Surface.USDM),
    ("/dapi/", Surface.COINM),
    ("/papi/", Surface.PAPI),
    ("/sapi/", Surface.SAPI),
    ("/wapi/", Surface.SAPI),
    ("/ws-api/", Surface.WS),
    ("/ws-fapi/", Surface.WS),
    ("/api/v", Surface.SPOT),
)
CLIENTS = (
    ("binanceusdm", Surface.USDM),
    ("binancecoinm", Surface.COINM),
    ("binance_perpetual", Surface.USDM),
    ("binance perpetual", Surface.USDM),
    ("binancefutures", Surface.USDM),
    ("binance.futures", Surface.USDM),
    ("binance futures", Surface.USDM),
    ("binance_f", Surface.USDM),
    ("umfutures", Surface.USDM),
    ("um_futures", Surface.USDM),
    ("usds_futures", Surface.USDM),
    ("usdfutures", Surface.USDM),
    ("usdt-m", Surface.USDM),
    ("futures_", Surface.USDM),
    ("cmfutures", Surface.COINM),
    ("coinfutures", Surface.COINM),
    ("request ip:", Surface.USDM),
    ("binanceus ", Surface.SPOT),
)
OF_CLIENT = dict(CLIENTS)
"""How clients name the product that they call. Only the futures exchanges append `request ip`."""
TESTNETS = frozenset(
    (
        "testnet",
        "binancefuture.com",
        "demo-api",
        "demo-fapi",
        "demo-dapi",
        "demo.binance",
        "sandbox",
        "测试网",
    )
)


HOME, ABROAD = frozenset(OWN), frozenset(FOREIGN)
NAMES = HOME | ABROAD
WORDS = Places(
    (
        *(ANYWHERE + name for name in OWN),
        *FOREIGN,
        *TESTNETS,
        *(word for word, _ in CLIENTS),
    )
)


class Speaker(NamedTuple):
    """The exchanges that a text names, and where."""

    places: tuple[int, ...]
    """Empty where it names no other than Binance."""
    own: tuple[bool, ...]
    """Whether the name or the answer at that place is Binance's."""
    named: bool
    """The text names Binance."""
    surface: Surface | None
    testnet: bool

    @property
    def foreign(self) -> bool:
        """Whether the text names other exchanges alone, and holds no answer of Binance's."""
        return bool(self.own) and not any(self.own)

    def said_by_another(self, at: int, lower: str) -> bool:
        """Whether what stands at a place was said by another exchange than Binance."""
        if not self.places:
            return False
        index = bisect_right(self.places, at) - 1
        if index >= 0 and lower.find("\n", self.places[index], at) < 0:
            return not self.own[index]
        return self.foreign


def speaker(text: Text) -> Speaker:
    """Find out whom a text names."""
    heard = WORDS.find(text)
    places, own = (), ()
    if not ABROAD.isdisjoint(heard):
        names = _names(text, heard)
        places, own = zip(*names, strict=True) if names else ((), ())
    return Speaker(
        places=places,
        own=own,
        named=not HOME.isdisjoint(heard),
        surface=_surface(text, heard),
        testnet=not TESTNETS.isdisjoint(heard),
    )


def _names(text: Text, heard: Heard) -> list[tuple[int, bool]]:
    """Return where exchanges are named and Binance answers, and whether it is Binance there."""
    names = [
        (at, name in HOME)
        for name in heard.keys() & NAMES
        for at in heard[name]
        if name in HOME or not text.plain[at + len(name) : at + len(name) + 1].islower()
    ]
    if COPIES.isdisjoint(heard):
        names += [(match.start(), True) for match in ANSWER.finditer(text.lower)]
    return sorted(names)


def _surface(text: Text, heard: Heard) -> Surface | None:
    """Return the surface that all addresses, paths and clients of a text agree on."""
    lower = text.lower
    called = starmap(_of_address, text.addresses)
    paths = [surface for word, surface in PATHS if word in lower] if "api/" in lower else ()
    clients = map(OF_CLIENT.__getitem__, OF_CLIENT.keys() & heard.keys())
    return _only(called) or _only(paths) or _only(clients)


def _of_address(host: str, path: str) -> Surface | None:
    if "binance" not in host:
        return None
    of_path = [surface for word, surface in PATHS if path.startswith(word)]
    return next(
        (surface for word, surface in HOSTS if host.startswith((word, f"demo-{word}"))),
        of_path[0] if of_path else None,
    )


def _only(surfaces: Iterable[Surface | None]) -> Surface | None:
    known = {*surfaces} - {None}
    return known.pop() if len(known) == 1 else None
