"""What holds for every text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonde_core.catalogue import CATALOGUE
from sonde_core.explainer import explain
from sonde_core.findings import Confidence
from sonde_core.refusals.table import table

ANY_TEXT = st.text(st.characters(), max_size=400) | st.binary(max_size=400).map(
    lambda raw: raw.decode("latin-1")
)
PIECES = st.sampled_from(
    [
        "code",
        "-2015",
        "-1021",
        "banned until ",
        "1" * 20,
        "{",
        "}",
        '"',
        "\\",
        "\\u00",
        "\\ud800",
        "%7B",
        "&#39;",
        "https://",
        "binance",
        "okx",
        " symbol=",
        "quantity=",
        "9" * 40,
        "retry-after: ",
        "0001-01-01 00:00:00+23:59",
        "request ip: ",
        "::",
        "limit is ",
        "\0",
        "\ud800",
        "İ",
        "ß",
        "－",
        "。",
        "banned until 0001-01-01 00:00 +2359",
    ]
)


@given(ANY_TEXT | st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_no_text_raises_and_every_answer_is_well_formed(text: str) -> None:
    explanation = explain(text)
    assert explanation.cause in {*CATALOGUE.causes, "OTHER"} or explanation.cause.isupper()
    assert len(explanation.alternatives) <= 4


PLAIN_WORDS = st.lists(
    st.sampled_from(
        [
            "my",
            "failed to resolve the problem",
            "restricted location",
            "eligibility",
            "not found",
            "error",
            "bot",
            "order",
            "balance",
            "margin",
            "the",
            "ip",
            "whitelist",
            "is",
            "not",
            "key",
            "api",
            "wrong",
            "time",
            "clock",
            "banned",
            "limit",
            "too",
            "many",
            "binance",
            "says",
            "permission",
            "余额",
            "不足",
            "限流",
            "签名",
            "leverage",
            "symbol",
            "invalid",
            "signature",
            "timeout",
            "connection",
            "5",
            "70",
            "USDT",
            "rejected",
        ]
    ),
    max_size=25,
).map(" ".join)


@given(PLAIN_WORDS)
@settings(max_examples=500, deadline=None)
def test_without_a_code_a_message_or_a_signature_of_the_network_nothing_is_confirmed(
    text: str,
) -> None:
    assert explain(text).confidence is not Confidence.CONFIRMED


WITHOUT_VOWELS = st.characters(
    codec="utf-8", categories=("L", "Z", "P"), exclude_characters="aeiouAEIOU"
)


@given(st.text(WITHOUT_VOWELS, max_size=300))
@settings(max_examples=300, deadline=None)
def test_letters_that_form_no_signature_are_never_confirmed(text: str) -> None:
    assert explain(text).confidence is not Confidence.CONFIRMED


@pytest.mark.parametrize("size", [1_000_000])
def test_a_text_of_any_size_is_read(size: int) -> None:
    text = "x" * size + ' {"code":-2019,"msg":"Margin is insufficient."}'
    assert explain(text).cause == "MARGIN_INSUFFICIENT"


UNITS = (
    '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."} ',
    "a",
    "-1021 ",
    "\\",
    '"',
    "=",
    "&a=",
    "a=",
    "?a",
    "x=1&",
    "http://",
    "http://a.b/c?d=e&f=g ",
    "code: ",
    "banned ",
    "ban 2020-01-01 ",
    "too many requests ",
    "filter failure: ",
    "BTCUSDT ",
    "BTC",
    "symbol=BTC ",
    "quantity ",
    "status 5",
    "the ip (",
    "parameter ",
    "invalid ",
    "timestamp for this ",
    "illegal characters found in parameter ",
    "\n",
    "binance okx ",
    "\u3000",
    "\u0130",
    "key key ",
    "1",
    "-",
    "数量 ",
    "错误 ",
    "timed out host=a.",
    "get x.com timed out ",
    "telegram timed out\n",
    "a.",
    '["error",',
    "success: false error ",
    "ошибка 418 ",
    "x after y due to banned until ",
    "503 placing an ",
    "the key was deleted. ",
    "btc/usdt 20x ",
    "okx error {'a': ",
    "撤单",
    "請求 ",
    "ban 2026-11-29 07:10 CST ",
    "2026年11月29日 15:10解封 ",
    "解 29 nov 2026 07:10 ",
    "wait 1h ",
    "3分钟后",
    "error 10060 ",
    "sell LIMIT order to x for 1 ",
    "1,234,567,",
    "数量1,234 ",
    "TOO_MANY_ORDERS ",
    "-1021 Invalid API-key, IP, or permissions for action. ",
    "401 x-mbx-",
    "429 / ",
)
SMALL, LARGE = 10_000, 100_000
ALLOWED = 15


@pytest.mark.parametrize("unit", UNITS, ids=map(ascii, UNITS))
def test_time_grows_with_the_length_of_the_text_and_no_faster(unit: str) -> None:
    assert _grows_no_faster(unit)


def test_nor_where_every_published_error_is_told_cut_off() -> None:
    told = "\n".join(f"{code} {row.message[:30]}" for row in table().rows for code in row.codes)
    assert _grows_no_faster(told)


def _grows_no_faster(unit: str) -> bool:
    explain(unit[:SMALL])
    small, large = ((unit * (size // len(unit) + 1))[:size] for size in (SMALL, LARGE))
    ratios = (_cost(large) / _cost(small) for _ in range(5))
    return any(ratio <= ALLOWED for ratio in ratios)


def _cost(text: str) -> float:
    started = time.thread_time()
    explain(text)
    return time.thread_time() - started
