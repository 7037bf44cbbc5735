"""Several errors in one text: the root, not the last echo."""

import pytest

from sonde_core.explainer import explain
from sonde_core.findings import Confidence

CHAIN = """Traceback (most recent call last):
  File "/usr/lib/python3.11/socket.py", line 962, in getaddrinfo
    for res in _socket.getaddrinfo(host, port, family, type, proto, flags):
socket.gaierror: [Errno -2] Name or service not known

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "urllib3/connection.py", line 198, in _new_conn
urllib3.exceptions.NewConnectionError: Failed to establish a new connection

During handling of the above exception, another exception occurred:

requests.exceptions.ConnectionError: HTTPSConnectionPool(host='fapi.binance.com', port=443)

During handling of the above exception, another exception occurred:

AttributeError: 'NoneType' object has no attribute 'json'
"""


def test_the_cause_of_a_chain_of_exceptions_is_its_first_link() -> None:
    assert explain(CHAIN).cause == "NETWORK_DNS"


def test_the_first_refusal_is_the_root_of_those_that_follow() -> None:
    text = (
        '10:00:01 {"code":-1021,"msg":"Timestamp for this request was 1000ms ahead of the server\'s'
        ' time."}\n10:00:09 {"code":-2011,"msg":"Unknown order sent."}'
    )
    explanation = explain(text)
    assert explanation.cause == "CLOCK_AHEAD"
    assert "ORDER_NOT_FOUND" in explanation.alternatives


@pytest.mark.parametrize(
    "path",
    [
        "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='fapi.binance.com', port=443):"
        " Read timed out.\nDuring handling of the above exception, another exception occurred:\n",
        "order timed out, retry with the same id: ",
        "read ECONNRESET\n",
        "504 Gateway Time-out\n",
    ],
)
@pytest.mark.parametrize(
    ("echo", "cause"),
    [
        ("APIError(code=-2011): Unknown order sent.", "ORDER_NOT_FOUND"),
        ('{"code":-4116,"msg":"ClientOrderId is duplicated."}', "DUPLICATE_ORDER"),
        ("-2010 Duplicate order sent.", "DUPLICATE_ORDER"),
    ],
)
def test_an_order_whose_answer_was_lost_is_the_root_of_its_echo(
    path: str, echo: str, cause: str
) -> None:
    explanation = explain(path + echo)
    assert explanation.cause == "UNKNOWN_EXECUTION"
    assert explanation.confidence is not Confidence.CONFIRMED
    assert explanation.alternatives[0] == cause
    assert explanation.facts.code is not None


@pytest.mark.parametrize(
    "text",
    [
        "APIError(code=-2011): Unknown order sent.\nread timed out",
        "telegram timed out\nAPIError(code=-2011): Unknown order sent.",
    ],
)
def test_a_path_that_broke_later_or_to_somebody_else_is_not_its_root(text: str) -> None:
    assert explain(text).cause == "ORDER_NOT_FOUND"


def test_an_order_that_never_left_is_not_of_unknown_execution() -> None:
    explanation = explain("getaddrinfo ENOTFOUND fapi.binance.com\n-2011 Unknown order sent.")
    assert explanation.cause == "NETWORK_DNS"
    assert "ORDER_NOT_FOUND" in explanation.alternatives


def test_what_java_names_as_the_cause_is_the_root() -> None:
    text = (
        "com.example.OrderException: code -2010 Account has insufficient balance for requested"
        " action.\n  at com.example.Main\nCaused by: com.binance.ApiException: code -1022,"
        " Signature for this request is not valid."
    )
    assert explain(text).cause == "SIGNATURE_INVALID"


def test_a_harmless_refusal_is_not_the_root() -> None:
    text = (
        '{"code":-4046,"msg":"No need to change margin type."}\n'
        '{"code":-2019,"msg":"Margin is insufficient."}'
    )
    assert explain(text).cause == "MARGIN_INSUFFICIENT"


def test_the_ban_that_follows_a_limit_is_what_holds() -> None:
    text = (
        "-1003 Too many requests; current limit is 2400 requests per minute.\n"
        "-1003 Way too many requests; IP banned until 1700000000000."
    )
    assert explain(text).cause == "IP_BANNED"


def test_a_bare_1003_with_418_is_a_ban() -> None:
    explanation = explain("status code 418: {'code': -1003}")
    assert explanation.cause == "IP_BANNED"


def test_a_code_beside_a_wrapping_exception_decides_against_the_exception() -> None:
    text = (
        "ccxt.base.errors.DDoSProtection: binance 429 Too Many Requests"
        ' {"code":-1015,"msg":"Too many new orders; current limit is 10 orders per 1 SECOND."}'
    )
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == ("ORDER_RATE_LIMIT", Confidence.CONFIRMED)


def test_what_a_failure_came_after_is_the_root_though_it_is_told_last() -> None:
    for text in (
        "connection reset after IP banned until 1700000000000",
        "websocket disconnected because of too many requests",
        "order timed out due to insufficient balance",
    ):
        assert explain(text).cause in {"IP_BANNED", "RATE_LIMIT_WEIGHT", "INSUFFICIENT_BALANCE"}


def test_of_two_published_errors_neither_is_beyond_doubt_the_root() -> None:
    text = '{"code":-2019,"msg":"Margin is insufficient."}\n{"code":-1121,"msg":"Invalid symbol."}'
    assert explain(text).confidence is not Confidence.CONFIRMED


@pytest.mark.parametrize(
    "harmless",
    [
        "-4052 No need to change auto add margin.",
        "-4059 No need to change position side.",
        "-4171 Adjusted asset mode is currently set and does not need to be adjusted repeatedly.",
    ],
)
def test_no_harmless_refusal_is_the_root(harmless: str) -> None:
    assert explain(harmless + "\n-2019 Margin is insufficient.").cause == "MARGIN_INSUFFICIENT"


def test_a_harmless_refusal_beside_the_root_leaves_it_confirmed() -> None:
    text = "-4046 No need to change margin type.\n-2019 Margin is insufficient."
    explanation = explain(text)
    assert explanation.cause == "MARGIN_INSUFFICIENT"
    assert explanation.confidence is Confidence.CONFIRMED
