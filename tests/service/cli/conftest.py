"""The real `sonde` command in a process of its own, against a service on a unix socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sonde.support.v1.support_service_pb2_grpc import add_SupportServiceServicer_to_server
from sonde_wire.serving import bind, new_server
from tests.commands import Command
from tests.service.cli.fake_support import FakeSupport


@pytest.fixture
async def address(tmp_path: Path, support: FakeSupport) -> AsyncIterator[str]:
    server = new_server(max_concurrent_streams=100, max_receive_bytes=1 << 20)
    add_SupportServiceServicer_to_server(support, server)
    bound = bind(server, f"unix:{tmp_path}/service.sock")
    await server.start()
    yield bound
    await server.stop(grace=None)


@pytest.fixture
async def support() -> FakeSupport:
    return FakeSupport()


@pytest.fixture
def sonde(address: str) -> Command:
    return Command("sonde", {"SONDE_SERVICE": address})
