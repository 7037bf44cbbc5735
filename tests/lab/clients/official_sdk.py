"""Drives the exchange's own SDK."""

from collections.abc import Callable, Mapping
from typing import Any

from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import Error
from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from binance_sdk_spot import Spot
from binance_sdk_wallet import Wallet

from tests.lab.clients.cases import Calls, Case, play

ORDER: Mapping[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 0.01}


def calls_of(case: Case) -> Calls:
    configuration = ConfigurationRestAPI(
        api_key=case.api_key,
        api_secret=case.secret,
        private_key=case.private_key,
        base_path=case.url,
        timeout=10_000,
        backoff=1,
    )
    spot = Spot(config_rest_api=configuration).rest_api
    wallet = Wallet(config_rest_api=configuration).rest_api
    futures = DerivativesTradingUsdsFutures(config_rest_api=configuration).rest_api
    return {
        "time": read(spot.time),
        "exchangeInfo": read(spot.exchange_info),
        "account": read(spot.get_account),
        "order/test": read(lambda: spot.order_test(**ORDER)),
        "apiRestrictions": read(wallet.get_api_key_permission),
        "futures time": read(futures.check_server_time),
        "futures exchangeInfo": read(futures.exchange_information),
        "futures account": read(futures.account_information_v3),
        "futures order/test": read(lambda: futures.test_order(**ORDER)),
    }


def read(call: Callable[[], Any]) -> Callable[[], object]:
    """Return a call that unpacks what the SDK returns."""
    return lambda: call().data().to_dict()


def facts_of(error: Exception) -> Mapping[str, object]:
    names = ("status_code", "error_message", "retry_after")
    return {name: getattr(error, name) for name in names if hasattr(error, name)}


if __name__ == "__main__":
    play(calls_of, Error, facts_of)
