"""The exchange's own codes and messages, in the wrappings in which people send them."""

import pytest

from sonde_core.explainer import Explanation, explain
from sonde_core.findings import Confidence
from sonde_core.refusals import Surface

AHEAD = "Timestamp for this request was 1000ms ahead of the server's time."
WRAPPINGS = {
    "raw JSON": '{"code":-1021,"msg":"%s"}',
    "the key order turned": '{"msg":"%s","code":-1021}',
    "JSON in a string": '"{\\"code\\":-1021,\\"msg\\":\\"%s\\"}"',
    "JSON in a string in a string": '\\\\\\"code\\\\\\":-1021,\\\\\\"msg\\\\\\":\\\\\\"%s\\\\\\"',
    "a printed dictionary": "response: {'code': -1021, 'msg': \"%s\"}",
    "bytes": 'b\'{"code":-1021,"msg":"%s"}\'',
    "python-binance": "binance.exceptions.BinanceAPIException: APIError(code=-1021): %s",
    "binance-connector": "ClientError: (400, -1021, \"%s\", {'Server': 'nginx'}, None)",
    "ccxt": 'ccxt.base.errors.InvalidNonce: binanceusdm {"code":-1021,"msg":"%s"}',
    "go-binance": 'level=error msg="sync" error="<APIError> code=-1021, msg=%s"',
    "node": "Error: %s\n    at /app/node_modules/x/http.js:51:17 {\n  code: -1021,\n  url: ''\n}",
    "Binance.Net": "BadRequest Error received in 91,2ms: [ServerError] -1021: %s",
    "Java": "o.k.x.BinanceException: %s (HTTP status code: 400)\nCaused by: code -1021",
    "PHP": "[code] => -1021\n    [msg] => %s",
    "entities": "&quot;code&quot;:-1021,&quot;msg&quot;:&quot;%s&quot;",
    "percent": "body=%%7B%%22code%%22%%3A-1021%%2C%%22msg%%22%%3A%%22%s%%22%%7D",
    "a wide minus": "错误码：－1021，%s",
    "a typographic minus": "Error code \u22121021: %s",
    "freqtrade": (
        "2024-01-05 07:11:12,345 - freqtrade.exchange.common - WARNING - fetch_positions() returned"
        ' exception: "Could not get positions due to InvalidNonce. Message: binance'
        ' {"code":-1021,"msg":"%s"}". Retrying still for 3 times.'
    ),
    "hummingbot": (
        "OSError: Error executing request GET https://fapi.binance.com/fapi/v2/account. HTTP status"
        ' is 400. Error: {"code":-1021,"msg":"%s"}'
    ),
    "the message alone": "Error fetching data: %s",
    "the words broken over lines": "-1021\n%s",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
def test_a_message_is_known_in_any_wrapping(wrapping: str) -> None:
    explanation = explain(wrapping % AHEAD)
    assert (explanation.cause, explanation.confidence) == ("CLOCK_AHEAD", Confidence.CONFIRMED)
    told = None if wrapping == WRAPPINGS["the message alone"] else -1021
    assert explanation.facts.code == told


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{"code":-2019,"msg":"Margin is insufficient."}', "MARGIN_INSUFFICIENT"),
        ("APIError(code=-1022): Signature for this request is not valid.", "SIGNATURE_INVALID"),
        ("APIError(code=-2014): API-key format invalid.", "KEY_INVALID"),
        (
            "error -4061: Order's position side does not match user's setting.",
            "POSITION_MODE_MISMATCH",
        ),
        ("code=-4046, msg=No need to change margin type.", "LEVERAGE_OR_MARGIN_MODE"),
        ("code: -1013, msg: 'Filter failure: PERCENT_PRICE_BY_SIDE'", "FILTER_VIOLATION"),
        (
            "<APIError> code=-4164, msg=Order's notional must be no smaller than 100",
            "FILTER_VIOLATION",
        ),
        ("Account has insufficient balance for requested action", "INSUFFICIENT_BALANCE"),
        ("'code': -2022, 'msg': 'ReduceOnly Order is rejected.'", "REDUCE_ONLY_REJECTED"),
        ("-2021 Order would immediately trigger.", "WOULD_IMMEDIATELY_TRIGGER"),
        ("code=-2013, msg=Order does not exist.", "ORDER_NOT_FOUND"),
        ('"code":-1121,"msg":"Invalid symbol."', "SYMBOL_INVALID"),
        ("-1007 Timeout waiting for response from backend server.", "UNKNOWN_EXECUTION"),
        (
            "-1015 Too many new orders; current limit is 300 orders per 10 SECOND.",
            "ORDER_RATE_LIMIT",
        ),
        ("Parameter 'timeInForce' sent when not required.", "PARAMETER_INVALID"),
        (
            "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
            "PARAMETER_INVALID",
        ),
        ("ClientOrderId is duplicated. code -4116", "DUPLICATE_ORDER"),
        (
            "Error -1003: Too many requests; current limit of IP(198.51.100.7) is 2400 requests"
            " per minute.",
            "RATE_LIMIT_WEIGHT",
        ),
        ("Way too many requests; IP(198.51.100.7) banned until 1699999999999.", "IP_BANNED"),
        (
            "Request throttled by system-level protection. Reduce-only orders are exempt.",
            "EXCHANGE_OVERLOAD",
        ),
    ],
)
def test_a_published_error_leads_to_its_cause(text: str, cause: str) -> None:
    explanation = explain(text)
    assert explanation.cause == cause
    assert explanation.confidence is Confidence.CONFIRMED


def test_a_cut_off_message_is_known_and_less_sure() -> None:
    explanation = explain("Timestamp for this request is outs")
    assert explanation.cause.startswith("CLOCK")
    assert explanation.confidence is not Confidence.CONFIRMED


KEY_TROUBLE = {
    "IP_NOT_WHITELISTED",
    "KEY_INVALID",
    "PERMISSION_MISSING",
    "WRONG_ENVIRONMENT",
    "KEY_OLDER_THAN_FUTURES",
}


@pytest.mark.parametrize(
    "text",
    [
        "APIError(code=-2015): Invalid API-key, IP, or permissions for action.",
        'code -2015: "Invalid API-key, IP, or permissions for action, request ip: 192.0.2.9"',
        "code -2015",
        "币安报错 -2015",
        'binance {"code":-2015,"msg":"Invalid API-key, IP, or per',
        "https://testnet.binancefuture.com/fapi/v1/order -2015 Invalid API-key, IP, or permissions",
    ],
)
def test_the_text_for_all_troubles_with_keys_is_never_sure_and_names_them_all(text: str) -> None:
    explanation = explain(text)
    assert explanation.confidence is Confidence.POSSIBLE
    assert {explanation.cause, *explanation.alternatives} == KEY_TROUBLE


def test_a_testnet_beside_a_refused_key_puts_the_environment_first() -> None:
    text = "https://testnet.binance.vision/api/v3/account -2015 Invalid API-key, IP, or permissions"
    assert explain(text).cause == "WRONG_ENVIRONMENT"


def test_a_window_that_was_missed_is_never_sure() -> None:
    explanation = explain(
        '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}'
    )
    assert explanation.confidence is not Confidence.CONFIRMED
    named = {explanation.cause, *explanation.alternatives}
    assert named >= {"CLOCK_BEHIND", "CLOCK_SKEW", "RECV_WINDOW_LATENCY"}


@pytest.mark.parametrize(
    ("host", "surface"),
    [
        ("https://fapi.binance.com/fapi/v1/order", Surface.USDM),
        ("https://dapi.binance.com/dapi/v1/order", Surface.COINM),
        ("https://papi.binance.com/papi/v1/um/order", Surface.PAPI),
        ("https://api.binance.com/sapi/v1/margin/order", Surface.SAPI),
        ("https://api3.binance.com/api/v3/order", Surface.SPOT),
        ("wss://ws-api.binance.com:443/ws-api/v3", Surface.WS),
        ("https://demo-fapi.binance.com/fapi/v1/order", Surface.USDM),
    ],
)
def test_the_address_tells_the_surface(host: str, surface: Surface) -> None:
    assert explain(f"POST {host} 400 Bad Request").facts.surface is surface


def test_a_code_that_differs_by_surface_is_read_by_the_address() -> None:
    usdm = explain("https://fapi.binance.com/fapi/v1/order code=-2022")
    spot = explain("https://api.binance.com/api/v3/order/cancelReplace code=-2022")
    assert usdm.cause == "REDUCE_ONLY_REJECTED"
    assert spot.cause != "REDUCE_ONLY_REJECTED"


def test_a_code_that_differs_by_surface_is_offered_both_ways_where_nothing_tells_the_surface() -> (
    None
):
    explanation = explain('{"code":-2022}')
    assert explanation.confidence is not Confidence.CONFIRMED
    assert "REDUCE_ONLY_REJECTED" in {explanation.cause, *explanation.alternatives}


@pytest.mark.parametrize(
    "text",
    [
        "GET https://api.binance.com/api/v3/klines?symbol=BTCUSDT&limit=1021&endTime=-2015",
        "2024-10-21 10:21:00 sent timestamp=1710000001021&recvWindow=5000&signature=a2015b",
        "PnL today -2015 USDT",
    ],
)
def test_numbers_of_requests_dates_and_amounts_are_no_codes(text: str) -> None:
    explanation = explain(text)
    assert explanation.confidence is not Confidence.CONFIRMED
    assert explanation.cause not in {"CLOCK_BEHIND", "CLOCK_SKEW", "CLOCK_AHEAD"}


def test_a_message_in_new_words_beside_a_vague_code_is_read_by_its_words() -> None:
    explanation = explain('{"code":-2010,"msg":"Not enough balance on your wallet today"}')
    assert explanation.cause == "INSUFFICIENT_BALANCE"
    assert explanation.confidence is not Confidence.CONFIRMED


def test_alternatives_are_at_most_four_and_never_repeat_the_cause() -> None:
    for text in ("code -2015", "403 Forbidden", "read timed out", "code=-1000", "??"):
        explanation: Explanation = explain(text)
        assert len(explanation.alternatives) <= 4
        assert explanation.cause not in explanation.alternatives
        assert len(set(explanation.alternatives)) == len(explanation.alternatives)


@pytest.mark.parametrize(
    "text",
    [
        "websocket connection was closed unexpectedly. Close code = 1008 msg data: 1008",
        "WebSocketClosedError code: 1006 reason: None",
        "RangeError: Invalid WebSocket frame: invalid status code 1005",
    ],
)
def test_why_a_websocket_was_closed_is_no_error_code(text: str) -> None:
    explanation = explain(text)
    assert explanation.facts.code is None
    assert explanation.confidence is not Confidence.CONFIRMED


def test_a_lost_minus_does_not_hide_a_code_that_its_message_proves() -> None:
    assert explain("Binance error 2019: Margin is insufficient.").facts.code == -2019


def test_a_message_decides_against_a_code_that_is_not_its_own() -> None:
    explanation = explain("Server Error Code: -1013\nServer Message: Duplicate order sent.")
    assert explanation.cause == "DUPLICATE_ORDER"
    assert explanation.facts.code == -1013
    assert explanation.confidence is not Confidence.CONFIRMED


def test_words_that_only_begin_like_a_message_are_no_message() -> None:
    explanation = explain("You don't have any position to close, so reduceOnly was refused")
    assert explanation.refusal is None


def test_an_address_ends_where_another_script_begins() -> None:
    assert explain("访问https://fapi.binance.com总是超时").cause == "NETWORK_TIMEOUT"


@pytest.mark.parametrize(
    "text", ["(ErrCode: 130006)", '"code": 110017', "error 10001, order 21015"]
)
def test_numbers_of_other_lengths_and_lists_are_no_codes(text: str) -> None:
    explanation = explain(text)
    assert explanation.refusal is None
    assert explanation.cause == "OTHER" or explanation.confidence is not Confidence.CONFIRMED


def test_a_code_beside_words_that_are_not_its_own_is_not_beyond_doubt() -> None:
    own = explain('{"code":-1121,"msg":"Invalid symbol."}')
    others = explain('{"code":-1121,"msg":"the venue says something new"}')
    assert own.cause == others.cause == "SYMBOL_INVALID"
    assert own.confidence is Confidence.CONFIRMED
    assert others.confidence is Confidence.LIKELY


def test_that_none_of_the_causes_fits_is_never_beyond_doubt() -> None:
    text = '{"code":-2020,"msg":"Unable to fill."}'
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == ("OTHER", Confidence.LIKELY)
    assert explanation.refusal is not None


@pytest.mark.parametrize("text", ["pnl: -2015 USDT", "balance is -1021.50 EUR", "took -1001 ms"])
def test_an_amount_is_no_code(text: str) -> None:
    explanation = explain(text)
    assert explanation.facts.code is None
    assert explanation.confidence is not Confidence.CONFIRMED
