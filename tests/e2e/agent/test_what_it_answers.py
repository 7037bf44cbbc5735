"""What an agent answers to each question, and which questions it refuses."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import grpc
import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import reading_pb2
from sonde_agent import config, main
from sonde_agent.stopwatch import host_clock
from sonde_core.errors import NotFoundError, RequestInvalidError
from sonde_core.readings import Kind
from sonde_lab.world import Answer, Fault, World
from sonde_wire.errors import from_rpc_error
from tests.e2e.agent.surroundings import Stub, Surroundings, all_of


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


async def test_after_a_refused_timestamp_the_agent_compares_its_clock_with_the_exchange(
    around: Surroundings,
) -> None:
    around.exchange.world = World(clock_offset_ms=-3_000)
    agent = main.build(config.parse(around.text(), {}))
    calibrator = agent.timekeeping.calibrator

    first, repeated = await agent.run_signed_test("main", Kind.SPOT_ACCOUNT)
    running = asyncio.create_task(calibrator.run())
    async with asyncio.timeout(20):
        while (known := calibrator.current()) is None:  # noqa: ASYNC110 - it says nothing of itself
            await asyncio.sleep(0.01)
    running.cancel()

    assert [getattr(each.value, "code", None) for each in (first, repeated)] == [-1021, None]
    assert known.sources == ("spot", "usdm")  # not the NTP servers, which are asked otherwise
