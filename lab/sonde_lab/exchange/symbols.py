"""What is traded: the least that real clients read without complaint."""

from collections.abc import Mapping, Sequence

from sonde_lab.exchange.ledger import ORDER_LIMITS, weight_limit
from sonde_lab.world import Limits, Surface

USDT_PAIRS: Mapping[str, tuple[str, str]] = {
    "BTCUSDT": ("BTC", "USDT"),
    "ETHUSDT": ("ETH", "USDT"),
}
SYMBOLS: Mapping[Surface, Mapping[str, tuple[str, str]]] = {
    Surface.SPOT: {**USDT_PAIRS, "LTCBTC": ("LTC", "BTC")},
    Surface.SAPI: {},
    Surface.USDM: USDT_PAIRS,
    Surface.COINM: {"BTCUSD_PERP": ("BTC", "USD")},
}
"""What each surface trades, with base and quote asset."""
LAST_PRICES: Mapping[str, str] = {
    "BTCUSDT": "64250.10",
    "ETHUSDT": "3120.00",
    "LTCBTC": "0.001310",
}
"""What was traded last. It never moves."""

PERPETUAL_DELIVERY_MS = 4_133_404_800_000
ONBOARD_MS = 1_569_398_400_000
ORDER_TYPES = ("LIMIT", "MARKET")
PRICE_FILTER = {
    "filterType": "PRICE_FILTER",
    "minPrice": "0.10",
    "maxPrice": "1000000",
    "tickSize": "0.10",
}
LOT_SIZE = {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"}
MARKET_LOT_SIZE = LOT_SIZE | {"filterType": "MARKET_LOT_SIZE"}
FUTURES_FILTERS = (
    PRICE_FILTER,
    LOT_SIZE,
    MARKET_LOT_SIZE,
    {"filterType": "MAX_NUM_ORDERS", "limit": 200},
    {"filterType": "MIN_NOTIONAL", "notional": "5"},
)


def rate_limits(surface: Surface, limits: Limits) -> Sequence[Mapping[str, object]]:
    """Return the limits that a surface publishes, the world's request weight among them."""
    weight = _limit("REQUEST_WEIGHT", "MINUTE", 1, weight_limit(limits, surface))
    orders = [_limit("ORDERS", *each) for each in ORDER_LIMITS[surface]]
    if surface is Surface.SPOT:
        return (weight, *orders, _limit("RAW_REQUESTS", "MINUTE", 5, 300_000))
    return (weight, *orders)


def _limit(kind: str, interval: str, number: int, limit: int) -> Mapping[str, object]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def symbols(surface: Surface, only: str = "") -> Sequence[Mapping[str, object]]:
    """Return the symbols of a surface, or only one, described as that surface does it."""
    describe = {
        Surface.SPOT: _spot_symbol,
        Surface.USDM: _usdm_symbol,
        Surface.COINM: _coinm_symbol,
    }
    return [
        describe[surface](name, *assets)
        for name, assets in SYMBOLS[surface].items()
        if only in {"", name}
    ]


def _spot_symbol(symbol: str, base: str, quote: str) -> Mapping[str, object]:
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ORDER_TYPES,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "filters": (
            PRICE_FILTER,
            LOT_SIZE,
            {"filterType": "NOTIONAL", "minNotional": "5", "applyMinToMarket": True},
        ),
        "permissions": (),
        "permissionSets": (("SPOT",),),
    }


def _usdm_symbol(symbol: str, base: str, quote: str) -> Mapping[str, object]:
    return {**_perpetual(symbol, base, quote, quote), "status": "TRADING"}


def _coinm_symbol(symbol: str, base: str, quote: str) -> Mapping[str, object]:
    contract = _perpetual(symbol, base, quote, base)
    return {**contract, "contractStatus": "TRADING", "contractSize": 100}


def _perpetual(symbol: str, base: str, quote: str, margin: str) -> Mapping[str, object]:
    return {
        "symbol": symbol,
        "pair": symbol.removesuffix("_PERP"),
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL_DELIVERY_MS,
        "onboardDate": ONBOARD_MS,
        "baseAsset": base,
        "quoteAsset": quote,
        "marginAsset": margin,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "filters": FUTURES_FILTERS,
        "orderTypes": ORDER_TYPES,
        "timeInForce": ("GTC", "IOC", "FOK", "GTX"),
    }
