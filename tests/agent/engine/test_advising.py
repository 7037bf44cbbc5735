"""What an engine is told, by what it reports and by what its host knows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.advice_pb2 import AdviceAction
from sonde.engine.v1.confidence_pb2 import Confidence
from sonde.engine.v1.order_pb2 import OrderFacts
from sonde.engine.v1.report_pb2 import FailureReport
from sonde_agent.engine.advising import Adviser
from sonde_agent.engine.requests import clean_failure
from sonde_core.calibration import Calibration
from sonde_core.catalogue import CATALOGUE
from sonde_core.orders import SymbolRules
from sonde_core.readings import Answer as Refused
from sonde_wire.reported import as_text
from sonde_wire.times import from_duration, to_duration

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATE = "Timestamp for this request is outside of the recvWindow."
SMALL = FailureReport(
    exception="binance.exceptions.BinanceAPIException",
    code=-4164,
    message="Order's notional must be no smaller than 100 (unless you choose reduce only).",
    http_status=400,
    surface="usdm",
    order=OrderFacts(symbol="BTCUSDT", side="BUY", type="LIMIT", quantity="0.001", price="60000"),
)


def advised(
    report: FailureReport,
    *,
    until: datetime | None = None,
    clock: Calibration | None = None,
    rules: SymbolRules | None = None,
    refused: list[FailureReport] | None = None,
    asked: list[str] | None = None,
    kept: list[tuple[str, Refused]] | None = None,
) -> pb.ReportFailureResponse:
    refused = [] if refused is None else refused
    asked = [] if asked is None else asked
    kept = [] if kept is None else kept

    def known(endpoint: str, symbol: str) -> SymbolRules | None:
        asked.append(f"{endpoint}/{symbol}")
        return rules if (endpoint, symbol) == ("usdm", "BTCUSDT") else None

    adviser = Adviser(
        closed_until=lambda endpoint: until if endpoint == "usdm" else None,
        told_to_wait=lambda endpoint, answer: kept.append((endpoint, answer)),
        calibration=lambda: clock,
        timestamp_refused=lambda: refused.append(report),
        rules=known,
        recv_window=timedelta(seconds=5),
        now=lambda: NOW,
    )
    return adviser.advise(report)


@pytest.mark.parametrize(
    ("report", "cause", "action", "safe"),
    [
        pytest.param(
            FailureReport(code=-1021, message=LATE, surface="usdm"),
            "CLOCK_BEHIND",
            AdviceAction.ADVICE_ACTION_RECALIBRATE_AND_RETRY,
            True,
            id="code and message",
        ),
        pytest.param(
            FailureReport(text='binanceusdm {"code":-2019,"msg":"Margin is insufficient."}'),
            "MARGIN_INSUFFICIENT",
            AdviceAction.ADVICE_ACTION_FIX_REQUEST,
            True,
            id="a text",
        ),
        pytest.param(
            FailureReport(exception="requests.exceptions.ReadTimeout"),
            "NETWORK_TIMEOUT",
            AdviceAction.ADVICE_ACTION_QUERY_ORDER,
            False,
            id="an exception alone",
        ),
        pytest.param(
            FailureReport(code=-1007, message="Timeout waiting for response from backend server."),
            "UNKNOWN_EXECUTION",
            AdviceAction.ADVICE_ACTION_QUERY_ORDER,
            False,
            id="an order that may stand",
        ),
        pytest.param(
            FailureReport(text="KeyError: 'grid'"),
            "OTHER",
            AdviceAction.ADVICE_ACTION_STOP_AND_PAGE,
            False,
            id="the engine's own bug",
        ),
    ],
)
def test_a_refusal_is_answered_with_what_to_do(
    report: FailureReport,
    cause: str,
    action: AdviceAction.ValueType,
    safe: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    said = advised(report)

    assert (said.cause, said.advice.action, said.advice.safe_to_resend) == (cause, action, safe)
    assert said.en.title
    assert said.zh.title != said.en.title


def test_the_wait_is_as_long_as_the_exchange_told_this_host() -> None:
    report = FailureReport(
        code=-1003, message="Too many requests.", http_status=429, surface="usdm"
    )

    assert from_duration(advised(report).advice.after) == timedelta(minutes=1)
    told = advised(report, until=NOW + timedelta(minutes=7, milliseconds=1))
    assert told.advice.action == AdviceAction.ADVICE_ACTION_RETRY_AFTER
    assert from_duration(told.advice.after) == timedelta(minutes=7, seconds=1)


def test_the_words_name_the_end_of_a_wait_that_is_longer_than_a_minute() -> None:
    too_many = FailureReport(code=-1003, message="Too many requests", surface="usdm")

    known = advised(too_many, until=NOW + timedelta(minutes=5))
    unknown = advised(too_many)

    assert known.en.remedy[0].startswith("Wait until 2030-01-01 12:05:00 UTC")
    assert "2030-01-01 12:05:00" in known.zh.remedy[0]
    assert unknown.en.remedy[0].startswith("Wait a minute")
    assert "一分钟" in unknown.zh.remedy[0]


def test_who_does_not_say_where_waits_until_every_endpoint_may_be_called() -> None:
    until = NOW + timedelta(minutes=7)
    waits = {
        surface: from_duration(
            advised(
                FailureReport(code=-1003, http_status=429, surface=surface), until=until
            ).advice.after
        )
        for surface in ("", "usdm", "spot", "coinm", "papi", "ws")
    }

    minute, seven = timedelta(minutes=1), timedelta(minutes=7)
    assert waits == {
        **{"": seven, "usdm": seven, "ws": seven},
        **{"spot": minute, "coinm": minute, "papi": minute},
    }


@pytest.mark.parametrize(
    ("report", "kept"),
    [
        pytest.param(
            FailureReport(
                code=-1003,
                message="Way too many requests; IP banned until 1893499500000.",
                http_status=418,
                surface="papi",
            ),
            [("papi", Refused(status=418, banned_until=NOW + timedelta(minutes=5)))],
            id="a ban",
        ),
        pytest.param(
            FailureReport(
                code=-1003,
                http_status=429,
                surface="papi",
                retry_after=to_duration(timedelta(seconds=23)),
            ),
            [("papi", Refused(status=429, retry_after=timedelta(seconds=23)))],
            id="Retry-After",
        ),
        pytest.param(
            FailureReport(code=-1003, http_status=429, surface="papi"), [], id="no end named"
        ),
        pytest.param(
            FailureReport(
                code=-1003,
                message="Way too many requests; IP banned until 1893499199000.",
                http_status=418,
                surface="papi",
            ),
            [],
            id="a ban that is over",
        ),
        pytest.param(
            FailureReport(
                code=-1003, http_status=429, retry_after=to_duration(timedelta(seconds=23))
            ),
            [],
            id="nobody knows by whom",
        ),
    ],
)
def test_an_end_that_an_engine_was_told_is_kept(
    report: FailureReport, kept: list[tuple[str, Refused]]
) -> None:
    told: list[tuple[str, Refused]] = []
    advised(report, kept=told)

    assert told == kept


@pytest.mark.parametrize(
    ("surface", "symbol", "code", "message", "asked"),
    [
        ("papi", "BTCUSDT", -4164, SMALL.message, ["usdm/BTCUSDT"]),
        ("papi", "BTCUSD_PERP", -4003, "Quantity less than zero.", []),
        ("papi", "BTCUSDT", -1013, "Filter failure: LOT_SIZE", ["spot/BTCUSDT"]),
        ("ws", "BTCUSDT", -1013, "Filter failure: LOT_SIZE", ["spot/BTCUSDT"]),
        ("coinm", "BTCUSD_PERP", -4003, "Quantity less than zero.", []),
    ],
)
def test_the_rules_wanted_are_those_of_the_order_that_was_refused(
    surface: str, symbol: str, code: int, message: str, asked: list[str]
) -> None:
    wanted: list[str] = []
    order = OrderFacts(symbol=symbol, quantity="0.001")
    report = FailureReport(code=code, message=message, surface=surface, order=order)
    advised(report, asked=wanted)

    assert wanted == asked


def test_a_header_that_the_engine_saw_counts_too() -> None:
    report = FailureReport(
        code=-1003, http_status=429, retry_after=to_duration(timedelta(seconds=23))
    )

    assert from_duration(advised(report).advice.after) == timedelta(seconds=23)


def test_a_clock_that_is_known_to_be_right_makes_it_latency() -> None:
    right = Calibration(
        offset=timedelta(milliseconds=3),
        bound=timedelta(milliseconds=9),
        age=timedelta(minutes=1),
        sources=("a.example",),
        recv_window=timedelta(seconds=5),
    )
    refused: list[FailureReport] = []
    said = advised(FailureReport(code=-1021, message=LATE), clock=right, refused=refused)
    advised(SMALL, clock=right, refused=refused)

    assert said.cause == "RECV_WINDOW_LATENCY"
    assert said.confidence == Confidence.CONFIDENCE_LIKELY
    assert said.alternatives[0] == "CLOCK_BEHIND"
    # The host's clock is good; the offset that an engine keeps for itself may be old.
    assert said.advice.action == AdviceAction.ADVICE_ACTION_RECALIBRATE_AND_RETRY
    assert len(refused) == 1, "the clock is compared again, and after no other refusal"


def test_an_orders_numbers_stand_beside_the_limits_that_they_break() -> None:
    rules = SymbolRules(status="TRADING", step_size=Decimal("0.01"), min_quantity=Decimal("0.01"))
    plain, live = advised(SMALL), advised(SMALL, rules=rules)

    assert plain.cause == live.cause == "FILTER_VIOLATION"
    assert any("100" in sentence for sentence in plain.en.supporting)
    assert len(live.en.supporting) > len(plain.en.supporting)
    assert len(live.zh.supporting) == len(live.en.supporting)


def test_the_rules_are_wanted_only_where_they_say_something() -> None:
    asked: list[str] = []
    limited = FailureReport(code=-1003, http_status=429, surface="usdm", order=SMALL.order)

    advised(limited, asked=asked)
    assert asked == []
    advised(SMALL, asked=asked)
    assert asked == ["usdm/BTCUSDT"]


def test_a_text_that_says_it_all_is_not_told_twice() -> None:
    text = f'{{"code":-1021,"msg":"{LATE}"}}'
    report = FailureReport(text=text, code=-1021, message=LATE)

    assert as_text(report) == text


WORDS = st.text(max_size=80) | st.sampled_from(
    ("binance", "{", '"code":', "-1021", "ban until 9999999999999999", "symbol=", "limit is 0")
)
ORDERS = st.builds(OrderFacts, symbol=WORDS, quantity=WORDS, price=WORDS, reduce_only=st.booleans())
REPORTS = st.builds(
    FailureReport,
    text=st.lists(WORDS, max_size=8).map(" ".join),
    exception=WORDS,
    code=st.integers(-(2**31), 2**31 - 1) | st.none(),
    message=WORDS,
    http_status=st.integers(-(2**31), 2**31 - 1) | st.none(),
    surface=st.sampled_from(("", "spot", "coinm", "papi", "ws", "new")),
    order=ORDERS | st.none(),
)


@given(REPORTS)
def test_every_report_is_answered(report: FailureReport) -> None:
    said = advised(clean_failure(report), until=NOW + timedelta(hours=1))

    assert said.cause in CATALOGUE.causes
    assert said.advice.action != AdviceAction.ADVICE_ACTION_UNSPECIFIED
    assert pb.ReportFailureResponse.FromString(said.SerializeToString()) == said
