"""Whoever watches a server's health, as load balancers do."""

from pathlib import Path

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sonde_wire.channels import open_channel
from tests.wire.server import SERVICE, serving


async def test_whoever_watches_health_hears_of_it(tmp_path: Path) -> None:
    path = f"unix:{tmp_path}/agent.sock"
    async with serving(path), open_channel(path) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        watch = stub.Watch(  # pyright: ignore[reportAttributeAccessIssue] - missing in its stub
            health_pb2.HealthCheckRequest(service=SERVICE)
        )
        heard = await watch.read()
        watch.cancel()

    assert isinstance(heard, health_pb2.HealthCheckResponse)


async def test_a_method_that_the_librarys_service_lacks_is_not_told_as_our_fault(
    tmp_path: Path,
) -> None:
    path = f"unix:{tmp_path}/agent.sock"
    async with serving(path), open_channel(path) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.List(  # pyright: ignore[reportAttributeAccessIssue] - missing in its stub
                health_pb2.HealthListRequest()  # pyright: ignore[reportAttributeAccessIssue] - the same
            )

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
