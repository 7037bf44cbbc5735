"""EngineService as JSON lines, for an engine that wants no gRPC in its process.

A line is `{"id": 7, "method": "ReportFailure", "request": {…}}`, its answer
`{"id": 7, "response": {…}}` or `{"id": 7, "error": {"code", "reason", "message"}}`. Beside an error
for want of room stands `"advice"`, as the response would have been; beside a response `"ignored"`,
where a field of the request is not known. Requests and responses are the
contract's messages in their JSON form; answers come as they are ready.
"""

import asyncio
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceServicer
from sonde_agent.engine.server import SERVICE
from sonde_core.errors import ConfigInvalidError, NoRoomError, RequestInvalidError, SondeError
from sonde_wire.calls import CallEnded, begin, log_call
from sonde_wire.errors import messages_of, status_of
from sonde_wire.serving import clear_stale_socket

logger = logging.getLogger(__name__)

MOST_LINE = 64 * 1024
MOST_CLIENTS = 64
_MOST_CALLS = 16
"""Calls of one client at the same time."""
_UNREAD = timedelta(seconds=5)
"""How long a client may leave its answers unread."""
_GRACE = timedelta(seconds=5)
_MOST_SAID = 500

Handle = Callable[[Any, object], Awaitable[Message]]


class _Line(msgspec.Struct, frozen=True):
    method: str
    request: msgspec.Raw = msgspec.Raw(b"{}")
    id: int = 0


@dataclass(frozen=True, slots=True)
class _Method:
    """A method of the service: what it takes, and who handles it."""

    takes: type[Message]
    handle: Handle


def _methods(service: EngineServiceServicer) -> Mapping[str, _Method]:
    described = pb.DESCRIPTOR.services_by_name["EngineService"].methods
    return {
        each.name: _Method(GetMessageClass(each.input_type), getattr(service, each.name))
        for each in described
    }


@asynccontextmanager
async def serve_lines(
    path: Path, service: EngineServiceServicer, ended: CallEnded = log_call
) -> AsyncIterator[None]:
    """Serve on a unix socket of mode 0660 as long as the block lasts, then let calls finish.

    Raises `ConfigInvalidError` where it cannot be made, `UnavailableError` where somebody else
    serves there.
    """
    lines = _Lines(methods=_methods(service), ended=ended, clients={})
    server = await asyncio.start_unix_server(lines.serve, sock=_listening(path), limit=MOST_LINE)
    try:
        yield
    finally:
        server.close()
        await lines.stop()


def _listening(path: Path) -> socket.socket:
    clear_stale_socket(str(path))
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o117)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise ConfigInvalidError(
            f"socket {path}: cannot listen there: {error.strerror or error}", path=str(path)
        ) from error
    finally:
        os.umask(before)
    return listener


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Serves clients."""

    methods: Mapping[str, _Method]
    ended: CallEnded
    clients: dict[asyncio.Task[None], asyncio.Task[None]]
    """Each with what reads its lines."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it hangs up."""
        task = asyncio.current_task()
        assert task is not None, "asyncio makes a task of it"  # noqa: S101 - for type checkers
        try:
            if len(self.clients) >= MOST_CLIENTS:
                error = NoRoomError(f"{MOST_CLIENTS} engines are connected already")
                await _write(writer, {"id": 0, "error": _told(error)})
                return
            async with asyncio.TaskGroup() as calls:
                reading = self._read(reader, writer, calls)
                self.clients[task] = calls.create_task(reading)
        finally:
            self.clients.pop(task, None)
            writer.close()

    async def stop(self) -> None:
        """Read nothing more, and wait for the calls that run."""
        for reading in self.clients.values():
            reading.cancel()
        if self.clients:
            _, late = await asyncio.wait(self.clients, timeout=_GRACE.total_seconds())
            for task in late:
                task.cancel()

    async def _read(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, calls: asyncio.TaskGroup
    ) -> None:
        """Begin a call for each line, until there are no more."""
        slots = asyncio.Semaphore(_MOST_CALLS)
        while True:
            try:
                line = await reader.readline()
            except OSError:
                return
            except ValueError:
                error = RequestInvalidError(f"a line has at most {MOST_LINE} bytes")
                await _write(writer, {"id": 0, "error": _told(error)})
                return
            if not line.endswith(b"\n"):
                return
            await slots.acquire()
            calls.create_task(self._answer(line, writer)).add_done_callback(
                lambda _: slots.release()
            )

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        begin()
        name, number, began = "", 0, time.monotonic()
        answer: Mapping[str, object]
        try:
            asked = _parsed(line)
            number = asked.id
            method = self._method(asked.method)
            name = asked.method
            request, ignored = _request(method.takes, asked.request)
            response = await method.handle(request, None)
            answer, code = {"response": json_format.MessageToDict(response), **ignored}, "OK"
        except Exception as error:  # noqa: BLE001 - the last line before the client
            told = _told(error)
            answer, code = {"error": told, **_advice(error)}, told["code"]
        self.ended(f"/{SERVICE}/{name}", code, timedelta(seconds=time.monotonic() - began))
        await _write(writer, {"id": number, **answer})

    def _method(self, name: str) -> _Method:
        known = self.methods.get(name)
        if known is None:
            there = ", ".join(self.methods)
            raise RequestInvalidError(f"method: there is no {name[:64]!r}; choose from {there}")
        return known


def _parsed(line: bytes) -> _Line:
    try:
        try:
            return msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError:
            return msgspec.json.decode(_without_halves(line), type=_Line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RequestInvalidError(f"line: {str(error)[:_MOST_SAID]}") from error


def _without_halves(line: bytes) -> bytes:
    r"""Return a line with "?" for each half of a character.

    Where a text is cut in the middle of an emoji, JavaScript writes what is left as "\ud83d".
    """
    try:
        return json.dumps(json.loads(line), ensure_ascii=False).encode(errors="replace")
    except (ValueError, RecursionError):
        return line


def _request(type_: type[Message], text: msgspec.Raw) -> tuple[Message, Mapping[str, str]]:
    """Return a request, and what of it is not known here: misspelt, or of a newer version."""
    told = bytes(text)
    try:
        try:
            return json_format.Parse(told, type_()), {}
        except json_format.ParseError as unknown:
            request = json_format.Parse(told, type_(), ignore_unknown_fields=True)
            return request, {"ignored": str(unknown)[:_MOST_SAID]}
    except (json_format.ParseError, RecursionError, UnicodeDecodeError) as error:
        raise RequestInvalidError(f"request: {str(error)[:_MOST_SAID]}") from error


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, SondeError):
        code, _ = status_of(error)
        return {"code": code.name, "reason": error.reason, "message": str(error)}
    incident = secrets.token_hex(4)
    logger.error("Call failed", exc_info=error, extra={"incident": incident})
    return {"code": "INTERNAL", "reason": "", "message": f"internal error, incident {incident}"}


def _advice(error: Exception) -> dict[str, object]:
    """Return what to do, where an error says so."""
    carried = messages_of(error) if isinstance(error, SondeError) else []
    return {"advice": json_format.MessageToDict(carried[0])} if carried else {}


async def _write(writer: asyncio.StreamWriter, answer: Mapping[str, object]) -> None:
    with suppress(OSError):
        try:
            writer.write(msgspec.json.encode(answer) + b"\n")
            async with asyncio.timeout(_UNREAD.total_seconds()):
                await writer.drain()
        except TimeoutError:
            writer.transport.abort()
