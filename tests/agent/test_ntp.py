"""The clock probe, against simulated servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from sonde_agent.probes.ntp import NtpProbe, NtpServer
from sonde_core.readings import Failure, FailureReason, Kind, NtpSample, Reading, Subject
from sonde_lab.ntp import Behaviour, Source, reply_to, serve_ntp
from sonde_lab.ntp import NtpServer as SimulatedServer


@asynccontextmanager
async def servers(*sources: Source) -> AsyncIterator[list[SimulatedServer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serve_ntp(source)) for source in sources]


async def ask(
    *addresses: str, within: timedelta = timedelta(seconds=5), samples: int = 3
) -> dict[str, Reading]:
    probe = NtpProbe(
        servers=[NtpServer.parse(address) for address in addresses],
        samples=samples,
        timeout=within,
    )
    return {reading.subject.name: reading async for reading in probe.measure()}


async def ask_one(source: Source, within: timedelta = timedelta(seconds=5)) -> Reading:
    async with servers(source) as [server]:
        return (await ask(server.address, within=within))[server.address]


@pytest.mark.parametrize("ahead", [1.5, -7.0, 30 * 86_400.0], ids=["ahead", "behind", "days"])
async def test_the_offset_is_within_its_own_bound_and_positive_when_ahead(ahead: float) -> None:
    reading = await ask_one(Source(offset=timedelta(seconds=-ahead)))

    sample = reading.value
    assert isinstance(sample, NtpSample)
    bound = (sample.delay + sample.root_delay) / 2 + sample.root_dispersion
    assert abs(sample.offset - timedelta(seconds=ahead)) <= bound
    assert (reading.kind, sample.stratum, sample.samples) == (Kind.NTP, 2, 3)
    assert sample.reference_id == "192.0.2.1"


async def test_a_primary_server_is_named_by_its_letters() -> None:
    reading = await ask_one(Source(stratum=1, reference_id=b"GPS\0"))

    assert isinstance(reading.value, NtpSample)
    assert reading.value.reference_id == "GPS"


@pytest.mark.parametrize(
    ("source", "reason", "said"),
    [
        (Source(behaviour=Behaviour.KISS_RATE), FailureReason.ANSWER, "kiss-o'-death RATE"),
        (Source(behaviour=Behaviour.KISS_DENY), FailureReason.ANSWER, "kiss-o'-death DENY"),
        (Source(stratum=0), FailureReason.ANSWER, "kiss-o'-death"),
        (Source(stratum=16), FailureReason.ANSWER, "stratum 16"),
        (Source(leap=3), FailureReason.ANSWER, "leap alarm"),
        (Source(behaviour=Behaviour.ZERO_TRANSMIT), FailureReason.ANSWER, "transmit stamp is zero"),
        (Source(behaviour=Behaviour.ZERO_STAMPS), FailureReason.ANSWER, "transmit stamp is zero"),
        (Source(behaviour=Behaviour.LONG_HOLD), FailureReason.ANSWER, "more time than the answer"),
        (Source(delay=timedelta(days=1)), FailureReason.TIMEOUT, "no answer within 200 ms"),
        (Source(behaviour=Behaviour.WRONG_ORIGIN), FailureReason.ANSWER, "origin stamp"),
        (Source(behaviour=Behaviour.SILENT), FailureReason.TIMEOUT, "no answer within 200 ms"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_answer_that_must_not_be_believed_is_refused(
    source: Source, reason: FailureReason, said: str
) -> None:
    reading = await ask_one(source, within=timedelta(milliseconds=200))

    assert isinstance(reading.value, Failure)
    assert reading.value.reason is reason
    assert said in reading.value.detail


async def test_servers_are_asked_side_by_side_and_a_bad_one_costs_only_its_own_reading() -> None:
    silent = Source(behaviour=Behaviour.SILENT)
    async with servers(Source(), silent, silent, silent) as simulated:
        addresses = [server.address for server in simulated]
        started = asyncio.get_running_loop().time()
        readings = await ask(*addresses, within=timedelta(milliseconds=500))
        took = asyncio.get_running_loop().time() - started

    assert isinstance(readings[addresses[0]].value, NtpSample)
    assert all(isinstance(readings[address].value, Failure) for address in addresses[1:])
    assert took < 3 * 0.5  # one after the other would take longer


class Moody(asyncio.DatagramProtocol):
    """Delays its first answer, then says that it has had enough."""

    def __init__(self) -> None:
        self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        source = Source() if not self.answered else Source(behaviour=Behaviour.KISS_RATE)
        self.answered += 1
        reply = reply_to(data, source, datetime.now(UTC))
        assert reply is not None
        self.transport.sendto(reply[:40], addr)
        self.transport.sendto(reply, addr)
        self.transport.sendto(reply, addr)


async def test_one_good_answer_counts_even_if_the_server_then_has_enough() -> None:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(Moody, local_addr=("127.0.0.1", 0))
    try:
        host, port = transport.get_extra_info("sockname")
        readings = await ask(f"{host}:{port}")
    finally:
        transport.close()

    sample = readings[f"{host}:{port}"].value
    assert isinstance(sample, NtpSample)
    assert sample.samples == 1
    assert server.answered == 2


async def test_a_closed_port_is_a_connection_failure_at_once() -> None:
    async with servers(Source()) as [server]:
        address = server.address

    readings = await ask(address)

    failure = readings[address].value
    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.CONNECTION


async def test_a_name_that_does_not_exist_is_a_dns_failure() -> None:
    failure = (await ask("no-such-host.invalid"))["no-such-host.invalid"].value

    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.DNS


def test_the_probe_says_beforehand_what_it_will_measure() -> None:
    probe = NtpProbe(
        servers=[NtpServer.parse("a.example")], samples=1, timeout=timedelta(seconds=1)
    )

    assert list(probe.steps()) == [[(Kind.NTP, Subject("source", "a.example"))]]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("time.example", "time.example", 123),
        ("time.example:1123", "time.example", 1123),
        ("2001:db8::1", "2001:db8::1", 123),
        ("[2001:db8::1]:1123", "2001:db8::1", 1123),
    ],
)
def test_a_server_is_a_host_with_or_without_a_port(text: str, host: str, port: int) -> None:
    assert NtpServer.parse(text) == NtpServer(text, host, port)


@pytest.mark.parametrize("text", ["", ":123", "a:", "a:0", "a:65536", "a b"])
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        NtpServer.parse(text)
