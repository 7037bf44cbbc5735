"""What an engine is told to do about a text."""

from datetime import UTC, datetime

import pytest

from sonde_core.advice import Action
from sonde_core.answer import answer
from sonde_core.catalogue import Language
from sonde_core.explainer import Explanation, explain
from sonde_core.findings import Confidence
from sonde_core.words import Words

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "-1007 Timeout waiting for response from backend server. Send status unknown; execution "
        "status unknown.",
        "HTTP 503 Unknown error, please check your request or try again later.",
        "-1006 An unexpected response was received from the message bus. Execution status unknown.",
    ],
)
def test_an_order_whose_fate_is_unknown_is_queried_and_never_sent_again(text: str) -> None:
    told = answer(explain(text), Words(), NOW)

    assert told.explanation.cause == "UNKNOWN_EXECUTION"
    assert (told.advice.action, told.advice.safe_to_resend) == (Action.QUERY_ORDER, False)
    assert "client order id" in told.remedy[0]


@pytest.mark.parametrize(
    ("text", "cause", "step"),
    [
        (
            "APIError(code=-2021): Order would immediately trigger.",
            "WOULD_IMMEDIATELY_TRIGGER",
            "current price",
        ),
        ("APIError(code=-2019): Margin is insufficient.", "MARGIN_INSUFFICIENT", "close"),
        (
            "APIError(code=-2010): Account has insufficient balance for requested action.",
            "INSUFFICIENT_BALANCE",
            "spot wallet",
        ),
        ("APIError(code=-2018): Balance is insufficient.", "INSUFFICIENT_BALANCE", "USDT"),
    ],
)
def test_a_refused_order_says_what_to_change(text: str, cause: str, step: str) -> None:
    told = answer(explain(text), Words(), NOW)

    assert told.explanation.cause == cause
    assert (told.advice.action, told.advice.safe_to_resend) == (Action.FIX_REQUEST, True)
    assert any(step in each for each in told.remedy)


HARMLESS = (
    '{"code":-4046,"msg":"No need to change margin type."}',
    '{"code":-4059,"msg":"No need to change position side."}',
    '{"code":-4052,"msg":"No need to change auto add margin."}',
    "-4171 Adjusted asset mode is currently set and does not need to be adjusted repeatedly.",
    '{"code":-5027,"msg":"No need to modify the order."}',
    "code=-2010, msg=The requested action would change no state; rejecting.",
)


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.parametrize("language", Language)
def test_where_nothing_is_wrong_there_is_nothing_to_do(text: str, language: Language) -> None:
    words = Words(language)
    told = answer(explain(text), words, NOW)

    assert told.remedy == tuple(words.steps_of_kind("nothing"))
    assert (told.advice.action, told.advice.safe_to_resend) == (Action.FIX_REQUEST, True)


@pytest.mark.parametrize(
    ("text", "told_not"),
    [
        ("Filter failure: MAX_NUM_ORDERS", "larger"),
        ("-2025 Reach max open order limit.", "larger"),
        ("-1013 Filter failure: MAX_POSITION", "Round"),
        ("-4206 Users in this country has limited adjust leverage.", "may not trade"),
        ("-4067 Position side cannot be changed if there exists open orders.", "Close"),
        ('{"code":-2010,"msg":"Rest API trading is not enabled."}', "Futures"),
        (
            '{"code":-2010,"msg":"Account has insufficient balance for requested action."}',
            "utures",
        ),
    ],
)
def test_no_step_speaks_of_what_the_error_is_not_about(text: str, told_not: str) -> None:
    told = answer(explain(text), Words(), NOW)

    assert told.remedy
    assert not any(told_not in step for step in (told.title, *told.remedy))


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ('{"code":-2021}', ["Cancel-and-replace succeeded by half"]),
        ('{"code":-4046}', ["An agreement must be accepted on the website first"]),
        ('{"code":-5021}', ["The two accounts are not main account and sub-account"]),
    ],
)
def test_where_nothing_tells_the_surface_every_reading_is_offered_by_its_own_title(
    text: str, titles: list[str]
) -> None:
    explanation = explain(text)
    told = answer(explanation, Words(), NOW)

    for title in titles:
        assert any(other.startswith(title) for _, other in told.alternatives)
    assert Words().title_of("OTHER") not in [title for _, title in told.alternatives]
    assert explanation.cause not in explanation.alternatives


@pytest.mark.parametrize(
    ("confidence", "alternatives", "action", "safe"),
    [
        (Confidence.CONFIRMED, ("UNKNOWN_EXECUTION",), Action.RETRY, True),
        (Confidence.LIKELY, ("RATE_LIMIT_WEIGHT",), Action.RETRY, True),
        (Confidence.LIKELY, ("RATE_LIMIT_WEIGHT", "UNKNOWN_EXECUTION"), Action.QUERY_ORDER, False),
        (Confidence.POSSIBLE, ("OTHER",), Action.RETRY, False),
    ],
)
def test_an_order_that_may_stand_is_not_sent_again(
    confidence: Confidence,
    alternatives: tuple[str, ...],
    action: Action,
    safe: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    doubtful = Explanation(
        cause="EXCHANGE_OVERLOAD", confidence=confidence, alternatives=alternatives
    )

    told = answer(doubtful, Words(), NOW)

    assert (told.advice.action, told.advice.safe_to_resend) == (action, safe)
