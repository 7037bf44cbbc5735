"""What an engine is told to do about a text."""

from datetime import UTC, datetime

import pytest

from sonde_core.advice import Action
from sonde_core.answer import answer
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
            "USDT",
        ),
        ("APIError(code=-2018): Balance is insufficient.", "INSUFFICIENT_BALANCE", "USDT"),
    ],
)
def test_a_refused_order_says_what_to_change(text: str, cause: str, step: str) -> None:
    told = answer(explain(text), Words(), NOW)

    assert told.explanation.cause == cause
    assert (told.advice.action, told.advice.safe_to_resend) == (Action.FIX_REQUEST, True)
    assert any(step in each for each in told.remedy)


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
