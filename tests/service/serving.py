"""SupportService over a real socket, with the links of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import grpc.aio
import pytest

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.host_pb2 import Host
from sonde.support.v1.support_service_pb2_grpc import (
    SupportServiceStub,
    add_SupportServiceServicer_to_server,
)
from sonde_service.deciding import Decider
from sonde_service.diagnosing import Diagnoser
from sonde_service.fanout import Fanout
from sonde_service.links import AgentLink
from sonde_service.server import SupportServer
from sonde_service.store.store import Store
from sonde_wire.channels import open_channel
from sonde_wire.errors import error_info
from sonde_wire.serving import bind, new_server
from tests.service.kept import NOON, later

if TYPE_CHECKING:
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub

_LIMIT = timedelta(milliseconds=50)


@asynccontextmanager
async def serving(
    store: Store, link: AgentLink, directory: Path, limit: timedelta = _LIMIT
) -> AsyncIterator[SupportServiceAsyncStub]:
    """Serve on a unix socket and return what a client calls."""
    seconds = count()
    fanout = Fanout(link=link, width=10, now=lambda: later(next(seconds)))
    decider = Decider(rules_version="1")
    diagnoser = Diagnoser(store=store, fanout=fanout, decider=decider, now=lambda: NOON)
    support = SupportServer(
        store=store, diagnoser=diagnoser, link=link, limit=limit, now=lambda: NOON
    )
    server = new_server(max_concurrent_streams=10, max_receive_bytes=1 << 20)
    add_SupportServiceServicer_to_server(support, server)
    address = bind(server, f"unix:{directory}/service.sock")
    await server.start()
    async with open_channel(address) as channel:
        yield SupportServiceStub(channel)
    await server.stop(None)


async def create(service: SupportServiceAsyncStub, *names: str) -> None:
    """Add hosts of which nothing but the names is known."""
    for name in names:
        await service.CreateHost(pb.CreateHostRequest(host=Host(name=name)))


async def failure(call: object) -> tuple[grpc.StatusCode, str, dict[str, str]]:
    """Return how a call fails: the code, the message, and what it names."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call  # type: ignore[misc]
    info = error_info(caught.value)
    assert info is not None
    assert info.domain == "sonde"
    return caught.value.code(), caught.value.details() or "", dict(info.metadata)
