"""What an agent encodes, the service decodes; what makes no sense is refused."""

import contextlib
from datetime import timedelta
from decimal import Decimal

import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core.orders import SymbolRules
from sonde_core.readings import EngineState, EngineWeight, Kind, Reading, Subject
from sonde_wire import readings
from sonde_wire.readings.texts import MAX_TEXT
from tests.core.cases import CASES
from tests.core.hosts import NOW

# No diagnosis asks for a symbol's rules: they come with an order that was refused.
SYMBOL_RULES = Reading(
    kind=Kind.SYMBOL_RULES,
    subject=Subject("symbol", "BTCUSDT"),
    time=NOW,
    value=SymbolRules(status="TRADING", tick_size=Decimal("0.10"), min_notional=Decimal("1E+2")),
)
ALL = [r for case in CASES.values() for group in case.readings.values() for r in group]
ALL.append(SYMBOL_RULES)
ALL.append(
    Reading(
        kind=Kind.ENGINE,
        subject=Subject("engine", "grid"),
        time=NOW,
        value=EngineState(
            version="3.1",
            reported=NOW,
            heartbeat_interval=timedelta(seconds=10),
            uptime=timedelta(hours=5),
            last_order=NOW,
            weights=(EngineWeight(endpoint="usdm", time=NOW, weight=420),),
            silence=timedelta(seconds=3),
            listening=timedelta(days=2),
        ),
    )
)


def test_every_kind_of_reading_is_tried() -> None:
    assert {reading.kind for reading in ALL} == set(Kind) - {Kind.ECHO_IPV6}


@pytest.mark.parametrize("reading", {repr(r): r for r in ALL}.values(), ids=lambda r: r.kind.value)
def test_readings_survive_the_wire(reading: Reading) -> None:
    again = pb.Reading.FromString(readings.encode(reading).SerializeToString())

    assert readings.decode(again) == reading


def test_a_kind_that_is_newer_than_this_code_is_left_out() -> None:
    message = readings.encode(ALL[0])
    message.kind = 9_999  # type: ignore[assignment]

    assert readings.decode(message) is None
    assert readings.decode(pb.Reading(kind=pb.READING_KIND_NTP)) is None


@pytest.mark.parametrize(
    "message",
    [
        pb.Reading(kind=pb.READING_KIND_ECHO_IPV4, echo=pb.EchoedAddress(address="<script>")),
        pb.Reading(
            kind=pb.READING_KIND_WHITELIST, whitelist=pb.WhitelistRecord(entries=["10.0.0.0/99"])
        ),
        pb.Reading(kind=pb.READING_KIND_PUBLIC_CALL, answer=pb.Answer(request_ip="nowhere")),
        pb.Reading(
            kind=pb.READING_KIND_EXCHANGE_TIME,
            exchange_time=pb.ExchangeTime(offset=Duration(seconds=10**17)),
        ),
        *(
            pb.Reading(
                kind=pb.READING_KIND_SYMBOL_RULES, symbol_rules=pb.SymbolRules(tick_size=number)
            )
            for number in ("ten", "NaN", "1E+99999999")
        ),
    ],
    ids=["address", "network", "request ip", "offset", "word", "no number", "endless number"],
)
def test_nonsense_is_refused_and_names_the_reading(message: pb.Reading) -> None:
    with pytest.raises(readings.ReadingUnreadableError, match=r"^\w+ of ''"):
        readings.decode(message)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_decoder_raise_anything_else(data: bytes) -> None:
    try:
        message = pb.Reading.FromString(data)
    except Exception:  # noqa: BLE001 - protobuf's own refusal
        return
    with contextlib.suppress(readings.ReadingUnreadableError):
        readings.decode(message)


def test_an_oversized_text_is_cut() -> None:
    message = readings.encode(ALL[0])
    message.subject.name = "x" * 10_000
    decoded = readings.decode(message)

    assert decoded is not None
    assert len(decoded.subject.name) == MAX_TEXT
