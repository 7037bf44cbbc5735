"""Every error that the exchange publishes is explained, in the wrappings of clients."""

import json
import re
from collections.abc import Callable

import pytest

from sonde_core.catalogue import Language
from sonde_core.explainer import explain
from sonde_core.refusals.table import table

GAP = re.compile(r"%[a-z]|\{\w*\}")
WRAPPINGS: dict[str, Callable[[int, str], str]] = {
    "raw JSON": lambda code, said: json.dumps({"code": code, "msg": said}, ensure_ascii=False),
    "python-binance": lambda code, said: f"BinanceAPIException: APIError(code={code}): {said}",
    "ccxt": lambda code, said: (
        "ccxt.base.errors.ExchangeError: binance "
        + json.dumps({"code": code, "msg": said}, separators=(",", ":"))
    ),
    "binance-connector": lambda code, said: f"ClientError: (400, {code}, '{said}', {{}}, None)",
}
ROWS = [(row, code) for row in table().rows for code in row.codes if row.message]


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
def test_every_published_error_leads_to_what_its_row_says(
    wrapping: Callable[[int, str], str],
) -> None:
    wrong = []
    for row, code in ROWS:
        explanation = explain(wrapping(code, GAP.sub("7", row.message)))
        refusal = explanation.refusal
        title = dict(refusal.title) if refusal and refusal.title else None
        own = {Language(name): text for name, text in row.title.items()} if row.title else None
        if (explanation.cause, explanation.facts.code, title) != (row.causes[0], code, own):
            wrong.append((code, row.message, explanation.cause, explanation.facts.code))

    assert wrong == []


@pytest.mark.parametrize(
    "around",
    [
        "liquidation bot: %s",
        "ethereum order failed: %s",
        "Solana grid: %s",
        "lighter mode enabled. %s",
        "I use gemini and deepseek to write my bot, and it says %s",
        'File "/home/alpaca/bot.py", line 7: %s',
        "coinexistence of two bots: %s",
        "okx-binance arbitrage\n%s",
        "a bot for bybit, kucoin and others\n%s",
    ],
)
@pytest.mark.parametrize(
    "error",
    [
        '{"code":-2019,"msg":"Margin is insufficient."}',
        "APIError(code=-2019): Margin is insufficient.",
    ],
)
def test_no_word_around_an_answer_of_binances_makes_it_anothers(around: str, error: str) -> None:
    assert explain(around % error).cause == "MARGIN_INSUFFICIENT"


def test_only_binance_tells_the_address_beside_a_refused_key() -> None:
    text = (
        "bybit and binance grid, 2nd leg\n"
        "-2015 Invalid API-key, IP, or permissions for action, request ip: 203.0.113.9"
    )
    assert explain(text).facts.code == -2015
    assert explain(text.replace(" and binance", "")).cause == "IP_NOT_WHITELISTED"


@pytest.mark.parametrize(
    "text",
    [
        'gemini {"result":"error","reason":"InvalidSignature"}',
        'alpaca.markets answered {"code":40310000,"message":"insufficient buying power"}',
        "openai.RateLimitError: Error code: 429",
        'mexc log\n{"code":-1121,"msg":"Invalid symbol."}',
        "BybitHTTPError: -1021 Timestamp for this request is outside of the recvWindow.",
    ],
)
def test_another_exchange_or_tool_that_answers_itself_is_still_other(text: str) -> None:
    assert explain(text).cause == "OTHER"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('NSURLErrorDomain Code=-1003 "specified hostname could not be found"', "NETWORK_DNS"),
        ("NSURLErrorDomain Code=-1001", "NETWORK_TIMEOUT"),
        ("(NSURLErrorDomain error -1005.)", "NETWORK_CONNECTION"),
        ("nonce too low (BSC RPC)", "OTHER"),
        ("I earned -2015 dollars", "OTHER"),
        ("drawdown hit -1021", "OTHER"),
        ("昨天亏损 -2019", "OTHER"),
        ('{"code":-1022,"msg":"Can\'t write; duplicate key in table"}', "OTHER"),
    ],
)
def test_numbers_of_other_worlds_are_no_codes_of_binances(text: str, cause: str) -> None:
    explanation = explain(text)
    assert explanation.cause == cause
    assert explanation.facts.code is None
    assert explanation.refusal is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("certificate verify failed: certificate is not yet valid", "CLOCK_BEHIND"),
        ("x509: certificate has expired or is not yet valid: current time 2019-01-01T00:00:00Z is"
         " before 2026-01-01T00:00:00Z", "CLOCK_BEHIND"),
        ("x509: certificate has expired or is not yet valid: current time 2036-01-01T00:00:00Z is"
         " after 2027-01-01T00:00:00Z", "CLOCK_AHEAD"),
        ("certificate has expired or is not yet valid", "CLOCK_SKEW"),
    ],
)  # fmt: skip
def test_a_certificate_that_is_not_valid_yet_speaks_of_the_clock(text: str, cause: str) -> None:
    explanation = explain(text)
    assert explanation.cause == cause
    assert "NETWORK_TLS" in explanation.alternatives
