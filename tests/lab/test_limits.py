import re

import httpx
import pytest

from sonde_lab.world import Limits, SurfaceState, World
from tests.lab.calls import PEER, calling, refusal

FUTURES_429 = (
    f"Too many requests; current limit of IP({PEER}) is 2400 requests per minute. "
    "Please use the websocket for live updates to avoid polling the API."
)
SPOT_429 = (
    "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
    "Please use WebSocket Streams for live updates to avoid polling the API."
)


def usdm(limits: Limits) -> World:
    return World(seen_ip=PEER, usdm=SurfaceState(limits=limits))


def used(response: httpx.Response) -> int:
    return int(response.headers["x-mbx-used-weight-1m"])


async def test_every_answer_says_how_much_weight_is_used() -> None:
    async with calling() as caller:
        first = await caller.public("/fapi/v1/ping")
        second = await caller.get("/fapi/v1/accountConfig")
        caller.api_key = ""
        refused = await caller.get("/fapi/v1/accountConfig")
        spot = await caller.get("/api/v3/account")

    assert [used(each) for each in (first, second, refused, spot)] == [1, 6, 11, 20]
    assert refused.headers["x-mbx-used-weight"] == "11"


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        ("/api/v3/ping", 1),
        ("/api/v3/time", 1),
        ("/api/v3/exchangeInfo", 20),
        ("/api/v3/ticker/price", 2),
        ("/api/v3/account", 20),
        ("/fapi/v1/ping", 1),
        ("/fapi/v1/time", 1),
        ("/fapi/v1/exchangeInfo", 1),
        ("/fapi/v1/ticker/price", 1),
        ("/fapi/v2/account", 5),
        ("/fapi/v3/account", 5),
        ("/fapi/v3/balance", 5),
        ("/fapi/v1/accountConfig", 5),
        ("/dapi/v1/exchangeInfo", 1),
    ],
)
async def test_weights_are_those_of_the_documentation(path: str, weight: int) -> None:
    async with calling() as caller:
        assert used(await caller.get(path)) == weight


async def test_wallet_endpoints_are_counted_one_by_one() -> None:
    async with calling() as caller:
        answers = [
            await caller.get(f"/sapi/v1/account/{name}")
            for name in ("status", "status", "apiRestrictions")
        ]

    assert [each.headers["X-SAPI-USED-IP-WEIGHT-1M"] for each in answers] == ["1", "2", "1"]
    assert "x-mbx-used-weight-1m" not in answers[0].headers


async def test_a_new_minute_starts_with_what_another_tool_uses() -> None:
    async with calling(usdm(Limits(weight_used=500, weight_foreign=100))) as caller:
        first = await caller.public("/fapi/v1/ping")
        caller.clock.pass_by(seconds=44)
        same_minute = await caller.public("/fapi/v1/ping")
        caller.clock.pass_by(seconds=1)
        next_minute = await caller.public("/fapi/v1/ping")

    assert [used(each) for each in (first, same_minute, next_minute)] == [601, 602, 101]


@pytest.mark.parametrize(
    ("path", "world", "text"),
    [
        ("/fapi/v1/ping", usdm(Limits(weight_used=2400)), FUTURES_429),
        ("/api/v3/ping", World(spot=SurfaceState(limits=Limits(weight_used=6000))), SPOT_429),
    ],
    ids=["futures", "spot"],
)
async def test_too_much_weight_is_refused_until_the_minute_ends(
    path: str, world: World, text: str
) -> None:
    async with calling(world) as caller:
        refused = await caller.public(path)
        caller.clock.pass_by(seconds=45)
        later = await caller.public(path)

    assert refusal(refused) == (429, -1003, text)
    assert refused.headers["Retry-After"] == "45"
    assert later.status_code == 200


async def test_who_does_not_stop_is_banned() -> None:
    async with calling(
        usdm(Limits(weight_limit=2, refusals_before_ban=2, ban_ms=150_500))
    ) as caller:
        answers = [await caller.public("/fapi/v1/ping") for _ in range(6)]
        until = caller.clock.ms + 150_500
        spot = await caller.public("/api/v3/ping")

    assert [each.status_code for each in answers] == [200, 200, 429, 429, 418, 418]
    assert refusal(answers[5]) == (
        418,
        -1003,
        f"Way too many requests; IP({PEER}) banned until {until}. "
        "Please use the websocket for live updates to avoid bans.",
    )
    assert answers[5].headers["Retry-After"] == "151"
    assert spot.status_code == 200


async def test_who_backs_off_is_forgiven() -> None:
    async with calling(usdm(Limits(weight_limit=1, refusals_before_ban=2))) as caller:
        statuses = []
        for _ in range(3):
            statuses += [(await caller.public("/fapi/v1/ping")).status_code for _ in range(3)]
            caller.clock.pass_by(minutes=1)

    assert statuses == [200, 429, 429] * 3


async def test_a_ban_ends_at_the_instant_it_names() -> None:
    until = 1_767_355_215_000 + 120_000
    world = World(spot=SurfaceState(limits=Limits(banned_until_ms=until)))
    async with calling(world) as caller:
        banned = await caller.public("/api/v3/time")
        signed = await caller.get("/api/v3/account")
        caller.clock.pass_by(minutes=2)
        lifted = await caller.public("/api/v3/time")

    assert refusal(banned) == (
        418,
        -1003,
        f"Way too much request weight used; IP banned until {until}. "
        "Please use WebSocket Streams for live updates to avoid bans.",
    )
    assert banned.headers["Retry-After"] == "120"
    assert (signed.status_code, lifted.status_code) == (418, 200)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(weight_used=9999, retry_after=False),
        Limits(banned_until_ms=10**14, retry_after=False),
    ],
)
async def test_futures_may_leave_out_when_to_come_back(limits: Limits) -> None:
    async with calling(usdm(limits)) as caller:
        response = await caller.public("/fapi/v1/ping")

    assert response.status_code in {418, 429}
    assert "Retry-After" not in response.headers


async def test_published_limits_are_the_ones_in_force() -> None:
    async with calling(usdm(Limits(weight_limit=1234))) as caller:
        futures = (await caller.public("/fapi/v1/exchangeInfo")).json()["rateLimits"]
        spot = (await caller.public("/api/v3/exchangeInfo")).json()["rateLimits"]

    assert _limits(futures) == {
        ("REQUEST_WEIGHT", 1, "MINUTE"): 1234,
        ("ORDERS", 1, "MINUTE"): 1200,
        ("ORDERS", 10, "SECOND"): 300,
    }
    assert _limits(spot) == {
        ("REQUEST_WEIGHT", 1, "MINUTE"): 6000,
        ("ORDERS", 10, "SECOND"): 50,
        ("ORDERS", 1, "DAY"): 160_000,
        ("RAW_REQUESTS", 5, "MINUTE"): 300_000,
    }


def _limits(published: list[dict[str, object]]) -> dict[tuple[object, ...], object]:
    return {
        (each["rateLimitType"], each["intervalNum"], each["interval"]): each["limit"]
        for each in published
    }


async def test_test_orders_are_answered_with_order_counts() -> None:
    async with calling() as caller:
        futures = [await caller.test_order("/fapi/v1/order/test") for _ in range(2)]
        caller.clock.pass_by(seconds=10)
        futures.append(await caller.test_order("/fapi/v1/order/test"))
        spot = await caller.test_order("/api/v3/order/test")

    assert [_order_counts(each) for each in futures] == [
        {"10s": "1", "1m": "1"},
        {"10s": "2", "1m": "2"},
        {"10s": "1", "1m": "3"},
    ]
    assert _order_counts(spot) == {"10s": "1", "1d": "1"}


async def test_too_many_orders_are_refused_until_the_span_ends() -> None:
    world = World(
        usdm=SurfaceState(limits=Limits(orders_foreign=299)),
        spot=SurfaceState(limits=Limits(orders_foreign=60)),
    )
    async with calling(world) as caller:
        futures = [await caller.test_order("/fapi/v1/order/test") for _ in range(2)]
        spot = await caller.test_order("/api/v3/order/test")
        caller.clock.pass_by(seconds=10)
        later = await caller.test_order("/fapi/v1/order/test")

    assert _order_counts(futures[0]) == {"10s": "300", "1m": "300"}
    assert refusal(futures[1]) == (
        429,
        -1015,
        "Too many new orders; current limit is 300 orders per 10 SECOND.",
    )
    assert _order_counts(futures[1]) == {}
    assert refusal(spot)[1] == -1015
    assert _order_counts(later) == {"10s": "300", "1m": "301"}


def _order_counts(response: httpx.Response) -> dict[str, str]:
    return {
        name.removeprefix("x-mbx-order-count-"): value
        for name, value in response.headers.items()
        if re.match("x-mbx-order-count-", name)
    }
