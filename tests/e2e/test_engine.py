"""The agent beside an engine: a socket for each, and an engine that is known to every command."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import grpc
import grpc.aio
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sonde.agent.v1 import agent_service_pb2 as agent_pb
from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from sonde.agent.v1.reading_pb2 import READING_KIND_ENGINE
from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.engine_service_pb2_grpc import EngineServiceStub
from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde_wire.channels import is_serving, open_channel
from sonde_wire.times import to_duration
from tests.agent_home import AgentHome
from tests.commands import Command

AGENT = Command("sonde-agent")
NOBODY = "127.0.0.1:9"
SERVICES = {
    "agent.sock": "sonde.agent.v1.AgentService",
    "engine.sock": "sonde.engine.v1.EngineService",
}


@pytest.fixture
def home(tmp_path: Path) -> AgentHome:
    place = AgentHome(tmp_path)
    place.furnish(exchange=f"http://{NOBODY}", servers=[NOBODY], timeout="50ms")
    return place


@asynccontextmanager
async def running(home: AgentHome) -> AsyncIterator[None]:
    process = await AGENT.start("run", "--config", str(home.config))
    assert process.stderr
    while b"Serving engines" not in await process.stderr.readline():
        assert process.returncode is None
    async with open_channel(f"unix:{home.directory}/engine.sock") as channel:
        await is_serving(channel, SERVICES["engine.sock"], wait=True)
    yield
    process.terminate()
    await process.communicate()
    assert process.returncode == 0


async def reflected(channel: grpc.aio.Channel) -> set[str]:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(cast(Any, channel))
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    answers = [each async for each in stub.ServerReflectionInfo(iter([request]))]
    return {one.name for one in answers[0].list_services_response.service}


async def called(channel: grpc.aio.Channel, method: str) -> grpc.StatusCode:
    """Call a method with nothing in the request and return how that ended."""
    call: Any = channel.unary_unary(method, lambda _: b"", lambda answer: answer)
    try:
        await call(None)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


async def test_each_socket_serves_its_own_service_alone(home: AgentHome) -> None:
    async with running(home):
        for name, service in SERVICES.items():
            path = home.directory / name
            assert stat.S_IMODE(path.stat().st_mode) == 0o660
            async with open_channel(f"unix:{path}") as channel:
                served = await reflected(channel)
                assert served & set(SERVICES.values()) == {service}
                agent = await called(channel, "/sonde.agent.v1.AgentService/GetAgentInfo")
                engine = await called(channel, "/sonde.engine.v1.EngineService/ReportFailure")
            ended = {SERVICES["agent.sock"]: agent, SERVICES["engine.sock"]: engine}
            assert ended.pop(service) is grpc.StatusCode.OK
            assert set(ended.values()) == {grpc.StatusCode.UNIMPLEMENTED}


async def test_an_engine_is_known_to_the_service_and_to_commands_on_the_host(
    home: AgentHome,
) -> None:
    health = HealthReport(
        engine="grid", version="3.1", heartbeat_interval=to_duration(timedelta(hours=1))
    )
    async with running(home):
        async with open_channel(f"unix:{home.directory}/engine.sock") as channel:
            first = await EngineServiceStub(channel).ReportHealth(
                pb.ReportHealthRequest(health=health)
            )
        async with open_channel(home.socket) as channel:
            request = agent_pb.CollectEvidenceRequest(probes=["engine"], single_response=True)
            [answer] = [each async for each in AgentServiceStub(channel).CollectEvidence(request)]
        checked = await AGENT("check", "--config", str(home.config), "--json", "--timeout", "1s")
    async with running(home), open_channel(f"unix:{home.directory}/engine.sock") as channel:
        second = await EngineServiceStub(channel).ReportFailure(
            pb.ReportFailureRequest(failure=FailureReport(engine="grid"))
        )

    [reading] = answer.readings
    assert (reading.kind, reading.subject.name) == (READING_KIND_ENGINE, "grid")
    assert reading.engine.version == "3.1"
    [finding] = [f for f in json.loads(checked.out)["findings"] if f["cause"] == "ENGINE_SILENT"]
    assert finding["verdict"] == "clear"
    assert (second.spool_id, second.sequence) == (first.spool_id, first.sequence + 1)


async def test_reports_go_nowhere_in_plain_text(home: AgentHome) -> None:
    text = home.config.read_text() + '[reports]\nservice = "centre.example:7441"\n'
    await asyncio.to_thread(home.config.write_text, text)

    for words in (["run"], ["config", "check"]):
        refused = await AGENT(*words, "--config", str(home.config))

        assert refused.code == 2
        assert "centre.example:7441: plain text is for unix sockets and loopback" in refused.err


@pytest.mark.parametrize("key", ["agent.socket", "engine.socket"])
async def test_a_socket_that_others_could_replace_is_refused_at_the_start(
    home: AgentHome, key: str
) -> None:
    open_to_all = home.directory / "open"
    text = home.config.read_text()
    if key == "agent.socket":
        text = text.replace(f"{home.directory}/agent.sock", f"{open_to_all}/agent.sock")
        text += f'[engine]\nsocket = "{home.directory}/engine.sock"\n'
    else:
        text += f'[engine]\nsocket = "{open_to_all}/engine.sock"\n'
    open_to_all.mkdir()
    open_to_all.chmod(0o770)
    home.config.write_text(text)

    process = await AGENT.start("run", "--config", str(home.config))
    assert process.stderr
    said = b""
    while line := await process.stderr.readline():
        said += line
        if b"Serving engines" in line:
            process.terminate()

    assert await process.wait() == 2
    assert f"{key}: group" in said.decode()
    assert f"chmod g-w {open_to_all}" in said.decode()
