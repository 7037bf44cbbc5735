"""One question to one name server, past whatever the host itself is set up to ask (RFC 1035)."""

import asyncio
import struct
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from secrets import token_bytes

from sonde_core.readings import Address

_PORT = 53
_LARGEST_PORT = 65_535
_WITHIN = timedelta(seconds=1)
_RECURSIVE, _ONE = 0x0100, 1
_RESPONSE, _OUTCOME = 0x8000, 0x000F
_NO_SUCH_NAME = 3
_TYPES: dict[int, tuple[int, type[IPv4Address] | type[IPv6Address]]] = {
    1: (4, IPv4Address),
    28: (16, IPv6Address),
}
"""A and AAAA: how long their data is, and what it is."""
_LONGEST_LABEL, _POINTER = 63, 0xC0


class NameServer(str):
    """A name server, as "192.0.2.53:53"."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "NameServer":
        """Read an address with or without a port. Raises ValueError, saying how to write one."""
        host, port = text.strip(), str(_PORT)
        if host.startswith("[") or host.count(":") == 1:
            host, _, port = host.rpartition(":")
            bare = host.removeprefix("[").removesuffix("]")
            host = bare if f"[{bare}]" == host or ":" not in bare else ""
        try:
            if 0 < int(port) <= _LARGEST_PORT:
                return cls(f"[{ip_address(host)}]:{int(port)}")
        except ValueError:
            pass
        raise ValueError(f'{text!r} is no name server: write its address, as "192.0.2.53"')

    @property
    def place(self) -> tuple[str, int]:
        """Its address and its port."""
        host, _, port = self.rpartition(":")
        return host.removeprefix("[").removesuffix("]"), int(port)


class NameServerError(Exception):
    """A name server did not answer as one does."""


async def ask(server: NameServer, name: str) -> tuple[Address, ...]:
    """Return the addresses that a name server tells of a name; none where it knows none.

    Raises TimeoutError, OSError or `NameServerError`.
    """
    async with asyncio.timeout(_WITHIN.total_seconds()), asyncio.TaskGroup() as group:
        asked = [group.create_task(_ask(server, _question(name, type_))) for type_ in _TYPES]
    return tuple(address for each in asked for address in each.result())


class _Asked(asyncio.DatagramProtocol):
    """Waits for the answer to one question; whatever else comes is not for us."""

    def __init__(self, question: bytes) -> None:
        self._question = question
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr
        same = data[:2] == self._question[:2] and (
            data[12 : len(self._question)].lower() == self._question[12:].lower()
        )
        if same and not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def _ask(server: NameServer, question: bytes) -> list[Address]:
    transport, asked = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Asked(question), remote_addr=server.place
    )
    try:
        transport.sendto(question)
        return _addresses(await asked.answer, len(question))
    except (struct.error, IndexError) as error:
        raise NameServerError("the name server's answer is cut off") from error
    finally:
        transport.close()


def _question(name: str, type_: int) -> bytes:
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    asked = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    header = token_bytes(2) + struct.pack("!5H", _RECURSIVE, _ONE, 0, 0, 0)
    return header + asked + struct.pack("!2H", type_, _ONE)


def _addresses(answer: bytes, at: int) -> list[Address]:
    """Read an answer, whose records begin where the question ends."""
    flags, _, count = struct.unpack_from("!3H", answer, 2)
    outcome = flags & _OUTCOME
    if not flags & _RESPONSE or outcome not in {0, _NO_SUCH_NAME}:
        raise NameServerError(f"the name server refuses (RCODE {outcome})")
    found: list[Address] = []
    for _ in range(count):
        at = _after_name(answer, at)
        type_, class_, _, length = struct.unpack_from("!2HIH", answer, at)
        at += 10
        data = answer[at : at + length]
        size, address = _TYPES.get(type_, (-1, IPv4Address))
        if class_ == _ONE and len(data) == length == size:
            found.append(address(data))
        at += length
    return found


def _after_name(answer: bytes, at: int) -> int:
    while length := answer[at]:
        if length >= _POINTER:
            return at + 2
        if length > _LONGEST_LABEL:
            raise NameServerError("the name server's answer makes no sense")
        at += length + 1
    return at + 1
