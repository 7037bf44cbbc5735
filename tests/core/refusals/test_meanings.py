"""Surface, code and message lead to the meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonde_core.catalogue import Language
from sonde_core.refusals import Refusal, Surface, by_message, meanings

SPOT, USDM, COINM, PAPI, SAPI, WS = Surface
DISABLED = "This action is disabled on this account."


def titles(found: tuple[Refusal, ...]) -> list[str]:
    """Return what each reading is called: its cause, or its own title."""
    return [it.title[Language.EN] if it.title else it.cause for it in found]


@pytest.mark.parametrize(
    ("code", "readings"),
    [
        (-1004, {USDM: "The address is on the IP list already", SAPI: "EXCHANGE_OVERLOAD"}),
        (-1108, {SPOT: "PARAMETER_INVALID", USDM: "PARAMETER_INVALID"}),
        (
            -2021,
            {
                USDM: "WOULD_IMMEDIATELY_TRIGGER",
                SPOT: "Cancel-and-replace succeeded by half: the cancellation or the new order"
                " failed",
            },
        ),
        (
            -2022,
            {
                COINM: "REDUCE_ONLY_REJECTED",
                SPOT: "Cancel-and-replace failed: nothing was cancelled and nothing placed",
            },
        ),
        (-2026, {PAPI: "PARAMETER_INVALID", SPOT: "ORDER_NOT_FOUND", SAPI: "ORDER_NOT_FOUND"}),
        (
            -4004,
            {
                USDM: "FILTER_VIOLATION",
                SAPI: "The exchange did not accept the login of this request",
            },
        ),
        (
            -4046,
            {
                USDM: "The margin mode is already as wanted: nothing is wrong",
                SAPI: "An agreement must be accepted on the website first",
            },
        ),
        (-4087, {USDM: "ACCOUNT_RESTRICTED", COINM: "SYMBOL_INVALID"}),
        (-4088, {PAPI: "ACCOUNT_RESTRICTED", COINM: "PARAMETER_INVALID"}),
        (
            -4202,
            {
                USDM: "More leverage needs a further verification of identity",
                COINM: "This symbol allows only a lower leverage",
            },
        ),
        (
            -5021,
            {
                USDM: "The fill-or-kill order could not be filled at once",
                SAPI: "The two accounts are not main account and sub-account",
            },
        ),
        (
            -5041,
            {
                USDM: "No price in the order book matches this best-price order",
                PAPI: "Too many requests of this account are waiting at once",
            },
        ),
    ],
)
def test_the_surface_decides_what_a_code_of_several_means_and_unknown_it_offers_all(
    code: int, readings: dict[Surface, str]
) -> None:
    for surface, reading in readings.items():
        assert titles(meanings(code, "", surface)) == [reading]
    assert set(titles(meanings(code))) == set(readings.values())


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        (-1003, "Too much request weight used; current limit is 6000", "RATE_LIMIT_WEIGHT"),
        (
            -1003,
            "Way too many requests; IP(203.0.113.9) banned until 1699999999999. Please use the"
            " websocket for live updates to avoid bans.",
            "IP_BANNED",
        ),
        (-1013, "Filter failure: NOTIONAL", "FILTER_VIOLATION"),
        (-1013, "Market is closed.", "SYMBOL_INVALID"),
        (-1021, "Timestamp for this request was 1,000ms ahead of the server's time", "CLOCK_AHEAD"),
        (-1021, "Timestamp for this request is outside of the recvWindow.", "CLOCK_BEHIND"),
        (-2010, "Account has insufficient balance for requested action.", "INSUFFICIENT_BALANCE"),
        (-2010, "Duplicate order sent.", "DUPLICATE_ORDER"),
        (-2010, "Order would trigger immediately.", "WOULD_IMMEDIATELY_TRIGGER"),
        (-2010, "Filter failure: MAX_POSITION", "FILTER_VIOLATION"),
        (-2010, "The exchange found a new reason", "OTHER"),
        (-2010, "", "OTHER"),
        (-2011, "Unknown order sent.", "ORDER_NOT_FOUND"),
        (-2011, DISABLED, "ACCOUNT_RESTRICTED"),
        (-2015, "Invalid API-key, IP, or permissions for action", "IP_NOT_WHITELISTED"),
        (
            -2015,
            "Invalid API-key, IP, or permissions for action, request ip: 203.0.113.9",
            "IP_NOT_WHITELISTED",
        ),
        (
            -4164,
            "Order's notional must be no smaller than 100 (unless you choose",
            "FILTER_VIOLATION",
        ),
    ],
)
@pytest.mark.parametrize("surface", [None, SPOT, USDM])
def test_the_message_decides_among_the_meanings_of_one_code(
    code: int, message: str, cause: str, surface: Surface | None
) -> None:
    assert meanings(code, message, surface)[0].cause == cause


@pytest.mark.parametrize(
    "message",
    [
        DISABLED,
        "This action is disabled on self account.",
        "this action is  disabled on this account",
        'binance {"code":-2011,"msg":"This action is disabled on this account."}',
        "This action is disabled on",
        "Ｔｈｉｓ ａｃｔｉｏｎ ｉｓ ｄｉｓａｂｌｅｄ ｏｎ ｔｈｉｓ ａｃｃｏｕｎｔ．",
    ],
)
def test_slips_in_a_text_do_not_matter(message: str) -> None:
    assert [it.cause for it in meanings(-2011, message, SPOT)] == ["ACCOUNT_RESTRICTED"]


def test_a_code_that_no_list_has_means_nothing() -> None:
    assert meanings(-31337, DISABLED) == ()


def test_a_surface_whose_list_lacks_the_code_falls_back_on_the_others() -> None:
    (found,) = meanings(-2019, "", SPOT)

    assert (found.surface, found.cause) == (USDM, "MARGIN_INSUFFICIENT")


def test_the_websocket_api_speaks_as_spot_does_where_its_pages_say_nothing() -> None:
    (found,) = meanings(-2026, "", WS)

    assert (found.surface, found.cause) == (SPOT, "ORDER_NOT_FOUND")


def test_a_rejected_key_stands_for_more_than_the_address() -> None:
    (futures,) = meanings(-2015, "", USDM)
    (spot,) = meanings(-2015, "", SPOT)

    assert futures.also == (
        "KEY_INVALID",
        "PERMISSION_MISSING",
        "WRONG_ENVIRONMENT",
        "KEY_OLDER_THAN_FUTURES",
    )
    assert "KEY_OLDER_THAN_FUTURES" not in spot.also


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Unknown error, please check your request or try again later.", "UNKNOWN_EXECUTION"),
        ("Service Unavailable.", "EXCHANGE_UNAVAILABLE"),
        ("Request occur unknown error.", "EXCHANGE_UNAVAILABLE"),
        (
            "Internal error; unable to process your request. Please try again.",
            "EXCHANGE_UNAVAILABLE",
        ),
    ],
)
def test_the_futures_texts_without_a_code_are_told_apart(text: str, cause: str) -> None:
    assert [it.cause for it in by_message(text, USDM)] == [cause]


def test_a_text_without_a_code_is_known_with_any_value_in_it() -> None:
    (found,) = by_message(
        "Mandatory parameter 'signature' was not sent, was empty/null, or malformed"
    )

    assert (found.code, found.cause) == (-1102, "PARAMETER_INVALID")


@pytest.mark.parametrize("text", ["", "...", "Hello", "less than zero", "ZeroDivisionError"])
def test_a_text_that_no_list_has_means_nothing(text: str) -> None:
    assert by_message(text) == ()


@given(st.integers(-6000, 60000), st.text(max_size=200), st.sampled_from([None, *Surface]))
def test_no_code_and_no_text_is_too_odd(code: int, text: str, surface: Surface | None) -> None:
    for found in (*meanings(code, text, surface), *by_message(text, surface)):
        assert found.cause != "OTHER" or found.title is not None
