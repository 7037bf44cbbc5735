"""The mail about an error text that a customer sent."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from sonde_core.catalogue import CATALOGUE, Language
from sonde_core.explainer import Explanation, Facts, explain
from sonde_core.findings import Confidence, Item
from sonde_core.reply import of_explanation
from sonde_core.words import Words
from tests.core.cases import SEEN
from tests.core.hosts import NOW
from tests.core.mails import BEIJING, JARGON, SECRET_WARNING, ZH, in_this_order, mail_of

KNOWN = Facts(
    code=-1,
    http_status=418,
    request_ip=ip_address(SEEN),
    banned_until=NOW + timedelta(hours=1),
    limit="50 orders per 10 SECOND",
    symbol="BTCUSDT",
    filter="LOT_SIZE",
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param(
            '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action, '
            'request ip: 203.0.113.9"}',
            [
                "we looked at the error that you sent",
                "cause: The host's address is not on the key's IP list",
                "- Error code -2015",
                "- Address that Binance saw: 203.0.113.9",
                "\n    203.0.113.9\n",
                "make sure that 203.0.113.9 is listed",
                "It can also be:",
                "- The exchange does not accept this key",
                "The text alone does not settle it. We check your host as well",
                "If the error still comes 10 minutes after that",
            ],
            id="ambiguous",
        ),
        pytest.param(
            "Way too much request weight used; IP banned until 1893500000000. Please use",
            [
                "The exchange has banned this address",
                "1. Wait until 2030-01-01 12:13:20 UTC",
                "If the error still comes after 2030-01-01 12:13:20 UTC",
            ],
            id="banned until a moment to come",
        ),
        pytest.param(
            "Way too much request weight used; IP banned until 1893400000000. Please use",
            [
                "The ban ended on 2029-12-31 08:26:40 UTC; it is over",
                "1. There is nothing to wait for any more.",
            ],
            id="banned until a moment that is over",
        ),
        pytest.param(
            '{"code":-1007,"msg":"Timeout waiting for response from backend server. '
            'Send status unknown; execution status unknown."}',
            [
                "The order may or may not have been placed",
                "\nPlease do not place the order again by hand.",
                "It does not send the order twice.",
            ],
            id="unknown execution",
        ),
        pytest.param(
            '{"code":-2021,"msg":"Order would immediately trigger."}',
            ["The order would trigger at once", "\nYou need not do anything.\n", "by itself"],
            id="nothing to do",
        ),
        pytest.param(
            "HTTP 429 Too Many Requests, Retry-After: 12",
            ["- Binance asked to wait 12 s", "1. Wait a minute", "10 minutes after that"],
            id="a pause that counts from nobody knows when",
        ),
        pytest.param(
            "the coffee machine is broken",
            [
                "The text alone does not tell the cause yet",
                "What we need from you:",
                "1. Please send us the whole error text with its code",
                "2. Leave the API key and its settings as they are.",
                "If an error comes again",
            ],
            id="nothing known",
        ),
    ],
)
def test_a_mail_about_a_text_holds_its_parts_in_order(text: str, parts: list[str]) -> None:
    assert in_this_order(mail_of(text), *parts)


def test_a_published_error_without_a_cause_is_told_by_its_own_title() -> None:
    text = '{"code":-5022,"msg":"Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history"}'  # noqa: E501
    explanation = explain(text)
    refusal = explanation.refusal

    assert refusal
    assert refusal.title
    for language in Language:
        said = of_explanation(explanation, Words(language), NOW)
        assert refusal.title[language] in said
        assert CATALOGUE.causes["OTHER"].text[language].title not in said


@pytest.mark.parametrize("text", ['{"code":-1004}', '{"code":-5021}', "code -2021"])
def test_no_words_of_binances_are_quoted_that_were_not_sent(text: str) -> None:
    assert "own words" not in mail_of(text)


def test_words_of_binances_are_quoted_as_they_were_sent() -> None:
    text = '{"code":-1034,"msg":"Too many concurrent connections; current limit is \'5\'."}'

    assert "own words: Too many concurrent connections; current limit is" in mail_of(text)
    assert "%" not in mail_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "Error: getaddrinfo ENOTFOUND fapi.binance.com",
        "-1021 Timestamp for this request was 1000ms ahead of the server's time.\n"
        "getaddrinfo ENOTFOUND fapi.binance.com",
        '{"code":-5022,"msg":"Due to the order could not be executed as maker, the Post Only order'
        ' will be rejected."}',
        '{"code":-4120,"msg":"Order type not supported for this endpoint. Please use the Algo Order'
        ' API endpoints instead."}',
    ],
)
def test_what_is_beyond_doubt_is_proved_and_nothing_else_is_offered(text: str) -> None:
    said = mail_of(text)

    assert in_this_order(said, "\nCause: ", "What shows it:\n- ")
    assert "It can also be" not in said
    assert "does not settle it" not in said


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('{"code":-2021}', "- Cancel-and-replace succeeded by half"),
        ('{"code":-5021}', "- The two accounts are not main account and sub-account"),
    ],
)
def test_a_reading_of_another_surface_is_offered_by_its_own_title(text: str, other: str) -> None:
    assert in_this_order(mail_of(text), "It can also be:", other, "does not settle it")


def test_a_rule_that_an_order_broke_is_told_by_what_it_is() -> None:
    text = '{"code":-1013,"msg":"Filter failure: NOTIONAL"}'

    assert "the least or the greatest value of an order (NOTIONAL)" in mail_of(text)
    assert "下单金额的下限或上限（NOTIONAL）" in mail_of(text, ZH)


def test_no_secret_is_quoted() -> None:
    secret = "a" * 20 + "Z" * 20 + "9" * 24
    said = mail_of(f"getaddrinfo ENOTFOUND fapi.binance.com key {secret}")

    assert secret[:24] not in said


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cause", sorted(set(CATALOGUE.causes) - {"OTHER", "AGENT_UNREACHABLE"}))
@pytest.mark.parametrize("facts", [Facts(), KNOWN], ids=["nothing known", "all known"])
def test_a_mail_can_be_written_about_every_cause(
    cause: str, language: Language, facts: Facts
) -> None:
    explanation = Explanation(cause=cause, confidence=Confidence.LIKELY, facts=facts)
    text = of_explanation(explanation, Words(language, BEIJING), NOW)

    assert CATALOGUE.causes[cause].text[language].title in text
    assert JARGON.findall(text) == []
    assert SECRET_WARNING[language] in text


def test_what_else_speaks_for_a_cause_is_told_with_it() -> None:
    items = (Item("clock_good", {"offset_ms": 3, "bound_ms": 2}),)
    explanation = Explanation(cause="FILTER_VIOLATION", confidence=Confidence.LIKELY)

    assert "- The clock is right: +3 ms" in of_explanation(explanation, Words(), NOW, items)
