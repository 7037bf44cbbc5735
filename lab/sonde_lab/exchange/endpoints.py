"""Everything the exchange answers. What is not here does not exist.

Request weights are those of the exchange's documentation; ``order/test`` of the futures has
none published and counts 1 here. No path executes anything.
"""

from collections.abc import Mapping
from dataclasses import replace

from sonde_lab.exchange import bodies
from sonde_lab.exchange.call import Body, Endpoint, Needs
from sonde_lab.world import Surface

PREFIXES: Mapping[str, Surface] = {
    "api": Surface.SPOT,
    "sapi": Surface.SAPI,
    "fapi": Surface.USDM,
    "dapi": Surface.COINM,
}


def surface_of(path: str) -> Surface | None:
    """Return the surface that a path belongs to."""
    return PREFIXES.get(path.removeprefix("/").partition("/")[0])


def _public(path: str, body: Body, weight: int = 1) -> Endpoint:
    return Endpoint(
        method="GET", path=path, surface=PREFIXES[path.split("/")[1]], body=body, weight=weight
    )


def _by_symbol(path: str, body: Body, weight: int = 1) -> Endpoint:
    return replace(_public(path, body, weight), by_symbol=True)


def _signed(path: str, body: Body, needs: Needs, weight: int = 1) -> Endpoint:
    surface = PREFIXES[path.split("/")[1]]
    return Endpoint(method="GET", path=path, surface=surface, body=body, weight=weight, needs=needs)


def _test_order(path: str, body: Body, needs: Needs) -> Endpoint:
    surface = PREFIXES[path.split("/")[1]]
    return Endpoint(method="POST", path=path, surface=surface, body=body, needs=needs, order=True)


_ALL = (
    _public("/api/v3/ping", bodies.empty),
    _public("/api/v3/time", bodies.server_time),
    _by_symbol("/api/v3/exchangeInfo", bodies.exchange_info, weight=20),
    _by_symbol("/api/v3/ticker/price", bodies.last_price, weight=2),
    _signed("/api/v3/account", bodies.spot_account, Needs.READING, weight=20),
    _test_order("/api/v3/order/test", bodies.empty, Needs.SPOT_TRADING),
    _public("/sapi/v1/system/status", bodies.system_status),
    _signed("/sapi/v1/account/apiRestrictions", bodies.api_restrictions, Needs.READING),
    _signed("/sapi/v1/account/status", bodies.account_status, Needs.READING),
    _signed("/sapi/v1/account/apiTradingStatus", bodies.api_trading_status, Needs.READING),
    _signed("/sapi/v1/capital/config/getall", bodies.nothing, Needs.READING, weight=10),
    _signed("/sapi/v1/margin/allPairs", bodies.nothing, Needs.READING),
    _signed("/sapi/v1/margin/isolated/allPairs", bodies.nothing, Needs.READING, weight=10),
    _public("/fapi/v1/ping", bodies.empty),
    _public("/fapi/v1/time", bodies.server_time),
    _public("/fapi/v1/exchangeInfo", bodies.exchange_info),
    _by_symbol("/fapi/v1/ticker/price", bodies.last_price),
    _signed("/fapi/v1/accountConfig", bodies.futures_config, Needs.FUTURES_READING, weight=5),
    _signed("/fapi/v2/account", bodies.futures_account_v2, Needs.FUTURES_READING, weight=5),
    _signed("/fapi/v3/account", bodies.futures_account, Needs.FUTURES_READING, weight=5),
    _signed("/fapi/v2/balance", bodies.futures_balance, Needs.FUTURES_READING, weight=5),
    _signed("/fapi/v3/balance", bodies.futures_balance, Needs.FUTURES_READING, weight=5),
    _test_order("/fapi/v1/order/test", bodies.futures_test_order, Needs.FUTURES_TRADING),
    _public("/dapi/v1/ping", bodies.empty),
    _public("/dapi/v1/time", bodies.server_time),
    _public("/dapi/v1/exchangeInfo", bodies.exchange_info),
)

ENDPOINTS: Mapping[tuple[str, str], Endpoint] = {(each.method, each.path): each for each in _ALL}
