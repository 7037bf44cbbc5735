"""How a call runs and ends, and how the agent does."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1 import reading_pb2
from sonde_agent.agent import Agent
from sonde_agent.calibration import Calibrator, NtpProbes, Timekeeping
from sonde_agent.engine.engines import Engines
from sonde_agent.probes.clock_watch import Clocks, ClockWatcher
from sonde_agent.server import SERVICE
from sonde_agent.stopwatch import host_clock
from sonde_core.readings import Kind, Subject
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from sonde_lab.world import EXAMPLE_API_KEY
from sonde_wire.channels import open_channel
from tests.agent.exchange_host import Host
from tests.agent.test_runner import FakeProbe
from tests.e2e.agent.surroundings import Surroundings, served, start, stop

SLOW = (Kind.NTP, Subject("source", "slow"))
QUICK = (Kind.NTP, Subject("source", "quick"))


def unasked() -> Timekeeping:
    nobody = FakeProbe([])
    clocks = Clocks()
    calibrator = Calibrator(
        ntp=NtpProbes(nobody, nobody), exchange=nobody, lately=timedelta, clocks=clocks
    )
    return Timekeeping(ClockWatcher(clocks), calibrator)


def fake_agent(**probes: FakeProbe) -> Agent:
    host = Host(usdm="http://127.0.0.1", spot="http://127.0.0.1")
    return Agent(
        version="0",
        started=host_clock(),
        probes=probes,
        clocks={},
        egress={},
        path=FakeProbe([]),
        accounts=(),
        signed_test=lambda _account, _kind: FakeProbe([]),
        symbol_rules=lambda _endpoint, _symbol: FakeProbe([]),
        exchange=host.settings,
        memory=host.memory,
        engines=Engines(Path("/nowhere"), Path("/nowhere")),
        timekeeping=unasked(),
        now=host_clock,
    )


async def test_what_is_ready_is_sent_while_the_rest_is_measured(tmp_path: Path) -> None:
    slow = FakeProbe([[SLOW]], (), "hang")
    async with served(fake_agent(quick=FakeProbe([[QUICK]], [QUICK]), slow=slow), tmp_path) as stub:
        call = stub.CollectEvidence(pb.CollectEvidenceRequest())

        first = await call.read()

        assert isinstance(first, pb.CollectEvidenceResponse)
        assert [reading.subject.name for reading in first.readings] == ["quick"]
        assert not slow.stopped.is_set()
        call.cancel()


async def test_a_cancelled_call_leaves_no_probe_running(tmp_path: Path) -> None:
    slow = FakeProbe([[QUICK], [SLOW]], [QUICK], "hang")
    async with served(fake_agent(slow=slow), tmp_path) as stub:
        call = stub.CollectEvidence(pb.CollectEvidenceRequest())
        await call.read()

        call.cancel()

        async with asyncio.timeout(5):
            await slow.stopped.wait()


async def test_the_callers_deadline_bounds_the_measuring_and_still_gets_readings(
    tmp_path: Path,
) -> None:
    slow = FakeProbe([[SLOW]], (), "hang")
    async with served(fake_agent(slow=slow), tmp_path) as stub:
        call = stub.CollectEvidence(pb.CollectEvidenceRequest(), timeout=1)

        messages = [message async for message in call]

        [reading] = messages[0].readings
        assert reading.failure.reason == reading_pb2.FAILURE_REASON_DEADLINE
        assert slow.stopped.is_set()


async def test_the_callers_own_limit_bounds_the_measuring(tmp_path: Path) -> None:
    slow = FakeProbe([[SLOW]], (), "hang")
    limit = Duration()
    limit.FromMilliseconds(50)
    async with served(fake_agent(slow=slow), tmp_path) as stub:
        call = stub.CollectEvidence(pb.CollectEvidenceRequest(timeout=limit, single_response=True))

        [message] = [message async for message in call]

        assert message.readings[0].failure.reason == reading_pb2.FAILURE_REASON_DEADLINE


async def test_sigterm_says_not_serving_finishes_what_runs_and_ends_with_success(
    around: Surroundings,
) -> None:
    async with serve_ntp(Source(behaviour=Behaviour.SILENT)) as silent:
        # It keeps the call running until its timeout.
        text = around.text().replace(around.servers, f'"{silent.address}"')
        process = await start(around, text)
        async with open_channel(f"unix:{around.home}/agent.sock") as channel:
            watch = cast(Any, health_pb2_grpc.HealthStub(channel)).Watch(
                health_pb2.HealthCheckRequest(service=SERVICE), wait_for_ready=True, timeout=20
            )
            serving = await watch.read()
            call = rpc.AgentServiceStub(channel).CollectEvidence(pb.CollectEvidenceRequest())
            messages = aiter(call)
            read = list((await anext(messages)).readings)
            ending = asyncio.create_task(stop(process))
            drained = await watch.read()
            watch.cancel()
            async for message in messages:
                read.extend(message.readings)
    log = await ending

    assert serving.status == health_pb2.HealthCheckResponse.SERVING
    assert drained.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert reading_pb2.READING_KIND_NTP in {reading.kind for reading in read}
    assert EXAMPLE_API_KEY not in log
    assert "signature=" not in log
