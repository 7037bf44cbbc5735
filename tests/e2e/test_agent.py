"""A real agent over real channels, against a simulated exchange and simulated NTP servers."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias, cast

import grpc
import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1 import reading_pb2
from sonde_agent import config, main
from sonde_agent.agent import Agent
from sonde_agent.calibration import Calibrator, NtpProbes, Timekeeping
from sonde_agent.engine.engines import Engines
from sonde_agent.probes.clock_watch import Clocks, ClockWatcher
from sonde_agent.server import SERVICE, AgentService
from sonde_agent.stopwatch import host_clock
from sonde_core.errors import NotFoundError, RequestInvalidError
from sonde_core.readings import SPOT, USDM, Kind, Subject
from sonde_core.readings import Answer as Refused
from sonde_lab.exchange import serve_exchange
from sonde_lab.exchange.exchange import Exchange
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from sonde_lab.world import (
    EXAMPLE_API_KEY,
    EXAMPLE_SECRET,
    Answer,
    Fault,
    Limits,
    Place,
    SurfaceState,
    World,
)
from sonde_wire.channels import open_channel
from sonde_wire.errors import from_rpc_error
from sonde_wire.serving import bind, new_server
from tests.agent.exchange_host import Host
from tests.agent.test_runner import FakeProbe
from tests.commands import Command
from tests.wire.certificates import authority

CONFIG = """
[agent]
socket = "{home}/agent.sock"
listen = "{listen}"
state_dir = "{home}"
{tls}
[clock]
servers = [{servers}]
[egress]
echo_urls = ["{url}/_sonde/ip", "{url}/_sonde/ip.json"]
[exchange]
environment = "custom"
[exchange.urls]
spot = "{url}"
usdm = "{url}"
[[account]]
name = "main"
api_key_file = "{home}/key"
secret_file = "{home}/secret"
whitelist = ["127.0.0.1"]
"""
Stub: TypeAlias = "rpc.AgentServiceAsyncStub"
SLOW = (Kind.NTP, Subject("source", "slow"))
QUICK = (Kind.NTP, Subject("source", "quick"))


@dataclass
class Surroundings:
    """What an agent finds around it."""

    exchange: Exchange
    home: Path
    servers: str

    def text(self, listen: str = "", tls: str = "") -> str:
        return CONFIG.format(
            home=self.home, listen=listen, tls=tls, servers=self.servers, url=self.exchange.url
        )


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Surroundings]:
    (tmp_path / "key").write_text(EXAMPLE_API_KEY)
    (tmp_path / "secret").write_text(EXAMPLE_SECRET)
    (tmp_path / "secret").chmod(0o600)
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(serve_exchange(World()))
        liar = timedelta(seconds=30)
        servers = [
            await stack.enter_async_context(serve_ntp(Source(offset=offset)))
            for offset in (timedelta(), timedelta(), liar)
        ]
        names = ", ".join(f'"{server.address}"' for server in servers)
        yield Surroundings(exchange, tmp_path, names)


@asynccontextmanager
async def served(agent: Agent, home: Path) -> AsyncIterator[Stub]:
    server = new_server(max_concurrent_streams=16, max_receive_bytes=65536)
    rpc.add_AgentServiceServicer_to_server(AgentService(agent), server)
    address = bind(server, f"unix:{home}/a.sock")
    await server.start()
    async with open_channel(address) as channel:
        yield rpc.AgentServiceStub(channel)
    await server.stop(grace=None)


@pytest.fixture
async def stub(around: Surroundings) -> AsyncIterator[Stub]:
    agent = main.build(config.parse(around.text(), {}))
    async with served(agent, around.home) as channel:
        yield channel


async def test_an_agent_says_what_it_is(stub: Stub) -> None:
    info = await stub.GetAgentInfo(pb.GetAgentInfoRequest())

    assert list(info.probes) == [
        "settings",
        "clock",
        "clock-history",
        "synchronizer",
        "egress",
        "exchange",
        "engine",
    ]
    assert list(info.accounts) == ["main"]
    assert info.version
    assert abs(info.start_time.ToDatetime(host_clock().tzinfo) - host_clock()) < timedelta(hours=1)


async def test_the_clock_is_what_most_servers_say_and_the_liar_is_named(
    stub: Stub, around: Surroundings
) -> None:
    status = await stub.GetClockStatus(pb.GetClockStatusRequest())

    assert abs(status.ntp.offset.ToTimedelta()) <= status.ntp.bound.ToTimedelta()
    assert len(status.ntp.sources) == 2
    assert [f'"{name}"' for name in status.disagreeing] == [around.servers.split(", ")[2]]
    assert abs(status.exchange.offset.ToTimedelta()) <= status.exchange.bound.ToTimedelta()
    assert set(status.exchange.sources) == {"spot", "usdm"}


async def test_the_outbound_address_is_what_the_echo_services_saw(
    stub: Stub,
) -> None:
    answer = await stub.GetOutboundIp(pb.GetOutboundIpRequest())

    assert list(answer.ipv4_addresses) == ["127.0.0.1"]
    assert list(answer.ipv6_addresses) == []
    assert len(answer.readings) == 4


async def test_one_signed_test_is_answered(stub: Stub) -> None:
    request = pb.RunSignedTestRequest(
        account="main", test=reading_pb2.READING_KIND_FUTURES_ORDER_TEST
    )

    answer = await stub.RunSignedTest(request)

    assert [reading.answer.status for reading in answer.readings] == [200]


@pytest.mark.parametrize("single", [False, True])
async def test_all_evidence_is_collected(stub: Stub, single: bool) -> None:  # noqa: FBT001 - a parameter of the test
    request = pb.CollectEvidenceRequest(single_response=single)

    messages = [message async for message in stub.CollectEvidence(request)]

    readings = [reading for message in messages for reading in message.readings]
    assert len(messages) == 1 or not single
    kinds = {reading.kind for reading in readings} - {reading_pb2.READING_KIND_PAST_WEIGHT}
    assert kinds == set(reading_pb2.ReadingKind.values()) - {
        reading_pb2.READING_KIND_PAST_WEIGHT,
        reading_pb2.READING_KIND_UNSPECIFIED,
        reading_pb2.READING_KIND_GATE,
        reading_pb2.READING_KIND_HTTP_DATE,
        reading_pb2.READING_KIND_SYMBOL_RULES,
        reading_pb2.READING_KIND_ENGINE,
        reading_pb2.READING_KIND_CLOCK_WATCH,
        reading_pb2.READING_KIND_CLOCK_DRIFT,
        reading_pb2.READING_KIND_RESOLUTION,
        reading_pb2.READING_KIND_CERTIFICATE,
    }
    assert all(reading.WhichOneof("value") for reading in readings)


async def test_only_the_probes_that_were_asked_for_run(stub: Stub) -> None:
    request = pb.CollectEvidenceRequest(probes=["settings"])

    kinds = [reading.kind for reading in await all_of(stub, request)]

    assert kinds == [reading_pb2.READING_KIND_SETTINGS, reading_pb2.READING_KIND_WHITELIST]


async def test_the_settings_name_the_accounts_that_have_a_key_here_and_the_environment(
    stub: Stub,
) -> None:
    told, _ = await all_of(stub, pb.CollectEvidenceRequest(probes=["settings"]))

    assert list(told.settings.accounts) == ["main"]
    assert told.settings.environment == "custom"


async def test_the_rules_of_a_symbol_are_read_from_the_exchange(stub: Stub) -> None:
    request = pb.GetSymbolRulesRequest(endpoint="usdm", symbol="ETHUSDT")

    reading = (await stub.GetSymbolRules(request)).reading

    assert (reading.subject.kind, reading.subject.name) == ("symbol", "usdm/ETHUSDT")
    assert reading.symbol_rules.min_notional == "5"
    assert reading.symbol_rules.last_price == "3120.00"


async def test_rules_that_cannot_be_read_are_a_failure_and_no_error(
    stub: Stub, around: Surroundings
) -> None:
    unknown = await stub.GetSymbolRules(
        pb.GetSymbolRulesRequest(endpoint="spot", symbol="NOSUCHUSDT")
    )
    around.exchange.world = World(faults=(Fault(answer=Answer.NO_ANSWER),))
    silent = await stub.GetSymbolRules(pb.GetSymbolRulesRequest(endpoint="usdm", symbol="BTCUSDT"))

    assert unknown.reading.failure.reason == reading_pb2.FAILURE_REASON_NO_SYMBOL
    assert unknown.reading.failure.detail == "the exchange has no symbol NOSUCHUSDT"
    assert silent.reading.failure.reason == reading_pb2.FAILURE_REASON_CONNECTION


async def refusal(call: Awaitable[object]) -> Exception:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return from_rpc_error(refused.value)


async def all_of(stub: Stub, request: pb.CollectEvidenceRequest) -> list[reading_pb2.Reading]:
    return [reading async for some in stub.CollectEvidence(request) for reading in some.readings]


async def test_a_request_that_makes_no_sense_is_the_callers_fault(
    stub: Stub,
) -> None:
    unknown = await refusal(all_of(stub, pb.CollectEvidenceRequest(probes=["cpu"])))
    never = await refusal(all_of(stub, pb.CollectEvidenceRequest(timeout=Duration())))
    no_span = await refusal(
        all_of(stub, pb.CollectEvidenceRequest(timeout=Duration(seconds=-(2**63))))
    )
    nobody = await refusal(
        stub.RunSignedTest(
            pb.RunSignedTestRequest(account="x", test=reading_pb2.READING_KIND_SPOT_ACCOUNT)
        )
    )
    unsigned = await refusal(
        stub.RunSignedTest(
            pb.RunSignedTestRequest(account="main", test=reading_pb2.READING_KIND_NTP)
        )
    )
    nothing = await refusal(stub.RunSignedTest(pb.RunSignedTestRequest(account="main")))
    elsewhere = await refusal(
        stub.GetSymbolRules(pb.GetSymbolRulesRequest(endpoint="coinm", symbol="BTCUSDT"))
    )
    no_symbol = await refusal(
        stub.GetSymbolRules(pb.GetSymbolRulesRequest(endpoint="usdm", symbol="BTC/USDT&a=b"))
    )

    assert isinstance(unknown, RequestInvalidError)
    assert "choose from settings, clock, clock-history, synchronizer, egress" in str(unknown)
    assert "timeout" in str(never)
    assert str(no_span) == "timeout: no span of time"
    assert isinstance(nobody, NotFoundError)
    assert "there is: main" in str(nobody)
    assert "ntp is not signed" in str(unsigned)
    assert isinstance(nothing, RequestInvalidError)
    assert "choose from usdm, spot" in str(elsewhere)
    assert "'BTC/USDT&a=b' will not do" in str(no_symbol)


async def test_a_ban_that_cannot_be_kept_outlives_a_changed_configuration(
    around: Surroundings,
) -> None:
    (around.home / "gate.json").mkdir()  # nothing can be written there
    (around.home / "gate.json" / "x").touch()
    end_ms = round((host_clock() + timedelta(minutes=5)).timestamp() * 1000)
    banned = SurfaceState(limits=Limits(banned_until_ms=end_ms))
    around.exchange.world = World(usdm=banned)
    agent = main.build(config.parse(around.text(), {}))
    await agent.collect()
    sent = len(around.exchange.requests)
    until = agent.closed_until("usdm")

    agent.become(main.build(config.parse(around.text("127.0.0.1:0"), {}), agent.now, agent))
    await agent.collect()

    again = [each.path for each in around.exchange.requests[sent:]]
    assert until
    assert agent.closed_until("usdm") == until
    assert [path for path in again if path.startswith("/fapi")] == []
    assert "/api/v3/exchangeInfo" not in again  # it was asked less than an hour ago


async def test_what_an_engine_was_told_where_the_agent_does_not_ask_outlives_a_restart(
    around: Surroundings,
) -> None:
    ban = Refused(status=418, retry_after=timedelta(minutes=5))
    agent = main.build(config.parse(around.text(), {}))
    for endpoint in ("papi", "usdm"):
        agent.told_to_wait(endpoint, ban)
    again = main.build(config.parse(around.text(), {}))

    told = {name: again.closed_until(name) for name in ("papi", "coinm", "usdm", "spot")}
    left = told.pop("papi")
    assert left
    assert timedelta(minutes=4) < left - host_clock() <= timedelta(minutes=5)
    assert set(told.values()) == {None}, "of what it asks it goes by the exchange's own word"


async def test_a_ban_is_not_taken_for_one_of_another_exchange(around: Surroundings) -> None:
    agent = main.build(config.parse(around.text(), {}))
    agent.memory.gate.note(agent.exchange.site(USDM), Refused(status=418))
    agent.memory.gate.note(agent.exchange.site(SPOT), Refused(status=418))
    other = around.text().replace(f'usdm = "{around.exchange.url}"', 'usdm = "https://b.example"')

    agent.become(main.build(config.parse(other, {}), agent.now, agent))
    there = [agent.closed_until(name) is not None for name in ("usdm", "spot")]
    agent.become(main.build(config.parse(around.text(), {}), agent.now, agent))
    back = [agent.closed_until(name) is not None for name in ("usdm", "spot")]

    assert (there, back) == ([False, True], [True, True])


def unasked() -> Timekeeping:
    nobody = FakeProbe([])
    clocks = Clocks()
    calibrator = Calibrator(ntp=NtpProbes(nobody, nobody), exchange=nobody, clocks=clocks)
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


async def start(around: Surroundings, text: str) -> asyncio.subprocess.Process:
    path = around.home / "agent.toml"
    path.write_text(text)
    return await Command("sonde-agent").start("run", "--config", str(path))


async def stop(process: asyncio.subprocess.Process) -> str:
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        _, log = await process.communicate()
    assert process.returncode == 0, log
    return log.decode()


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
