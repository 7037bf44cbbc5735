"""Agents and people come in by different doors."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.service.commands import running, sonde_service

SUPPORT = "/sonde.support.v1.SupportService/ListHosts"
FLEET = "/sonde.fleet.v1.FleetService/SubmitReports"


@pytest.fixture
def support(tmp_path: Path) -> Iterator[grpc.Channel]:
    """Run a service with both doors and return a channel to that of people."""
    config = tmp_path / "service.toml"
    config.write_text(
        f'[service]\nsocket = "{tmp_path}/service.sock"\nstate_dir = "{tmp_path}"\n'
        f'[fleet]\nsocket = "{tmp_path}/fleet.sock"\n'
    )
    assert sonde_service("migrate", "--config", config).returncode == 0
    with running(config, tmp_path / "service.sock") as (_, channel):
        yield channel


def ended(channel: grpc.Channel, method: str) -> grpc.StatusCode:
    """Call a method with nothing in the request and return how that ended."""
    call = channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)
    try:
        call(b"", timeout=10)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_each_socket_serves_its_own_service_alone(support: grpc.Channel, tmp_path: Path) -> None:
    with grpc.insecure_channel(f"unix:{tmp_path}/fleet.sock") as fleet:
        assert ended(fleet, FLEET) is grpc.StatusCode.INVALID_ARGUMENT
        assert ended(fleet, SUPPORT) is grpc.StatusCode.UNIMPLEMENTED
    assert ended(support, SUPPORT) is grpc.StatusCode.OK
    assert ended(support, FLEET) is grpc.StatusCode.UNIMPLEMENTED
