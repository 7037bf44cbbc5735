"""What leaves no doubt, and the neighbours that look like it and do."""

import pytest

from sonde_core.explainer import explain
from sonde_core.findings import Confidence

CONFIRMED = Confidence.CONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        'ccxt.base.errors.ExchangeError: kucoin {"code":"400760","msg":"order type error"}',
        'bitget {"code":"43012","msg":"Insufficient balance","requestTime":1,"data":null}',
        "2023-02-01 okx - ERROR - order 12 was refused (HTTP status is 401)",
        'poloniex Error: {"error":"Nonce must be greater than 1500000000"}',
        "pybit.exceptions.InvalidRequestError: reduce-only rule not satisfied (ErrCode: 110017)",
        'huobi {"status":"error","err-code":"order-value-min-error","err-msg":"too small"}',
        '{"retCode":170131,"retMsg":"Balance insufficient."}',
        "deribit response: {'message': 'too_many_requests', 'code': 10028}",
        '{"error":["EOrder:Insufficient funds"]}',
        "{'label': 'INVALID_KEY', 'message': 'Invalid key provided'}",
        "kraken API returned error: EService:Unavailable",
    ],
)
def test_an_answer_of_another_exchange_is_beyond_doubt_none_of_binances(text: str) -> None:
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == ("OTHER", CONFIRMED)


@pytest.mark.parametrize(
    "text",
    [
        "people on bybit tell me the same happens there",
        "buying ethereum fails with an error: not enough funds",
        "I came from kraken, where it never happened",
        'binance and okx: {"code":"50011","msg":"too many"}',
        "gemini (the model) wrote the bot. Error: no orders",
        '{"success": false, "error": "order failed"}',
        '"code": 110017',
    ],
)
def test_another_name_alone_is_not_beyond_doubt(text: str) -> None:
    assert explain(text).confidence is not CONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "ImportError: cannot import name 'Spot' from 'binance'",
        "ModuleNotFoundError: No module named 'ccxt.pro'",
        "NameError: name 'api_key' is not defined",
        "TypeError: create_order() got an unexpected keyword argument 'close'",
        "TypeError: __init__() missing 1 required positional argument: 'key'",
        "AttributeError: module 'binance' has no attribute 'Client'",
        "Error: Cannot find module 'node-binance-api'",
        "RuntimeError: dictionary changed size during iteration",
        "ReferenceError: binance is not defined",
        "IndentationError: unexpected indent",
    ],
)
def test_a_programs_own_mistake_in_its_interpreters_words_is_beyond_doubt(text: str) -> None:
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == ("OTHER", CONFIRMED)


@pytest.mark.parametrize(
    "text",
    [
        "KeyError: 'balances'",
        "AttributeError: 'NoneType' object has no attribute 'json'",
        "TypeError: string indices must be integers",
        "NameError: name 'x' is not defined after the rate limit came",
        "IndexError: list index out of range",
    ],
)
def test_a_mistake_that_may_follow_from_a_refusal_is_not_beyond_doubt(text: str) -> None:
    assert explain(text).confidence is not CONFIRMED


def test_a_refusal_beside_a_programs_mistake_is_the_root() -> None:
    text = (
        '{"code":-2019,"msg":"Margin is insufficient."}\n'
        "TypeError: f() got an unexpected keyword argument 'x'"
    )
    assert explain(text).cause == "MARGIN_INSUFFICIENT"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("502 Bad Gateway from https://fapi.binance.com", "EXCHANGE_UNAVAILABLE"),
        ("binance HTTP status is 503, Service Temporarily Unavailable", "EXCHANGE_UNAVAILABLE"),
        ("dapi.binance.com: status code 502 (Bad Gateway)", "EXCHANGE_UNAVAILABLE"),
        (
            "binance 429 Too Many Requests, X-MBX-USED-WEIGHT-1M: 6012",
            "RATE_LIMIT_WEIGHT",
        ),
        ("el servidor devuelve 451 desde una restricted location", "GEO_RESTRICTED"),
        (
            "binance: CloudFront distribution is configured to block access from your country.",
            "GEO_RESTRICTED",
        ),
    ],
)
def test_a_status_in_its_own_words_is_beyond_doubt(text: str, cause: str) -> None:
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == (cause, CONFIRMED)


@pytest.mark.parametrize(
    "text",
    [
        "502 Bad Gateway",
        "my nginx says 503 unavailable",
        "binance fetched 502 candles",
        "binance HTTP status is 504",
        "POST https://fapi.binance.com/fapi/v1/order 503 Service Unavailable",
        "binance 429",
        "telegram 502 Bad Gateway",
    ],
)
def test_a_status_that_another_may_have_sent_or_that_leaves_an_order_open_is_not(text: str) -> None:
    assert explain(text).confidence is not CONFIRMED


def test_one_page_for_two_troubles_is_told_apart_by_its_status() -> None:
    page = "<H1>%s ERROR</H1><H2>The request could not be satisfied.</H2> Generated by cloudfront"
    assert explain(page % 403).cause == "WAF_BLOCKED"
    for status in (500, 502, 503, 504):
        assert explain(page % status).cause == "EXCHANGE_UNAVAILABLE"


@pytest.mark.parametrize(
    "text",
    [
        'binanceusdm requires "apiKey" credential',
        "AssertionError: API Secret required for private endpoints",
        "Error: You need to pass an API key and secret to make authenticated calls.",
        'AuthenticationError: binance requires "secret" credential',
        "[NoApiCredentialsError] No credentials provided for private endpoint",
    ],
)
def test_a_client_that_was_given_no_key_says_so_itself(text: str) -> None:
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == ("CREDENTIALS_MISSING", CONFIRMED)


@pytest.mark.parametrize(
    "text",
    [
        "binance: error submitting BUY LIMIT order. HTTP status is 503, Service Unavailable",
        "creating the stop order at https://fapi.binance.com: 502 Bad Gateway",
        "binance placed a market sell order: status code 503 (Service Unavailable)",
    ],
)
def test_a_load_balancer_that_answers_an_order_leaves_its_execution_open(text: str) -> None:
    explanation = explain(text)
    assert explanation.cause == "UNKNOWN_EXECUTION"
    assert explanation.confidence is not CONFIRMED


def test_a_code_as_binance_numbers_them_leaves_doubt_whose_answer_it_is() -> None:
    text = "mexc error: code=-1121, msg=x"
    assert explain(text).confidence is not CONFIRMED
