"""What a second name server tells, asked over real datagrams."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonde_agent.config import parse
from sonde_agent.probes.exchange.path import PathProbe
from sonde_agent.probes.exchange.probe import ExchangeProbe
from sonde_agent.probes.name_server import NameServer, NameServerError, ask
from sonde_agent.probes.name_server import _addresses as read
from sonde_agent.stopwatch import host_clock
from sonde_core.errors import ConfigInvalidError
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.findings import Confidence, Verdict
from sonde_core.path import Certificate, Resolution, Trust
from sonde_core.readings import USDM, Failure, FailureReason, Kind, Reading, Subject
from sonde_core.rules import network
from sonde_lab.exchange import Exchange
from sonde_lab.name_server import serve_names
from tests.agent.exchange_host import TLS, Host
from tests.lab.certificates import certify, shown, trusted

KNOWN = {1: IPv4Address("198.51.100.20").packed, 28: IPv6Address("2001:db8::20").packed}
Respond = Callable[[bytes], list[bytes]]


def answer(question: bytes, *, outcome: int = 0, more: bytes = b"") -> bytes:
    """Answer a question, behind an alias, with what is known of the type."""
    [type_] = struct.unpack("!H", question[-4:-2])
    alias = b"\xc0\x0c" + struct.pack("!2HIH", 5, 1, 60, 4) + b"\x01x\xc0\x0c"
    data = KNOWN[type_]
    record = b"\x01x\xc0\x0c" + struct.pack("!2HIH", type_, 1, 60, len(data)) + data
    count = 0 if outcome else 2
    header = question[:2] + struct.pack("!5H", 0x8180 | outcome, 1, count, 0, 0)
    return header + question[12:] + (b"" if outcome else alias + record) + more


@asynccontextmanager
async def name_server(respond: Respond) -> AsyncIterator[NameServer]:
    class Server(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for each in respond(data):
                transport.sendto(each, addr)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Server, local_addr=("127.0.0.1", 0)
    )
    try:
        yield NameServer.parse("127.0.0.1:{}".format(transport.get_extra_info("sockname")[1]))
    finally:
        transport.close()


async def test_both_families_are_asked_for_and_aliases_are_passed_over() -> None:
    async with name_server(lambda question: [answer(question)]) as server:
        told = await ask(server, "fapi.binance.com")

    assert told == (ip_address("198.51.100.20"), ip_address("2001:db8::20"))


async def test_an_answer_to_another_question_is_not_listened_to() -> None:
    def respond(question: bytes) -> list[bytes]:
        other = bytes([question[0] ^ 1]) + question[1:]
        return [answer(other, outcome=3), b"", answer(question)]

    async with name_server(respond) as server:
        assert len(await ask(server, "fapi.binance.com")) == 2


async def test_a_name_that_does_not_exist_has_no_addresses() -> None:
    async with name_server(lambda question: [answer(question, outcome=3)]) as server:
        assert await ask(server, "fapi.binance.com") == ()


async def reading_of(exchange: Exchange, respond: Respond) -> Reading:
    async with name_server(respond) as server:
        url = exchange.url.replace("127.0.0.1", "localhost")
        host = Host(url, url)
        settings = replace(host.settings, resolver=server)
        probe = PathProbe(settings=settings, memory=host.memory)
        readings = [each async for each in probe.measure()]
    subject = Subject("resolver", "usdm")
    return next(r for r in readings if (r.kind, r.subject) == (Kind.RESOLUTION, subject))


async def test_the_second_answer_stands_beside_the_hosts_own(exchange: Exchange) -> None:
    reading = await reading_of(exchange, lambda question: [answer(question)])

    assert isinstance(reading.value, Resolution)
    assert reading.value.name == "localhost"
    assert ip_address("198.51.100.20") in reading.value.addresses


@pytest.mark.parametrize(
    ("respond", "reason"),
    [
        pytest.param(lambda _: [], FailureReason.TIMEOUT, id="silence"),
        pytest.param(lambda q: [answer(q, outcome=5)], FailureReason.ANSWER, id="refusal"),
        pytest.param(lambda q: [answer(q)[:-20]], FailureReason.ANSWER, id="cut off"),
    ],
)
async def test_a_second_name_server_that_fails_costs_its_own_reading_only(
    exchange: Exchange, respond: Respond, reason: FailureReason
) -> None:
    reading = await reading_of(exchange, respond)

    assert isinstance(reading.value, Failure)
    assert reading.value.reason is reason


@asynccontextmanager
async def elsewhere(
    tls: ssl.SSLContext | None, here: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Serve TLS at 127.0.0.2 and, where given, at 127.0.0.1, and give the URL by name."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with AsyncExitStack() as stack:
        kept = stack.enter_context(socket.socket())
        kept.bind(("127.0.0.1", 0))
        port = kept.getsockname()[1]
        if here:
            server = await asyncio.start_server(hang_up, sock=kept, ssl=here)
            await stack.enter_async_context(server)
        if tls:
            server = await asyncio.start_server(hang_up, "127.0.0.2", port, ssl=tls)
            await stack.enter_async_context(server)
        yield f"https://localhost:{port}"


async def on_the_way(
    url: str, tls: ssl.SSLContext, *told: str
) -> dict[tuple[Kind, Subject], Reading]:
    async with serve_names(*told) as place:
        host = Host(url, url, tls=tls)
        settings = replace(host.settings, urls={USDM: url}, resolver=NameServer.parse(place))
        probe = ExchangeProbe(settings=settings, memory=host.memory)
        return {(each.kind, each.subject): each async for each in probe.measure()}


def causes(readings: Iterable[Reading]) -> list[tuple[str, Confidence | None]]:
    evidence = Evidence(now=host_clock(), readings=by_kind_and_subject(list(readings)))
    found = [each for each in network.examine(evidence) if each.verdict is Verdict.FOUND]
    return [(each.cause, each.confidence) for each in found]


SECOND = Subject("resolver", "usdm")


@pytest.mark.parametrize("answers", [False, True], ids=["nobody", "somebody else"])
async def test_where_the_exchange_answers_at_the_other_address_the_name_is_at_fault(
    tmp_path: Path, *, answers: bool
) -> None:
    right = certify(tmp_path, name="localhost")
    (tmp_path / "other").mkdir()
    other = shown(certify(tmp_path / "other", name="login.hotel.example"))
    async with elsewhere(shown(right), here=other if answers else None) as url:
        readings = await on_the_way(url, trusted(right), "127.0.0.2")

    proof = readings[Kind.CERTIFICATE, SECOND].value
    own = readings[Kind.RESOLUTION, USDM].value
    assert isinstance(proof, Certificate)
    assert (proof.names, proof.trust) == (("localhost",), Trust.PUBLIC)
    assert isinstance(own, Resolution)
    assert ip_address("127.0.0.1") in own.addresses
    assert causes(readings.values()) == [("NETWORK_DNS", Confidence.LIKELY)]


async def test_where_nobody_answers_at_the_other_address_either_the_name_is_not_at_fault(
    tmp_path: Path,
) -> None:
    right = certify(tmp_path, name="localhost")
    async with elsewhere(None) as url:
        readings = await on_the_way(url, trusted(right), "127.0.0.2")

    proof = readings[Kind.CERTIFICATE, SECOND].value
    assert isinstance(proof, Failure)
    assert proof.reason is FailureReason.CONNECTION
    assert causes(readings.values()) == [("NETWORK_CONNECTION", Confidence.CONFIRMED)]


async def test_somebody_whom_nobody_vouches_for_proves_nothing(tmp_path: Path) -> None:
    right = certify(tmp_path, name="localhost")
    (tmp_path / "other").mkdir()
    forged = shown(certify(tmp_path / "other", name="localhost"))
    async with elsewhere(forged) as url:
        readings = await on_the_way(url, trusted(right), "127.0.0.2")

    proof = readings[Kind.CERTIFICATE, SECOND].value
    assert isinstance(proof, Failure)
    assert proof.reason is FailureReason.TLS
    assert causes(readings.values()) == [("NETWORK_CONNECTION", Confidence.CONFIRMED)]


@pytest.mark.parametrize("told", ["127.0.0.1", "127.0.0.2"])
async def test_where_the_way_works_nobody_is_called_at_another_address(
    exchange: Exchange, told: str
) -> None:
    url = exchange.url.replace("127.0.0.1", "localhost")
    readings = await on_the_way(url, TLS, told)

    assert (Kind.CERTIFICATE, SECOND) not in readings
    assert causes(readings.values()) == []


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_an_answer_raise_anything_else(data: bytes) -> None:
    try:
        read(data, 12)
    except (NameServerError, struct.error, IndexError):
        return


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
    ],
)
def test_a_name_server_is_an_address_with_or_without_a_port(
    text: str, place: tuple[str, int]
) -> None:
    config = parse(f'[exchange]\nresolver = "{text}"', {})

    assert config.exchange.resolver is not None
    assert config.exchange.resolver.place == place


@pytest.mark.parametrize("text", ["dns.example", "192.0.2.53:0", "192.0.2.53:x", "", "[::1"])
def test_what_is_no_name_server_is_refused_with_the_key(text: str) -> None:
    with pytest.raises(ConfigInvalidError, match=r"exchange\.resolver: .*is no name server"):
        parse(f'[exchange]\nresolver = "{text}"', {})
