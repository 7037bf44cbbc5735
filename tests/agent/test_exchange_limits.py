"""What the exchange probe does about limits and bans, and what it tells of them."""

from sonde_agent.probes.exchange.client import ExchangeMemory
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.weight import Budget
from sonde_agent.stopwatch import host_clock
from sonde_core.readings import (
    COINM,
    SIGNED_KINDS,
    USDM,
    Answer,
    Closure,
    Failure,
    FailureReason,
    Kind,
    OrderUse,
    OrderWindow,
    WeightUse,
)
from sonde_lab.exchange import Exchange
from sonde_lab.world import Answer as FaultAnswer
from sonde_lab.world import Fault, Limits, SurfaceState, World
from tests.agent.exchange_host import FUTURES, SECOND, Host, of, statuses


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
