"""The exchange probe, against a simulated exchange."""

import asyncio
from ipaddress import ip_address

import msgspec
import pytest

from sonde_agent.probes.exchange.client import ExchangeMemory
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.probe import ExchangeProbe
from sonde_agent.probes.exchange.weight import Budget
from sonde_agent.stopwatch import host_clock
from sonde_core.path import Path
from sonde_core.readings import (
    COINM,
    SIGNED_KINDS,
    SPOT,
    USDM,
    Answer,
    Closure,
    ExchangeTime,
    Failure,
    FailureReason,
    KeyFacts,
    KeyPermissions,
    Kind,
    OrderUse,
    OrderWindow,
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
from sonde_lab.world import (
    Answer as FaultAnswer,
)
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


def limited(limits: Limits) -> World:
    return World(usdm=SurfaceState(limits=limits))


async def test_a_ban_ends_the_calls_to_its_endpoint_until_it_is_over(
    exchange: Exchange, host: Host
) -> None:
    until_ms = round((host_clock() + 300 * SECOND).timestamp() * 1000)
    exchange.world = limited(Limits(banned_until_ms=until_ms))

    first, second = await host.measure(), await host.measure()

    [scouted] = of(first, Kind.PUBLIC_CALL, USDM)
    assert isinstance(scouted, Answer)
    assert scouted.status == 418
    assert of(second, Kind.PUBLIC_CALL, USDM) == of(second, Kind.FUTURES_ACCOUNT)
    for readings in (first, second):
        [closure] = of(readings, Kind.GATE, USDM)
        assert isinstance(closure, Closure)
        assert abs(closure.until.timestamp() - until_ms / 1000) <= 1
        reasons = statuses(readings)
        assert {kind: reasons[kind] for kind in FUTURES} == {
            kind: [FailureReason.WITHHELD] for kind in FUTURES
        }
        assert reasons[Kind.SPOT_ACCOUNT] == [200]
    assert [r.path for r in exchange.requests if "fapi" in r.path] == ["/fapi/v1/time"]


async def test_a_limit_met_in_the_middle_ends_the_calls_at_once(
    exchange: Exchange, host: Host
) -> None:
    exchange.world = limited(Limits(weight_limit=4))

    readings = await host.measure()

    assert statuses(readings)[Kind.FUTURES_ACCOUNT] == [429]
    assert statuses(readings)[Kind.FUTURES_ORDER_TEST] == [FailureReason.WITHHELD]
    assert len(of(readings, Kind.GATE, USDM)) == 1
    [weight] = of(readings, Kind.WEIGHT, USDM)
    assert weight == WeightUse(used=7, own=7, limit=None)


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


async def test_a_limit_met_while_asking_for_the_limits_closes_too(
    exchange: Exchange, host: Host
) -> None:
    exchange.world = limited(Limits(weight_limit=8))

    first = await host.measure()
    readings = await host.measure()

    assert statuses(first)[Kind.FUTURES_ORDER_TEST] == [200]
    assert statuses(readings)[Kind.FUTURES_ACCOUNT] == [FailureReason.WITHHELD]
    assert len([r for r in exchange.requests if r.path == "/fapi/v1/exchangeInfo"]) == 1


async def test_limits_are_not_asked_for_where_a_call_was_turned_away(
    exchange: Exchange, host: Host
) -> None:
    fault = Fault(path="/fapi/v1/order/test", answer=FaultAnswer.WAF)
    exchange.world = World(faults=(fault,))

    readings = await host.measure()

    assert [request.path for request in exchange.requests][-1] == "/api/v3/exchangeInfo"
    assert "/fapi/v1/exchangeInfo" not in [request.path for request in exchange.requests]
    [weight] = of(readings, Kind.WEIGHT, USDM)
    assert isinstance(weight, WeightUse)
    assert weight.limit is None


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


async def test_weight_tells_foreign_use_from_the_agents_own(exchange: Exchange, host: Host) -> None:
    exchange.world = limited(Limits(weight_foreign=2000))

    readings = await host.measure()

    [weight] = of(readings, Kind.WEIGHT, USDM)
    assert isinstance(weight, WeightUse)
    assert weight.limit == 2400
    assert (weight.used - weight.own, weight.own) == (2000, 8)


async def test_what_was_counted_in_the_minute_before_is_told_too(
    exchange: Exchange, host: Host
) -> None:
    exchange.world = limited(Limits(weight_foreign=700))
    before = host_clock() - 60 * SECOND
    host.memory.windows.note(
        host.settings.site(USDM), before, WeightUse(used=800, own=4, limit=2400)
    )

    readings = await host.measure()

    [past] = [r for r in readings if (r.kind, r.subject) == (Kind.PAST_WEIGHT, USDM)][:1]
    assert (past.time, past.value) == (before, WeightUse(used=800, own=4, limit=2400))


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


async def test_a_ban_from_coin_m_is_none_from_other_endpoints(
    exchange: Exchange, host: Host
) -> None:
    banned = SurfaceState(limits=Limits(weight_limit=0, refusals_before_ban=0))
    exchange.world = World(coinm=banned)
    host.coinm = exchange.url

    readings = await host.measure()

    assert [r.subject for r in readings if r.kind is Kind.GATE] == [COINM]
    assert statuses(readings) == {kind: [200] for kind in SIGNED_KINDS}


async def test_counted_orders_are_held_against_the_live_limits(
    exchange: Exchange, host: Host
) -> None:
    exchange.world = limited(Limits(orders_foreign=270))

    readings = await host.measure()

    [use] = of(readings, Kind.ORDERS)
    assert use == OrderUse(
        endpoint="usdm",
        windows=(
            OrderWindow(span=10 * SECOND, used=271, limit=300),
            OrderWindow(span=60 * SECOND, used=271, limit=1_200),
        ),
    )


async def test_a_refusal_for_too_many_orders_ends_nothing_else(
    exchange: Exchange, host: Host
) -> None:
    exchange.world = limited(Limits(orders_foreign=300))

    readings = await host.measure()

    [refused] = of(readings, Kind.FUTURES_ORDER_TEST)
    assert isinstance(refused, Answer)
    assert (refused.status, refused.code) == (429, -1015)
    assert of(readings, Kind.ORDERS) == []
    [weight] = of(readings, Kind.WEIGHT, USDM)
    assert isinstance(weight, WeightUse)
    assert weight.limit == 2400
    assert host.memory.gate.closure(host.settings.site(USDM)) is None


async def test_the_agent_stays_within_its_own_budget(exchange: Exchange, host: Host) -> None:
    host.memory = ExchangeMemory(Gate(), Budget(6))

    readings = await host.measure()

    spent = Failure(FailureReason.WITHHELD, "the agent's own weight budget is spent")
    assert of(readings, Kind.SPOT_ACCOUNT) == [spent]
    assert of(readings, Kind.FUTURES_ACCOUNT) == [spent]
    assert statuses(readings)[Kind.ACCOUNT_STATUS] == [200]
    assert len(exchange.requests) == 6


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
