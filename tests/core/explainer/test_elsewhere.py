"""Failures that are not the exchange's: other hosts, services, the machine itself."""

import pytest

from sonde_core.explainer import explain
from sonde_core.findings import Confidence


@pytest.mark.parametrize(
    "text",
    [
        "aiohttp.ClientConnectorError: Cannot connect to host api.telegram.org:443 ssl:default",
        "telegram.ext WARNING - Got Telegram NetworkError: timed out",
        "getaddrinfo EAI_AGAIN api.mailgun.net",
        "HTTPSConnectionPool(host='discord.com', port=443): Read timed out. (read timeout=15)",
        "curl: (6) Could not resolve host: raw.githubusercontent.com",
        "dial tcp: lookup api.deepseek.com on 10.0.0.2:53: no such host",
        "Post https://discord.com/api/webhooks/1/x: net/http: TLS handshake timeout",
        "redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379",
        "psycopg.OperationalError: connection to server on port 5432 failed: Connection refused",
        "slack_sdk: 429 Too Many Requests",
    ],
)
def test_what_another_host_or_service_did_not_answer_is_other(text: str) -> None:
    explanation = explain(text)
    assert explanation.cause == "OTHER"
    assert explanation.confidence is not Confidence.CONFIRMED


def test_the_path_that_broke_elsewhere_is_named_as_what_else_it_can_be() -> None:
    text = "requests: HTTPSConnectionPool(host='api.coingecko.com'): getaddrinfo failed"
    assert explain(text).alternatives[0] == "NETWORK_DNS"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("getaddrinfo ENOTFOUND dapi.binance.com", "NETWORK_DNS"),
        (
            "2024-01-01 freqtrade.rpc.telegram INFO Sending\n"
            "2024-01-01 binance GET https://fapi.binance.com/fapi/v1/time ETIMEDOUT",
            "NETWORK_TIMEOUT",
        ),
        (
            "https://nodejs.org/api/errors.html\nhttps://api.binance.com/api/v3/time ECONNRESET",
            "NETWORK_CONNECTION",
        ),
        ("connect ECONNREFUSED 127.0.0.1:7890 while asking fapi.binance.com", "NETWORK_CONNECTION"),
        (
            'telegram: order failed: {"code":-2019,"msg":"Margin is insufficient."}',
            "MARGIN_INSUFFICIENT",
        ),
    ],
)
def test_a_service_beside_binance_does_not_hide_what_binance_did(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    "text",
    [
        "PermissionError: [Errno 13] Permission denied: '/var/log/bot.log'",
        "OSError: [Errno 28] No space left on device",
        "Error: EACCES: permission denied, open '/app/config.json'",
        "OSError: [Errno 98] Address already in use",
    ],
)
def test_what_the_machine_refuses_is_other_and_no_permission_of_a_key(text: str) -> None:
    explanation = explain(text)
    assert explanation.cause == "OTHER"
    assert "PERMISSION_MISSING" not in explanation.alternatives


@pytest.mark.parametrize(
    "text",
    [
        'okx {"code":"51008","msg":"Insufficient balance","data":[]}',
        "KeyError: 'orderId'",
        "how do I compute a moving average",
        'kraken {"error":["EQuery:Unknown asset pair"]}',
    ],
)
def test_other_is_not_padded_with_what_no_word_of_the_text_speaks_of(text: str) -> None:
    assert not {"EXCHANGE_UNAVAILABLE", "NETWORK_CONNECTION"} & set(explain(text).alternatives)


def test_words_that_several_exchanges_say_are_binances_only_where_nothing_else_speaks() -> None:
    theirs = '{"code":"51603","data":[],"msg":"Order does not exist"}'
    assert explain(theirs).cause == "OTHER"
    told = explain("they tell me that margin is insufficient for it")
    assert (told.cause, told.confidence) == ("MARGIN_INSUFFICIENT", Confidence.LIKELY)
    printed = explain("Error: Margin is insufficient.")
    assert (printed.cause, printed.confidence) == ("MARGIN_INSUFFICIENT", Confidence.CONFIRMED)
    named = explain("binance: Margin is insufficient.")
    assert (named.cause, named.confidence) == ("MARGIN_INSUFFICIENT", Confidence.CONFIRMED)


def test_a_name_that_does_not_resolve_is_confirmed_only_on_the_way_to_binance() -> None:
    assert explain("[Errno 11001] getaddrinfo failed").confidence is Confidence.LIKELY
    binance = explain("getaddrinfo failed for api.binance.com")
    assert (binance.cause, binance.confidence) == ("NETWORK_DNS", Confidence.CONFIRMED)
