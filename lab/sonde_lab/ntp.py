"""A simulated NTP server (RFC 5905, mode 4), honest or not."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import cast

import ntplib

CLIENT_MODE = 3
SERVER_MODE = 4
PACKET_LENGTH = 48
REFERENCE = slice(16, 24)
ORIGIN = slice(24, 32)
RECEIVE = slice(32, 40)
TRANSMIT = slice(40, 48)
LEAP_ALARM = 3
UNSYNCHRONISED_STRATUM = 16
LIE = timedelta(seconds=30)
"""How much a liar adds to its offset."""
HOLD = timedelta(seconds=10)
"""How long a request was held, if one believes the stamps."""


class Behaviour(StrEnum):
    """How a server behaves."""

    HONEST = "honest"
    LIAR = "liar"
    SILENT = "silent"
    KISS_RATE = "kiss-rate"
    KISS_DENY = "kiss-deny"
    WRONG_ORIGIN = "wrong-origin"
    UNSYNCHRONISED = "unsynchronised"
    ZERO_TRANSMIT = "zero-transmit"
    ZERO_STAMPS = "zero-stamps"
    LONG_HOLD = "long-hold"
    """Claims to have had the request for longer than the client waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an NTP server is like."""

    behaviour: Behaviour = Behaviour.HONEST
    offset: timedelta = timedelta()
    """Its clock minus the clock of this machine."""
    delay: timedelta = timedelta()
    """How much longer a round trip takes, half of it each way."""
    stratum: int = 2
    leap: int = 0
    root_delay: timedelta = timedelta(milliseconds=1)
    root_dispersion: timedelta = timedelta(milliseconds=1)
    reference_id: bytes = b"\xc0\x00\x02\x01"
    """Four bytes: below stratum 2 a name, from there on an address (here 192.0.2.1)."""


KISSES: Mapping[Behaviour, bytes] = {
    Behaviour.KISS_RATE: b"RATE",
    Behaviour.KISS_DENY: b"DENY",
}


def as_shown(source: Source) -> Source:
    """Return what a server's behaviour makes of its clock and its header."""
    match source.behaviour:
        case Behaviour.LIAR:
            return replace(source, offset=source.offset + LIE)
        case Behaviour.KISS_RATE | Behaviour.KISS_DENY:
            # RFC 5905, section 7.4: stratum 0, and the code in place of the reference.
            return replace(
                source, stratum=0, leap=LEAP_ALARM, reference_id=KISSES[source.behaviour]
            )
        case Behaviour.UNSYNCHRONISED:
            return replace(source, stratum=UNSYNCHRONISED_STRATUM, leap=LEAP_ALARM)
        case _:
            return source


def reply_to(request: bytes, source: Source, now: datetime) -> bytes | None:
    """Return the answer to a packet, or None where there is none.

    Anything but a client's request of at least 48 bytes goes unanswered.
    """
    if len(request) < PACKET_LENGTH or request[0] & 0b111 != CLIENT_MODE:
        return None
    if source.behaviour is Behaviour.SILENT:
        return None
    reply = bytearray(_packet(as_shown(source), version=request[0] >> 3 & 0b111, now=now))
    # ntplib keeps stamps as floats, which lose the low bits; a client wants its own stamp back.
    reply[ORIGIN] = request[TRANSMIT]
    if source.behaviour is Behaviour.WRONG_ORIGIN:
        reply[ORIGIN] = bytes(byte ^ 0xFF for byte in request[TRANSMIT])
    if source.behaviour is Behaviour.ZERO_TRANSMIT:
        reply[TRANSMIT] = bytes(8)
    if source.behaviour is Behaviour.ZERO_STAMPS:
        reply[REFERENCE], reply[RECEIVE], reply[TRANSMIT] = bytes(8), bytes(8), bytes(8)
    return bytes(reply)


def _packet(source: Source, *, version: int, now: datetime) -> bytes:
    held = HOLD if source.behaviour is Behaviour.LONG_HOLD else timedelta()
    stamp = ntplib.system_to_ntp_time((now + source.offset).timestamp())
    packet = ntplib.NTPPacket(version=version, mode=SERVER_MODE)
    packet.leap = source.leap
    packet.stratum = source.stratum
    packet.precision = -20
    packet.root_delay = source.root_delay.total_seconds()
    packet.root_dispersion = source.root_dispersion.total_seconds()
    packet.ref_id = int.from_bytes(source.reference_id)
    packet.ref_timestamp = stamp
    packet.recv_timestamp = stamp - held.total_seconds()
    packet.tx_timestamp = stamp
    data: bytes = packet.to_data()
    return data


class NtpServer(asyncio.DatagramProtocol):
    """Answers as its ``source`` says, which may be replaced at any time."""

    def __init__(self, source: Source, now: Callable[[], datetime]) -> None:
        self.source = source
        self.requests = 0
        """How many packets have arrived."""
        self._now = now

    @property
    def address(self) -> str:
        """Where it answers: ``host:port``, a host of IPv6 in brackets."""
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a packet, after the delay on the way here."""
        self.requests += 1
        half = self.source.delay.total_seconds() / 2
        asyncio.get_running_loop().call_later(half, self._answer, data, addr, half)

    def _answer(self, data: bytes, address: tuple[str, int], way_back: float) -> None:
        reply = reply_to(data, self.source, self._now())
        if reply is not None:
            asyncio.get_running_loop().call_later(way_back, self._send, reply, address)

    def _send(self, reply: bytes, address: tuple[str, int]) -> None:
        # A long delay may outlast the server.
        if not self._transport.is_closing():
            self._transport.sendto(reply, address)


def machine_clock() -> datetime:
    """Return what this machine's clock says."""
    return datetime.now(UTC)


@asynccontextmanager
async def serve_ntp(
    source: Source | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    now: Callable[[], datetime] = machine_clock,
) -> AsyncIterator[NtpServer]:
    """Serve NTP in the running event loop. Port 0 takes a free one.

    Raises:
        OSError: The address cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NtpServer(source or Source(), now), local_addr=(host, port)
    )
    try:
        yield server
    finally:
        transport.close()
