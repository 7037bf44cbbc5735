"""Each call has an id that its log lines share, and an end that the log tells."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde_wire.channels import is_serving, open_channel
from sonde_wire.logs import JsonFormatter
from tests.wire.server import serving

PREFIX = "/sonde.agent.v1.AgentService/"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what is written to the log, as JSON lines."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(JsonFormatter())
    wire = logging.getLogger("sonde_wire")
    wire.addHandler(handler)
    wire.setLevel(logging.INFO)
    yield said
    wire.removeHandler(handler)
    wire.setLevel(logging.NOTSET)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def fail(call: Any) -> None:  # noqa: ANN401 - any call
    with pytest.raises(grpc.aio.AioRpcError):
        await call


async def test_the_callers_id_stands_on_every_line_of_its_call(
    tmp_path: Path, log: io.StringIO
) -> None:
    address = f"unix:{tmp_path}/a.sock"
    async with serving(address), open_channel(address) as channel:
        stub = rpc.AgentServiceStub(channel)
        await fail(stub.GetAgentInfo(pb.GetAgentInfoRequest(), metadata=(("x-request-id", "r-1"),)))

    failed, ended = lines(log)

    assert (failed["message"], failed["request_id"]) == ("Call failed", "r-1")
    assert "ZeroDivisionError" in failed["traceback"]
    assert (ended["message"], ended["request_id"]) == ("Call ended", "r-1")
    assert (ended["method"], ended["code"]) == (f"{PREFIX}GetAgentInfo", "INTERNAL")
    assert ended["ms"] >= 0


@pytest.mark.parametrize(
    "given",
    [
        pytest.param((), id="none"),
        pytest.param((("x-request-id", "x" * 65),), id="too long"),
        pytest.param((("x-request-id", 'a","level":"error'),), id="no id"),
    ],
)
async def test_a_call_without_a_fit_id_gets_one_of_its_own(
    tmp_path: Path, log: io.StringIO, given: tuple[tuple[str, str], ...]
) -> None:
    address = f"unix:{tmp_path}/a.sock"
    async with serving(address), open_channel(address) as channel:
        stub = rpc.AgentServiceStub(channel)
        for _ in range(2):
            await fail(stub.GetClockStatus(pb.GetClockStatusRequest(), metadata=given))

    first, second = lines(log)

    assert first["code"] == second["code"] == "UNAVAILABLE"
    assert len(first["request_id"]) == len(second["request_id"]) == 16
    assert first["request_id"] != second["request_id"]


async def test_a_stream_tells_its_end_and_health_only_what_went_wrong(
    tmp_path: Path, log: io.StringIO
) -> None:
    address = f"unix:{tmp_path}/a.sock"
    async with serving(address), open_channel(address) as channel:
        stub = rpc.AgentServiceStub(channel)
        call = stub.CollectEvidence(pb.CollectEvidenceRequest())
        with pytest.raises(grpc.aio.AioRpcError):
            [message async for message in call]
        assert await is_serving(channel)

    [ended] = lines(log)

    assert ended["method"] == f"{PREFIX}CollectEvidence"
    assert ended["code"] == "INVALID_ARGUMENT"


def test_outside_of_a_call_a_line_has_no_id(log: io.StringIO) -> None:
    logging.getLogger("sonde_wire").info("Listening", extra={"path": Path("/x"), "port": 7})

    [line] = lines(log)

    assert "request_id" not in line
    assert (line["path"], line["port"]) == ("/x", 7)
