"""A simulated name server (RFC 1035), which tells the same addresses of every name."""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import cast

_HEADER, _TAIL = 12, 4
"""Bytes before a question's name, and after it: type and class."""
_ANSWERED = 0x8180
_VERSIONS = {1: 4, 28: 6}
"""A and AAAA: which addresses they ask for."""
_NAME_OF_THE_QUESTION = 0xC000 | _HEADER
_LASTS_S = 60


def reply_to(question: bytes, addresses: Sequence[str]) -> bytes:
    """Return the answer to a packet with one question and nothing else."""
    type_, class_ = struct.unpack("!2H", question[-_TAIL:])
    told = [ip_address(each) for each in addresses]
    fitting = [each.packed for each in told if each.version == _VERSIONS.get(type_)]
    records = [
        struct.pack("!3HIH", _NAME_OF_THE_QUESTION, type_, class_, _LASTS_S, len(packed)) + packed
        for packed in fitting
    ]
    header = question[:2] + struct.pack("!5H", _ANSWERED, 1, len(records), 0, 0)
    return header + question[_HEADER:] + b"".join(records)


class _NameServer(asyncio.DatagramProtocol):
    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > _HEADER + _TAIL:
            self._transport.sendto(reply_to(data, self._addresses), addr)


@asynccontextmanager
async def serve_names(*addresses: str) -> AsyncIterator[str]:
    """Serve on loopback and give the place, as ``127.0.0.1:53``."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _NameServer(addresses), local_addr=("127.0.0.1", 0)
    )
    try:
        host, port = transport.get_extra_info("sockname")
        yield f"{host}:{port}"
    finally:
        transport.close()
