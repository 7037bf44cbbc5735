"""The text that a signature is made over."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from sonde_core.signing import encode, milliseconds, payload, with_signature

SPOT_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
FUTURES_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"

Parameters = list[tuple[str, str]]


def order(symbol: str, **rest: str) -> Parameters:
    return [("symbol", symbol), ("side", "BUY"), ("type", "LIMIT"), *rest.items()]


@pytest.mark.parametrize(
    ("secret", "query", "body", "signature"),
    [
        pytest.param(
            SPOT_SECRET,
            order(
                "LTCBTC",
                timeInForce="GTC",
                quantity="1",
                price="0.1",
                recvWindow="5000",
                timestamp="1499827319559",
            ),
            [],
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
            id="spot, in the query",
        ),
        pytest.param(
            SPOT_SECRET,
            order(
                "１２３４５６",
                timeInForce="GTC",
                quantity="1",
                price="0.1",
                recvWindow="5000",
                timestamp="1499827319559",
            ),
            [],
            "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
            id="spot, not ASCII",
        ),
        pytest.param(
            SPOT_SECRET,
            order("LTCBTC", timeInForce="GTC"),
            [
                ("quantity", "1"),
                ("price", "0.1"),
                ("recvWindow", "5000"),
                ("timestamp", "1499827319559"),
            ],
            "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
            id="query and body with nothing between them",
        ),
        pytest.param(
            FUTURES_SECRET,
            order(
                "BTCUSDT",
                quantity="1",
                price="9000",
                timeInForce="GTC",
                recvWindow="5000",
                timestamp="1591702613943",
            ),
            [],
            "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
            id="futures",
        ),
    ],
)
def test_payloads_give_the_signatures_that_the_exchange_publishes(
    secret: str, query: Parameters, body: Parameters, signature: str
) -> None:
    signed = payload(encode(query), encode(body))

    assert hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() == signature


def test_the_signature_comes_last_and_is_percent_encoded() -> None:
    assert with_signature("timestamp=1", "a+b/c==") == "timestamp=1&signature=a%2Bb%2Fc%3D%3D"


def test_what_separates_parameters_is_encoded_inside_of_them() -> None:
    assert encode([("a&b", "c=d e/f")]) == "a%26b=c%3Dd%20e%2Ff"


def test_time_is_cut_to_whole_milliseconds() -> None:
    instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=1999)

    assert milliseconds(instant) == 1_767_225_600_001
