"""What a server serves, as it tells by reflection, and calling it with bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from sonde_wire.errors import error_info


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of a server."""

    service: str
    name: str
    takes: Descriptor
    streams: tuple[bool, bool]
    """Whether it takes, and whether it gives, more than one message."""

    @property
    def path(self) -> str:
        """What it is called by."""
        return f"/{self.service}/{self.name}"


def served_at(address: str) -> list[Rpc]:
    """Return every method of every service that is served there."""
    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(timeout=20)
        told = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(told)
        return [rpc for name in told.get_services() for rpc in _rpcs(pool, name)]


def _rpcs(pool: DescriptorPool, service: str) -> Iterator[Rpc]:
    for method in pool.FindServiceByName(service).methods:
        streams = (method.client_streaming, method.server_streaming)
        yield Rpc(service, method.name, method.input_type, streams)


@dataclass(slots=True)
class Answer:
    """How a call ended, and all that came back."""

    code: grpc.StatusCode = grpc.StatusCode.OK
    messages: list[bytes] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)
    """Metadata, and the text of an error."""
    reason: str = ""
    """Of the ErrorInfo, if there is one."""

    @property
    def content(self) -> bytes:
        """Everything."""
        return b"\0".join((*self.messages, *self.told))


async def call(channel: grpc.aio.Channel, rpc: Rpc, request: bytes, within_s: float) -> Answer:
    """Call a method with any bytes."""
    kind = "_".join("stream" if many else "unary" for many in rpc.streams)
    method: Any = getattr(channel, kind)(rpc.path, bytes, bytes)
    answer = Answer()
    given = iter([request]) if rpc.streams[0] else request
    running = method(given, timeout=within_s, wait_for_ready=True)
    try:
        if rpc.streams[1]:
            async for message in running:
                answer.messages.append(message)
        else:
            answer.messages.append(await running)
    except grpc.aio.AioRpcError as error:
        info = error_info(error)
        answer.code, answer.reason = error.code(), info.reason if info else ""
        answer.told += _pairs((("details", str(error.details())),))
    answer.told += _pairs(
        (*(await running.initial_metadata()), *(await running.trailing_metadata()))
    )
    return answer


def _pairs(pairs: tuple[tuple[str, str | bytes], ...]) -> list[bytes]:
    return [
        key.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        for key, value in pairs
    ]
