"""Drives python-binance."""

from collections.abc import Mapping

from binance.client import Client  # type: ignore[import-untyped]
from binance.exceptions import BinanceAPIException  # type: ignore[import-untyped]

from tests.lab.clients.cases import Calls, Case, play

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}


def calls_of(case: Case) -> Calls:
    client = Client(case.api_key, case.secret, private_key=case.private_key, ping=False)
    client.API_URL = f"{case.url}/api"
    client.MARGIN_API_URL = f"{case.url}/sapi"
    client.FUTURES_URL = f"{case.url}/fapi"
    return {
        "time": client.get_server_time,
        "exchangeInfo": client.get_exchange_info,
        "account": client.get_account,
        "order/test": lambda: client.create_test_order(**ORDER),
        "apiRestrictions": client.get_account_api_permissions,
        "futures time": client.futures_time,
        "futures exchangeInfo": client.futures_exchange_info,
        "futures account": client.futures_account,
        "futures order/test": lambda: client.futures_create_test_order(**ORDER),
    }


def facts_of(error: Exception) -> Mapping[str, object]:
    return {name: getattr(error, name) for name in ("status_code", "code", "message")}


if __name__ == "__main__":
    play(calls_of, BinanceAPIException, facts_of)
