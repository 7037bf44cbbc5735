"""An exchange that sends whatever it likes, and strangers who call."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration
from grpc_reflection.v1alpha import reflection_pb2

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1 import reading_pb2
from sonde_agent.server import SERVICE
from sonde_lab.world import Answer, Fault, Place, World
from sonde_wire.channels import open_channel
from tests.e2e.agent.surroundings import Surroundings, start, stop
from tests.wire.certificates import authority


def peak(process: asyncio.subprocess.Process) -> int:
    """Return the most memory that a process has had resident, in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


WORLDS = [
    World(faults=(Fault(path="/fapi/v1/exchangeInfo", answer=Answer.ENDLESS_BODY),)),
    *(World(faults=(Fault(answer=each),)) for each in Answer if each.place is Place.WAY_BACK),
]


async def test_hostile_answers_are_bounded_in_memory_and_time(around: Surroundings) -> None:
    process = await start(around, around.text())
    limit = Duration(seconds=2)
    request = pb.CollectEvidenceRequest(timeout=limit, single_response=True)
    async with open_channel(f"unix:{around.home}/agent.sock") as channel:
        stub = rpc.AgentServiceStub(channel)
        # Not a whole diagnosis: that would ask for the limits, which is done once an hour.
        usual = pb.RunSignedTestRequest(
            account="main", test=reading_pb2.READING_KIND_FUTURES_ORDER_TEST
        )
        for _ in range(3):
            await stub.RunSignedTest(usual, wait_for_ready=True, timeout=20)
        before = peak(process)
        for world in WORLDS:
            around.exchange.world = world
            readings = [r async for r in stub.CollectEvidence(request, timeout=20)]
            assert len(readings) == 1
        after = peak(process)
    await stop(process)

    assert after - before <= 16 * 1024 * 1024


async def test_over_tls_only_the_authoritys_own_are_served_and_nothing_is_reflected(
    around: Surroundings,
) -> None:
    ours, theirs = authority(around.home / "ours"), authority(around.home / "theirs")
    agent, service, stranger = ours.issue("agent"), ours.issue("service"), theirs.issue("service")
    tls = f"""[agent.tls]
    ca_file = "{agent.ca_file}"
    cert_file = "{agent.cert_file}"
    key_file = "{agent.key_file}"
    """
    process = await start(around, around.text(listen="127.0.0.1:0", tls=tls))
    assert process.stderr is not None
    address = ""
    while "127.0.0.1" not in address:
        address = (await process.stderr.readline()).decode()
    port = address.partition("127.0.0.1:")[2].partition('"')[0]

    async with open_channel(f"127.0.0.1:{port}", service, "agent") as channel:
        info = await rpc.AgentServiceStub(channel).GetAgentInfo(pb.GetAgentInfoRequest())
        with pytest.raises(grpc.aio.AioRpcError) as unreflected:
            await reflected(channel)
    async with open_channel(f"127.0.0.1:{port}", stranger, "agent") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await rpc.AgentServiceStub(channel).GetAgentInfo(pb.GetAgentInfoRequest(), timeout=5)
    async with open_channel(f"unix:{around.home}/agent.sock") as channel:
        assert SERVICE in await reflected(channel)
    await stop(process)

    assert list(info.accounts) == ["main"]
    assert unreflected.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def reflected(channel: grpc.aio.Channel) -> list[str]:
    # As one message: a stream that is refused at once may end before its first one is sent.
    call: Any = channel.unary_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )(reflection_pb2.ServerReflectionRequest(list_services=""))
    answer = await call.read()
    return [service.name for service in answer.list_services_response.service]
