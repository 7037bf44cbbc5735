"""Where a server may listen, and what a failing call says."""

import os
import socket
import stat
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde_core.errors import (
    ConfigInvalidError,
    NotFoundError,
    RequestInvalidError,
    SondeError,
    UnavailableError,
)
from sonde_wire.channels import is_serving, open_channel
from sonde_wire.errors import error_info, from_rpc_error
from sonde_wire.tls import TlsFiles
from tests.wire.certificates import authority
from tests.wire.server import SERVICE, serving


async def refusal(call: Awaitable[object]) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> str:
    return f"unix:{tmp_path}/agent.sock"


async def test_a_deliberate_error_arrives_as_the_same_error_with_its_details(path: str) -> None:
    async with serving(path), open_channel(path) as channel:
        stub = rpc.AgentServiceStub(channel)
        error = await refusal(stub.RunSignedTest(pb.RunSignedTestRequest(account="alt")))

    info, again = error_info(error), from_rpc_error(error)
    assert info is not None
    assert (info.domain, info.reason, info.metadata["account"]) == ("sonde", "NOT_FOUND", "alt")
    assert isinstance(again, NotFoundError)
    assert (str(again), again.metadata) == ("no account 'alt'", {"account": "alt"})


@pytest.mark.parametrize(
    ("method", "request_", "code"),
    [
        ("GetClockStatus", pb.GetClockStatusRequest(), grpc.StatusCode.UNAVAILABLE),
        ("GetOutboundIp", pb.GetOutboundIpRequest(), grpc.StatusCode.FAILED_PRECONDITION),
    ],
)
async def test_each_class_of_error_has_its_code(
    path: str, method: str, request_: object, code: grpc.StatusCode
) -> None:
    async with serving(path), open_channel(path) as channel:
        error = await refusal(getattr(rpc.AgentServiceStub(channel), method)(request_))

    assert error.code() is code


async def test_a_stream_that_fails_late_keeps_what_it_sent_and_says_why(path: str) -> None:
    async with serving(path), open_channel(path) as channel:
        call = rpc.AgentServiceStub(channel).CollectEvidence(
            pb.CollectEvidenceRequest(probes=["cpu"])
        )
        assert isinstance(await call.read(), pb.CollectEvidenceResponse)
        error = await refusal(call.read())

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert isinstance(from_rpc_error(error), RequestInvalidError)


async def test_a_bug_is_an_opaque_incident_to_the_peer_and_a_traceback_in_the_log(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(path), open_channel(path) as channel:
        error = await refusal(rpc.AgentServiceStub(channel).GetAgentInfo(pb.GetAgentInfoRequest()))

    assert error.code() is grpc.StatusCode.INTERNAL
    assert "canary" not in (error.details() or "")
    [record] = caplog.records
    assert record.incident in (error.details() or "")  # type: ignore[attr-defined]
    assert "canary-secret" in caplog.text


@pytest.mark.parametrize("method", ["GetAgentInfo", "CollectEvidence"])
async def test_bytes_that_are_no_message_are_the_callers_fault(path: str, method: str) -> None:
    async with serving(path), open_channel(path) as channel:
        call: Any = channel.unary_stream(f"/{SERVICE}/{method}", bytes, bytes)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(b"\xff").read()

    error = from_rpc_error(refused.value)
    assert isinstance(error, RequestInvalidError)
    assert str(error) == "request: its bytes are no message of this method"


async def test_an_error_without_details_is_still_an_error(path: str) -> None:
    async with open_channel(path) as channel:
        error = await refusal(rpc.AgentServiceStub(channel).GetAgentInfo(pb.GetAgentInfoRequest()))

    assert error_info(error) is None
    assert isinstance(from_rpc_error(error), SondeError)


async def test_health_is_served(path: str) -> None:
    async with serving(path), open_channel(path) as channel:
        assert await is_serving(channel)


async def test_a_port_of_zero_becomes_a_free_one() -> None:
    async with serving("127.0.0.1:0") as bound:
        assert bound.startswith("127.0.0.1:")
        assert not bound.endswith(":0")


async def test_only_owner_and_group_may_use_a_unix_socket(path: str) -> None:
    async with serving(path):
        mode = stat.S_IMODE(os.stat(path.removeprefix("unix:")).st_mode)

    assert mode == 0o660


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("0.0.0.0:0", "plain text is for unix sockets and loopback only"),
        ("agent.example:7443", "plain text is for unix sockets and loopback only"),
        ("nowhere", "write"),
        ("127.0.0.1:99999", "port"),
        ("unix:relative.sock", "absolute"),
        ("unix:/" + "x" * 120, "107"),
        ("unix:/no/such/directory/agent.sock", "directory must exist"),
    ],
)
async def test_an_address_that_will_not_do_is_refused_with_the_reason(
    address: str, says: str
) -> None:
    with pytest.raises(ConfigInvalidError, match=says):
        async with serving(address):
            pass


async def test_a_port_in_use_is_refused() -> None:
    async with serving("127.0.0.1:0") as bound:
        with pytest.raises(UnavailableError, match="in use"):
            async with serving(bound):
                pass


async def test_a_socket_that_somebody_serves_is_not_taken_over(path: str) -> None:
    async with serving(path):
        with pytest.raises(UnavailableError, match="another process serves there"):
            async with serving(path):
                pass


async def test_a_stale_socket_is_replaced(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(path.removeprefix("unix:"))

    async with serving(path), open_channel(path) as channel:
        assert await is_serving(channel)


async def test_a_file_in_the_sockets_place_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "agent.sock"
    file.write_text("precious")

    with pytest.raises(ConfigInvalidError, match="no socket"):
        async with serving(f"unix:{file}"):
            pass
    assert file.read_text() == "precious"


async def test_with_certificates_both_sides_know_each_other(tmp_path: Path) -> None:
    ca = authority(tmp_path)
    async with serving("127.0.0.1:0", ca.issue("agent.example")) as bound:
        client = ca.issue("service.example")
        async with open_channel(bound, client, tls_name="agent.example") as channel:
            assert await is_serving(channel)


@pytest.mark.parametrize("name", ["other.example", "agent.example"])
async def test_a_wrong_name_or_a_foreign_authority_is_refused(tmp_path: Path, name: str) -> None:
    ca, foreign = authority(tmp_path / "a"), authority(tmp_path / "b")
    client = ca.issue("service") if name == "other.example" else foreign.issue("service")
    async with (
        serving("127.0.0.1:0", ca.issue("agent.example")) as bound,
        open_channel(bound, client, tls_name=name) as channel,
    ):
        error = await refusal(is_serving(channel))

    assert error.code() is grpc.StatusCode.UNAVAILABLE


def test_certificate_and_key_must_belong_together(tmp_path: Path) -> None:
    ca = authority(tmp_path)
    one, two = ca.issue("one"), ca.issue("two")
    mixed = TlsFiles(ca_file=one.ca_file, cert_file=one.cert_file, key_file=two.key_file)

    with pytest.raises(ConfigInvalidError, match=r"two\.key does not belong to .*one\.pem"):
        mixed.load()


@pytest.mark.parametrize("field", ["ca_file", "cert_file", "key_file"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nhalf"])
def test_a_missing_or_half_written_file_is_named(
    tmp_path: Path, field: str, content: bytes | None
) -> None:
    files = authority(tmp_path).issue("one")
    path = getattr(files, field)
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigInvalidError, match=rf"{field} .*{path.name}"):
        files.load()
