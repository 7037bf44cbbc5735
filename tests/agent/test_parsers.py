"""Every parser of foreign input, on input that nobody would write: its own error or a value."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import ntplib
from hypothesis import given, settings
from hypothesis import strategies as st

from sonde_agent.probes import egress, ntp, tool_output
from sonde_agent.probes.exchange import answers, date
from sonde_agent.probes.exchange.weight import Limits
from sonde_agent.probes.http import AnswerUnusableError, Fetched
from sonde_agent.stopwatch import Stopwatch, host_clock
from sonde_core.readings import USDM, Answer, ExchangeTime, Failure, FailureReason, Kind, Reading
from sonde_lab.ntp import Source, reply_to
from sonde_wire.readings import decode, encode

fuzzed: Callable[[Any], Any] = settings(deadline=None, derandomize=True, max_examples=300)
MS = timedelta(milliseconds=1)
HOUR = datetime(2026, 1, 1, tzinfo=UTC)

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "request ip: 1.2.3.4",
        "request ip: ::1%eth0",
        "banned until 1700000000000",
        "banned until 9999999999999",
        "IP(1.2.3.4)",
        "\x1b[31m",
        "1e999",
        "NaN",
    ]
)
NUMBERS = (
    st.integers() | st.floats() | st.sampled_from([1 << 63, -(1 << 63), 10**400, 1_700_000_000_000])
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "code", "msg", "data", "serverTime", "canTrade", "ipRestrict", "createTime",
        "enableReading", "tradingAuthorityExpirationTime", "rateLimits", "ip",
    ]
)  # fmt: skip


def object_text(pairs: list[tuple[str, Any]]) -> bytes:
    """Write a JSON object whose keys may repeat."""
    inside = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs)
    return f"{{{inside}}}".encode()


OBJECTS = st.lists(st.tuples(FIELDS, VALUES), max_size=6).map(object_text)
NESTED = st.tuples(FIELDS, st.integers(0, 20_000), st.booleans()).map(
    lambda drawn: (
        f'{{"{drawn[0]}":{"[" * drawn[1]}{("]" * drawn[1] + "}") if drawn[2] else ""}'.encode()
    )
)
BODIES = st.binary(max_size=200) | OBJECTS | NESTED | VALUES.map(lambda v: json.dumps(v).encode())
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-mbx-used-weight-1m", "x-sapi-used-ip-weight-1m", "date"]),
    st.text(max_size=40) | st.integers().map(str),
)


def fetched(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Fetched:
    return Fetched(
        status=status, headers=headers or {}, body=body, sent=MS, answered=2 * MS, read=3 * MS
    )


@fuzzed
@given(
    body=BODIES,
    headers=HEADERS,
    status=st.integers(100, 999),
    kind=st.sampled_from(sorted([*answers._FACTS, Kind.FUTURES_ORDER_TEST])),
)
def test_an_answer_of_the_exchange(
    body: bytes, headers: dict[str, str], status: int, kind: Kind
) -> None:
    value = answers.read(fetched(body, status, headers), kind)

    assert isinstance(value, Answer | Failure)
    text = value.message if isinstance(value, Answer) else value.detail
    assert len(text) <= 500
    reading = Reading(kind=kind, subject=USDM, time=HOUR, value=value)
    assert decode(encode(reading)) is not None


@fuzzed
@given(body=BODIES)
def test_the_exchanges_time(body: bytes) -> None:
    try:
        told = answers.server_time(fetched(body))
    except ValueError:
        return
    assert datetime(2001, 1, 1, tzinfo=UTC) < told < datetime(2287, 1, 1, tzinfo=UTC)


LIMIT = st.fixed_dictionaries(
    {
        "rateLimitType": st.sampled_from(["REQUEST_WEIGHT", "ORDERS", ""]),
        "interval": st.sampled_from(["MINUTE", "DAY"]),
        "intervalNum": st.sampled_from([1, 5]) | VALUES,
        "limit": NUMBERS | VALUES,
    }
)
INFOS = st.lists(LIMIT | VALUES, max_size=3).map(
    lambda limits: json.dumps({"rateLimits": limits, "symbols": [[]]}).encode()
)


@fuzzed
@given(body=BODIES | INFOS)
def test_the_exchanges_limits(body: bytes) -> None:
    limits = Limits()

    limits.note("usdm", fetched(body))

    limit = limits.get("usdm")
    assert limit is None or 0 < limit < 1 << 31


ADDRESSES = (
    st.ip_addresses().map(str)
    | st.tuples(st.ip_addresses(v=6).map(str), st.text(max_size=9)).map("%".join)
    | st.text(alphabet="0123456789abcdef:.%/x", max_size=45)
)


@fuzzed
@given(
    body=BODIES
    | ADDRESSES.map(str.encode)
    | ADDRESSES.map(lambda text: json.dumps({"ip": text}).encode())
)
def test_an_echo_services_answer(body: bytes) -> None:
    try:
        address = egress._read(body)
    except AnswerUnusableError:
        return
    assert isinstance(address, IPv4Address | IPv6Address)
    assert len(str(address)) <= 45
    assert str(address).isascii()
    assert str(address).isprintable()


DATES = st.text(max_size=40) | st.datetimes().map(lambda day: f"{day:%a, %d %b %Y %H:%M:%S} GMT")


@fuzzed
@given(text=DATES)
def test_a_date_header(text: str) -> None:
    told = date._compared(fetched(b"", headers={"date": text}), HOUR)

    assert isinstance(told, ExchangeTime) or told.reason is FailureReason.ANSWER


@st.composite
def _ntp_packets(draw: st.DrawFn) -> bytes:
    """Return an honest answer with some bytes overwritten, or cut, or any bytes at all."""
    request = ntplib.NTPPacket(version=4, mode=3).to_data()
    honest = reply_to(request, Source(), host_clock())
    assert honest is not None
    packet = bytearray(honest)
    for place in draw(st.lists(st.integers(0, 47), max_size=12)):
        packet[place] = draw(st.integers(0, 255))
    return bytes(packet) + draw(st.binary(max_size=20))


@fuzzed
@given(data=_ntp_packets() | st.binary(min_size=48, max_size=100))
def test_an_ntp_servers_answer(data: bytes) -> None:
    try:
        stats = ntp._read(data, Stopwatch.start(host_clock))
    except ntp.AnswerRefusedError:
        return
    sample = ntp.sample_of([stats])

    assert timedelta() < sample.delay
    assert 0 < sample.stratum < 16
    assert len(sample.reference_id) <= 15
    assert sample.reference_id.isprintable()
    reading = Reading(kind=Kind.NTP, subject=USDM, time=HOUR, value=sample)
    assert decode(encode(reading)) is not None


@fuzzed
@given(packets=st.lists(st.binary(max_size=100) | _ntp_packets(), max_size=5))
def test_what_arrives_without_a_request_is_no_answer(packets: list[bytes]) -> None:
    conversation = ntp._Conversation(samples=1)

    for data in packets:
        conversation.datagram_received(data, ("192.0.2.1", 123))

    assert conversation.answers() == []
    assert not conversation.over.is_set()


@fuzzed
@given(text=st.text(max_size=30) | st.from_regex(r"[\[a-z0-9.:\]]{1,20}", fullmatch=True))
def test_the_name_of_an_ntp_server(text: str) -> None:
    try:
        server = ntp.NtpServer.parse(text)
    except ValueError:
        return
    assert server.host
    assert 0 < server.port < 1 << 16


_TOOL_WORDS = (
    ", = NTPMessage={ } RootDelay RootDispersion leap stratum 9 offset 1e309 nan 99999d min 377"
)
_TOOL_TEXT = st.text(max_size=400) | st.lists(
    st.sampled_from([*_TOOL_WORDS.split(), '"', " ", "\n", "rootdisp", "Stratum"]), max_size=60
).map("".join)


@fuzzed
@given(one=_TOOL_TEXT, other=_TOOL_TEXT)
def test_what_a_synchronizers_tool_prints(one: str, other: str) -> None:
    for told in (
        tool_output.of_chrony(one, other),
        tool_output.of_timesyncd(one, other),
        tool_output.of_ntpd(one),
    ):
        if told:
            reading = Reading(kind=Kind.SYNCHRONIZER, subject=USDM, time=HOUR, value=told)
            assert decode(encode(reading)) == reading
