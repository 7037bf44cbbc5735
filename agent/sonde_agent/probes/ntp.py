"""The clock probe: this host's clock against NTP servers (RFC 5905).

Every server is asked several times on one connected socket, and the answer with the least delay is
kept, because queues only ever add delay. A request's transmit stamp is a random number: it says
nothing about this host's clock, and nobody who cannot see the request can answer it.
"""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import ntplib

from sonde_agent.probes import Step
from sonde_agent.stopwatch import HostClock, Stopwatch, host_clock
from sonde_core.readings import Failure, FailureReason, Kind, NtpSample, Reading, Subject

NTP_PORT = 123
_VERSION = 4
_CLIENT, _SERVER = 3, 4
_PACKET_BYTES = 48
_ORIGIN, _TRANSMIT = slice(24, 32), slice(40, 48)
_UNSYNCHRONIZED_LEAP = 3
_UNSYNCHRONIZED_STRATUM = 16
_NAMED_REFERENCE = 1
"""Up to this stratum the reference id is four letters, above it an address."""
_BETWEEN_REQUESTS = timedelta(milliseconds=20)
_FOR_THE_REST = timedelta(milliseconds=250)
"""How long to wait for further answers after the first. Some servers answer the first only."""
_STAMP_NOISE = timedelta(milliseconds=1)
"""What the stamps of an honest server may be off by: floats, and a clock that is being slewed."""
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class NtpServer:
    """Where to ask, and how the configuration calls it."""

    name: str
    host: str
    port: int = NTP_PORT

    @classmethod
    def parse(cls, text: str) -> "NtpServer":
        """Read "host", "host:port" or "[ipv6]:port". Raises ValueError, saying how to write it."""
        host, port = text, str(NTP_PORT)
        if text.startswith("[") or text.count(":") == 1:
            host, _, port = text.rpartition(":")
            host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16 or " " in host:
            raise ValueError(f'{text!r} is no NTP server: write "host" or "host:port"')
        return cls(text, host, int(port))


class AnswerRefusedError(Exception):
    """An NTP answer cannot be used."""


@dataclass(slots=True)
class _Request:
    """One request under way."""

    stopwatch: Stopwatch
    stats: ntplib.NTPStats | None = None


class _Conversation(asyncio.DatagramProtocol):
    """Sends requests to one server and keeps the answers that belong to them."""

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.requests: dict[bytes, _Request] = {}
        self.begun = asyncio.Event()
        """The server said something."""
        self.over = asyncio.Event()
        """Nothing more is worth waiting for."""
        self.error: Exception | None = None
        self.stray: AnswerRefusedError | None = None
        """Why a packet was not taken for an answer. Anybody could have sent it."""

    def answers(self) -> list[ntplib.NTPStats]:
        return [request.stats for request in self.requests.values() if request.stats]

    def send(self, transport: asyncio.DatagramTransport, clock: HostClock) -> None:
        packet = bytearray(ntplib.NTPPacket(version=_VERSION, mode=_CLIENT).to_data())
        stamp = secrets.token_bytes(8)
        packet[_TRANSMIT] = stamp
        self.requests[stamp] = _Request(Stopwatch.start(clock))
        transport.sendto(bytes(packet))

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr  # the socket is connected: nobody else's packets arrive
        request = self.requests.get(data[_ORIGIN])
        if request is None or len(data) < _PACKET_BYTES:
            self.stray = AnswerRefusedError(
                "the answer's origin stamp is not that of a request"
                if len(data) >= _PACKET_BYTES
                else f"the answer has {len(data)} of {_PACKET_BYTES} bytes"
            )
        elif request.stats is None:
            self._take(request, data)

    def _take(self, request: _Request, data: bytes) -> None:
        try:
            request.stats = _read(data, request.stopwatch)
        except AnswerRefusedError as error:
            self.error_received(error)
        self.begun.set()
        if len(self.answers()) == self.samples:
            self.over.set()

    def error_received(self, exc: Exception) -> None:
        self.error = exc
        self.begun.set()
        self.over.set()


def _read(data: bytes, stopwatch: Stopwatch) -> ntplib.NTPStats:
    """Return what an answer says, with this host's own stamps, or refuse it."""
    elapsed = stopwatch.elapsed
    stats = ntplib.NTPStats()
    stats.from_data(data)
    _check(stats, transmit=data[_TRANSMIT])
    stats.orig_timestamp = ntplib.system_to_ntp_time(stopwatch.began.timestamp())
    arrived = ntplib.system_to_ntp_time((stopwatch.began + elapsed).timestamp())
    stats.dest_timestamp = arrived  # pyright: ignore[reportAttributeAccessIssue]  # untyped upstream
    held = timedelta(seconds=stats.tx_timestamp - stats.recv_timestamp)
    if held < timedelta():
        raise AnswerRefusedError("the server's stamps run backwards")
    if held > elapsed + _STAMP_NOISE:
        raise AnswerRefusedError("the server's stamps say more time than the answer took")
    return stats


def _check(stats: ntplib.NTPStats, transmit: bytes) -> None:
    if stats.mode != _SERVER:
        raise AnswerRefusedError(f"the answer has mode {stats.mode} instead of {_SERVER}")
    if stats.stratum == 0:
        # RFC 5905 section 7.4
        raise AnswerRefusedError(f"kiss-o'-death {_letters(stats.ref_id)}")
    if stats.stratum >= _UNSYNCHRONIZED_STRATUM:
        raise AnswerRefusedError(f"the server is not synchronised (stratum {stats.stratum})")
    if stats.leap == _UNSYNCHRONIZED_LEAP:
        raise AnswerRefusedError("the server is not synchronised (leap alarm)")
    if not any(transmit):
        raise AnswerRefusedError("the answer's transmit stamp is zero")


def _letters(reference: int) -> str:
    return "".join(chr(byte) if 32 < byte < 127 else "" for byte in reference.to_bytes(4))  # noqa: PLR2004 - printable ASCII


def _reference(stats: ntplib.NTPStats) -> str:
    if stats.stratum <= _NAMED_REFERENCE:
        return _letters(stats.ref_id)
    return socket.inet_ntoa(stats.ref_id.to_bytes(4))


def sample_of(answers: Sequence[ntplib.NTPStats]) -> NtpSample:
    """Return what the answer with the least delay says."""
    best = min(answers, key=lambda stats: stats.delay)
    return NtpSample(
        # ntplib returns server minus host (RFC 5905 section 8); ours is the reverse.
        offset=-timedelta(seconds=best.offset),
        # Stamps are floats of about a microsecond, which on loopback can make a delay negative.
        delay=max(timedelta(seconds=best.delay), _MICROSECOND),
        root_delay=timedelta(seconds=best.root_delay),
        root_dispersion=timedelta(seconds=best.root_dispersion),
        stratum=best.stratum,
        reference_id=_reference(best),
        samples=len(answers),
    )


# Most specific first.
_REASONS: tuple[tuple[type[Exception], FailureReason], ...] = (
    (AnswerRefusedError, FailureReason.ANSWER),
    (TimeoutError, FailureReason.TIMEOUT),
    (socket.gaierror, FailureReason.DNS),
    (OSError, FailureReason.CONNECTION),
)


def _failure(error: Exception) -> Failure:
    """Translate what a socket raised. What the table lacks is a bug and goes on up."""
    for class_, reason in _REASONS:
        if isinstance(error, class_):
            text = getattr(error, "strerror", None) or str(error) or "no answer"
            return Failure(reason, text)
    raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class NtpProbe:
    """Asks the servers side by side."""

    servers: Sequence[NtpServer]
    samples: int
    timeout: timedelta
    """How long one server may take for all its answers."""
    now: HostClock = field(default=host_clock)

    def steps(self) -> Sequence[Step]:
        """Return one step with a reading per server."""
        return ([(Kind.NTP, _subject(server)) for server in self.servers],)

    async def measure(self) -> AsyncIterator[Reading]:
        """Return one reading per server, the quickest first."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(server)) for server in self.servers]
            for task in asyncio.as_completed(tasks):
                yield await task

    async def _ask(self, server: NtpServer) -> Reading:
        stopwatch = Stopwatch.start(self.now)
        value: NtpSample | Failure
        try:
            value = await self._sample(server)
        except (AnswerRefusedError, OSError) as error:
            value = _failure(error)
        return Reading(
            kind=Kind.NTP,
            subject=_subject(server),
            time=stopwatch.began,
            elapsed=stopwatch.elapsed,
            value=value,
        )

    async def _sample(self, server: NtpServer) -> NtpSample:
        conversation = _Conversation(self.samples)
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                await self._converse(server, conversation)
        except TimeoutError:
            silent = TimeoutError(f"no answer within {_span(self.timeout)}")
            conversation.error = conversation.stray or silent
        answers = conversation.answers()
        # A server that has enough of us after its first answers has still answered.
        if conversation.error and not answers:
            raise conversation.error
        return sample_of(answers)

    async def _converse(self, server: NtpServer, conversation: _Conversation) -> None:
        """Send every request and wait for every answer, or for what ends it."""
        # The event loop resolves the name in a thread of its own.
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: conversation, remote_addr=(server.host, server.port)
        )
        try:
            for _ in range(self.samples):
                conversation.send(transport, self.now)
                if await _set_within(conversation.over, _BETWEEN_REQUESTS):
                    return
            await conversation.begun.wait()
            await _set_within(conversation.over, _FOR_THE_REST)
        finally:
            transport.close()


def _subject(server: NtpServer) -> Subject:
    return Subject("source", server.name)


async def _set_within(event: asyncio.Event, span: timedelta) -> bool:
    try:
        async with asyncio.timeout(span.total_seconds()):
            return await event.wait()
    except TimeoutError:
        return False


def _span(span: timedelta) -> str:
    return f"{span / timedelta(milliseconds=1):g} ms"
