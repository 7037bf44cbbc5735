"""Whoever watches a server's health, as load balancers do."""

from pathlib import Path

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
