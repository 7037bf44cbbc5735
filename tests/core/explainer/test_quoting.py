"""How people and programs quote the exchange: half a message, a code alone, a message by itself."""

import pytest

from sonde_core.explainer import explain
from sonde_core.findings import Confidence


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("it answers 4061 error on every hedge", "POSITION_MODE_MISMATCH"),
        ("总是提示 4164 错误", "FILTER_VIOLATION"),
        ("币安返回了4116的错误代码", "DUPLICATE_ORDER"),
        ("we see a 2022 error code at the exit", "REDUCE_ONLY_REJECTED"),
        ("then a 2019 err comes", "MARGIN_INSUFFICIENT"),
        ("2021 エラーが出ます", "WOULD_IMMEDIATELY_TRIGGER"),
        ("계속 4164 오류가 납니다", "FILTER_VIOLATION"),
    ],
)
def test_a_code_that_is_called_an_error_behind_it_is_one(text: str, cause: str) -> None:
    explanation = explain(text)
    assert cause in {explanation.cause, *explanation.alternatives}
    assert explanation.confidence is not Confidence.CONFIRMED


@pytest.mark.parametrize(
    "text",
    ["closed with 1006 error", "10001 error of the panel", "in 2021 errors were rare", "4061 USDT"],
)
def test_other_numbers_that_are_called_an_error_are_none(text: str) -> None:
    assert explain(text).refusal is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "HTTP 503 Request throttled by system-level protection. then it went",
            "EXCHANGE_OVERLOAD",
        ),
        (
            "order 12: Server is currently overloaded with other requests. (gave up)",
            "EXCHANGE_OVERLOAD",
        ),
        ("-1001 Internal error; unable to process your request. again", "EXCHANGE_UNAVAILABLE"),
    ],
)
def test_the_first_sentence_of_a_message_is_enough(text: str, cause: str) -> None:
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == (cause, Confidence.CONFIRMED)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("failed: Margin is insufficient.", "MARGIN_INSUFFICIENT"),
        ("m: UNKNOWN_ORDER", "ORDER_NOT_FOUND"),
        ('sell "Unknown order sent." 12:00', "ORDER_NOT_FOUND"),
        ("reason=Balance is insufficient.\n", "INSUFFICIENT_BALANCE"),
        ("[order-3] ReduceOnly Order is rejected.\nretry", "REDUCE_ONLY_REJECTED"),
    ],
)
def test_a_message_that_stands_by_itself_was_printed_by_a_program(text: str, cause: str) -> None:
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == (cause, Confidence.CONFIRMED)


@pytest.mark.parametrize(
    "text",
    [
        "why would the margin is insufficient here",
        "my colleague calls it an unknown order sent by mistake",
        "invalid symbol, please try again",
    ],
)
def test_the_same_words_in_somebodys_sentence_are_not_beyond_doubt(text: str) -> None:
    assert explain(text).confidence is not Confidence.CONFIRMED


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('binance {"code":-1105,"msg":"Parameter \'price\' was quite empty"}', "PARAMETER_INVALID"),
        ("binanceusdm code=-2019 not enough collateral for it", "MARGIN_INSUFFICIENT"),
    ],
)
def test_binances_own_code_decides_where_its_words_are_new(text: str, cause: str) -> None:
    explanation = explain(text)
    assert (explanation.cause, explanation.confidence) == (cause, Confidence.CONFIRMED)
