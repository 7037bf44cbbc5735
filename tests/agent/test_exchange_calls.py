"""Which calls the exchange probe makes, and which reading comes of each."""

import asyncio
from ipaddress import ip_address

import msgspec
import pytest

from sonde_agent.probes.exchange.probe import ExchangeProbe
from sonde_core.path import Path
from sonde_core.readings import (
    COINM,
    SIGNED_KINDS,
    SPOT,
    USDM,
    Answer,
    ExchangeTime,
    Failure,
    FailureReason,
    KeyFacts,
    KeyPermissions,
    Kind,
    SigningClock,
    WeightUse,
)
from sonde_lab.exchange import Exchange
from sonde_lab.world import (
    EXAMPLE_API_KEY,
    EXAMPLE_SECRET,
    Fault,
    Limits,
    Permissions,
    Surface,
    SurfaceState,
    World,
)
from sonde_lab.world import Answer as FaultAnswer
from sonde_lab.world import Key as WorldKey
from tests.agent.exchange_host import FUTURES, KEY, SECOND, Host, of, statuses
from tests.agent.servers import serve_raw, silence


async def test_a_healthy_host_is_answered_everywhere(host: Host) -> None:
    readings = await host.measure()

    assert statuses(readings) == {kind: [200] for kind in SIGNED_KINDS}
    [facts] = of(readings, Kind.KEY)
    assert facts == KEY.facts
    assert isinstance(facts, KeyFacts)
    [restrictions] = of(readings, Kind.API_RESTRICTIONS)
    assert isinstance(restrictions, Answer)
    assert isinstance(restrictions.facts, KeyPermissions)
    assert "enableFutures" in restrictions.facts.granted
    assert restrictions.clock is SigningClock.HOST
    for endpoint in (USDM, SPOT):
        [time] = of(readings, Kind.EXCHANGE_TIME, endpoint)
        assert isinstance(time, ExchangeTime)
        assert abs(time.offset) <= time.round_trip / 2
    assert not any(reading.kind is Kind.GATE for reading in readings)


async def test_calls_come_one_by_one_and_the_scouts_first(exchange: Exchange, host: Host) -> None:
    await host.measure()

    assert [(request.method, request.path) for request in exchange.requests] == [
        ("GET", "/fapi/v1/time"),
        ("GET", "/fapi/v1/ping"),
        ("GET", "/api/v3/time"),
        ("GET", "/api/v3/ping"),
        ("GET", "/sapi/v1/account/apiRestrictions"),
        ("GET", "/sapi/v1/account/status"),
        ("GET", "/fapi/v1/accountConfig"),
        ("POST", "/fapi/v1/order/test"),
        ("GET", "/api/v3/account"),
        ("GET", "/fapi/v1/exchangeInfo"),
        ("GET", "/api/v3/exchangeInfo"),
    ]


@pytest.mark.parametrize("ahead", [1.5, -7.0])
async def test_a_clock_refusal_is_repeated_once_with_the_exchanges_time(
    exchange: Exchange, host: Host, ahead: float
) -> None:
    exchange.world = World(clock_offset_ms=round(-ahead * 1000))

    readings = await host.measure()

    assert statuses(readings) == {kind: [400, 200] for kind in SIGNED_KINDS}
    for kind in SIGNED_KINDS:
        first, second = of(readings, kind)
        assert isinstance(first, Answer)
        assert isinstance(second, Answer)
        assert (first.code, first.clock) == (-1021, SigningClock.HOST)
        assert second.clock is SigningClock.EXCHANGE
    [time] = of(readings, Kind.EXCHANGE_TIME, USDM)
    assert isinstance(time, ExchangeTime)
    assert abs(time.offset - ahead * SECOND) <= time.round_trip / 2


async def test_what_a_wrong_clock_hides_comes_out_in_the_repeat(
    exchange: Exchange, host: Host
) -> None:
    exchange.world = World(
        clock_offset_ms=7000, keys=(WorldKey(permissions=Permissions(enable_futures=False)),)
    )

    readings = await host.measure()

    codes = [[v.code for v in of(readings, kind)] for kind in sorted(FUTURES)]  # type: ignore[attr-defined]
    assert codes == [[-1021, -2015], [-1021, -2015]]


async def test_the_address_that_the_exchange_saw_is_told(exchange: Exchange, host: Host) -> None:
    exchange.world = World(seen_ip="203.0.113.9", keys=(WorldKey(ip_list=("198.51.100.7",)),))

    readings = await host.measure()

    [refused] = of(readings, Kind.FUTURES_ACCOUNT)
    assert isinstance(refused, Answer)
    assert (refused.code, refused.request_ip) == (-2015, ip_address("203.0.113.9"))
    assert statuses(readings) == {kind: [401] for kind in SIGNED_KINDS}


@pytest.mark.parametrize(
    ("fault", "status"), [(FaultAnswer.WAF, 403), (FaultAnswer.RESTRICTED_LOCATION, 451)]
)
async def test_a_turned_away_scout_ends_the_calls_to_its_endpoint(
    exchange: Exchange, host: Host, fault: FaultAnswer, status: int
) -> None:
    exchange.world = World(faults=(Fault(surface=Surface.USDM, answer=fault),))

    readings = await host.measure()

    [scouted] = of(readings, Kind.PUBLIC_CALL, USDM)
    assert isinstance(scouted, Answer)
    assert scouted.status == status
    skipped = Failure(FailureReason.SKIPPED, f"the public call failed: HTTP {status}")
    assert of(readings, Kind.FUTURES_ACCOUNT) == [skipped]
    assert of(readings, Kind.FUTURES_ORDER_TEST) == [skipped]
    assert statuses(readings)[Kind.API_RESTRICTIONS] == [200]


async def test_a_passing_error_is_tried_again_at_most_twice(exchange: Exchange, host: Host) -> None:
    fault = Fault(path="/fapi/v1/time", answer=FaultAnswer.SERVICE_UNAVAILABLE, times=2)
    exchange.world = World(faults=(fault,))
    assert [v.status for v in of(await host.measure(), Kind.PUBLIC_CALL, USDM)] == [200]  # type: ignore[attr-defined]

    exchange.world = World(faults=(msgspec.structs.replace(fault, times=None),))
    [failed] = of(await host.measure(), Kind.PUBLIC_CALL, USDM)
    assert isinstance(failed, Answer)
    assert (failed.status, failed.message) == (503, "Service Unavailable.")
    assert len(exchange.requests) - 3 == len([r for r in exchange.requests if "fapi" not in r.path])


async def test_an_order_test_and_a_refusal_are_never_tried_again(
    exchange: Exchange, host: Host
) -> None:
    fault = Fault(path="/fapi/v1/order/test", answer=FaultAnswer.OVERLOADED)
    exchange.world = World(faults=(fault,), keys=())

    await host.measure()

    assert len([r for r in exchange.requests if r.path == "/fapi/v1/order/test"]) == 1
    assert len([r for r in exchange.requests if r.path == "/api/v3/account"]) == 1


async def test_without_a_key_the_public_calls_are_still_made(host: Host) -> None:
    host.key = Failure(FailureReason.CREDENTIALS, "secret_file /x cannot be read")

    readings = await host.measure()

    assert of(readings, Kind.KEY) == [host.key]
    assert statuses(readings) == {kind: [FailureReason.SKIPPED] for kind in SIGNED_KINDS}
    assert isinstance(of(readings, Kind.EXCHANGE_TIME, USDM)[0], ExchangeTime)


async def test_coin_m_is_asked_where_it_is_configured(exchange: Exchange, host: Host) -> None:
    exchange.world = World(coinm=SurfaceState(limits=Limits(weight_foreign=90)))
    host.coinm = exchange.url

    readings = await host.measure()

    told = [r.value for r in readings if r.subject == COINM and r.kind is not Kind.ROUND_TRIPS]
    assert [type(value) for value in told] == [Answer, ExchangeTime, Path, WeightUse]
    assert told[-1] == WeightUse(used=92, own=2, limit=6_000)
    assert [request.path for request in exchange.requests if "dapi" in request.path] == [
        "/dapi/v1/time",
        "/dapi/v1/ping",
        "/dapi/v1/exchangeInfo",
    ]


async def test_a_single_test_builds_on_its_own_scout(exchange: Exchange, host: Host) -> None:
    exchange.world = World(clock_offset_ms=7000)

    readings = await host.test(Kind.SPOT_ACCOUNT)

    assert [(r.kind, r.value.status) for r in readings if isinstance(r.value, Answer)] == [
        (Kind.SPOT_ACCOUNT, 400),
        (Kind.SPOT_ACCOUNT, 200),
    ]
    assert [request.path for request in exchange.requests] == [
        "/api/v3/time",
        "/api/v3/account",
        "/api/v3/account",
    ]


async def test_a_dead_endpoint_costs_only_its_own_readings(host: Host) -> None:
    async with serve_raw(b"") as gone:
        host.usdm = gone.url

    readings = await host.measure()

    [scouted] = of(readings, Kind.PUBLIC_CALL, USDM)
    assert isinstance(scouted, Failure)
    assert scouted.reason is FailureReason.CONNECTION
    assert statuses(readings) == {
        kind: [FailureReason.SKIPPED if kind in FUTURES else 200] for kind in SIGNED_KINDS
    }


async def test_every_planned_reading_is_delivered_in_order(host: Host) -> None:
    probe = ExchangeProbe(
        settings=host.settings, memory=host.memory, accounts={"main": lambda: KEY}
    )

    planned = [each for step in probe.steps() for each in step]
    read = [(r.kind, r.subject) async for r in probe.measure()]

    # What the way was like before comes with the way as it is, and orders where they are counted.
    unplanned = {Kind.ROUND_TRIPS, Kind.ORDERS}
    assert [each for each in read if each[0] not in unplanned] == planned


async def test_no_signature_and_no_key_id_leave_in_a_reading(
    exchange: Exchange, host: Host
) -> None:
    async with serve_raw(silence) as server:
        host.spot = server.url
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(host.measure(), 0.5)
    text = repr(await Host(exchange.url, exchange.url).measure())

    assert EXAMPLE_API_KEY not in text
    assert EXAMPLE_SECRET not in text
    assert "signature=" not in text
