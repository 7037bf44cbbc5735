import pytest

from sonde_lab.exchange import Exchange
from sonde_lab.exchange.call import Request
from sonde_lab.world import (
    Account,
    Answer,
    Fault,
    FuturesAccount,
    Key,
    Permissions,
    SurfaceState,
    World,
)
from tests.lab.calls import PEER, Clock, calling, refusal

JSON = "application/json;charset=UTF-8"


@pytest.mark.parametrize("prefix", ["/api/v3", "/fapi/v1", "/dapi/v1"])
async def test_public_endpoints_answer_without_a_key(prefix: str) -> None:
    async with calling() as caller:
        ping, time, info = [
            await caller.public(f"{prefix}/{name}") for name in ("ping", "time", "exchangeInfo")
        ]

    assert {each.headers["Content-Type"] for each in (ping, time, info)} == {JSON}
    assert (ping.text, time.text) == ("{}", f'{{"serverTime":{caller.clock.ms}}}')
    assert len(info.json()["symbols"]) > 0
    assert info.json()["serverTime"] == caller.clock.ms


async def test_futures_symbols_have_what_real_clients_need() -> None:
    async with calling() as caller:
        symbol = (await caller.public("/fapi/v1/exchangeInfo")).json()["symbols"][0]

    filters = {each["filterType"]: each for each in symbol["filters"]}
    assert (symbol["symbol"], symbol["contractType"], symbol["status"]) == (
        "BTCUSDT",
        "PERPETUAL",
        "TRADING",
    )
    assert filters["PRICE_FILTER"]["tickSize"] == "0.10"
    assert filters["LOT_SIZE"]["stepSize"] == "0.001"


@pytest.mark.parametrize(("maintenance", "expected"), [(False, 0), (True, 1)])
async def test_the_system_status_needs_no_key(maintenance: bool, expected: int) -> None:  # noqa: FBT001
    async with calling(World(system_maintenance=maintenance)) as caller:
        response = await caller.public("/sapi/v1/system/status")

    assert response.json()["status"] == expected


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (Key(), {"ipRestrict": False, "enableFutures": True, "enableWithdrawals": False}),
        (Key(ip_list=(PEER,)), {"ipRestrict": True}),
        (Key(permissions=Permissions(enable_futures=False)), {"enableFutures": False}),
        (Key(permissions=Permissions(enable_withdrawals=True)), {"enableWithdrawals": True}),
        (Key(created_ms=1_710_000_000_000), {"createTime": 1_710_000_000_000}),
        (
            Key(permissions=Permissions(trading_authority_expiration_time=1_800_000_000_000)),
            {"tradingAuthorityExpirationTime": 1_800_000_000_000},
        ),
    ],
)
async def test_a_key_is_told_its_restrictions(key: Key, told: dict[str, object]) -> None:
    async with calling(World(seen_ip=PEER, keys=(key,))) as caller:
        answer = (await caller.get("/sapi/v1/account/apiRestrictions")).json()

    assert answer.items() >= told.items()
    expiry = "tradingAuthorityExpirationTime"
    assert len(answer.keys() - {expiry}) == 13
    assert (expiry in answer) == (expiry in told)


async def test_the_account_is_described_as_the_world_has_it() -> None:
    account = Account(
        status="Restricted: too many unfilled orders",
        api_locked=True,
        planned_recover_ms=1_767_360_000_000,
        can_trade=False,
        futures=FuturesAccount(can_trade=False, dual_side_position=True),
    )
    async with calling(World(keys=(Key(account=account),))) as caller:
        status = (await caller.get("/sapi/v1/account/status")).json()
        trading = (await caller.get("/sapi/v1/account/apiTradingStatus")).json()["data"]
        spot = (await caller.get("/api/v3/account")).json()
        config = (await caller.get("/fapi/v1/accountConfig")).json()
        old = (await caller.get("/fapi/v2/account")).json()

    assert status == {"data": "Restricted: too many unfilled orders"}
    assert (trading["isLocked"], trading["plannedRecoverTime"]) == (True, 1_767_360_000_000)
    assert (spot["canTrade"], old["canTrade"], config["canTrade"]) == (False, False, False)
    assert config["dualSidePosition"] is True


async def test_every_signed_endpoint_answers_a_good_key() -> None:
    paths = (
        "/fapi/v2/balance",
        "/fapi/v3/balance",
        "/fapi/v3/account",
        "/sapi/v1/capital/config/getall",
        "/sapi/v1/margin/allPairs",
        "/sapi/v1/margin/isolated/allPairs",
    )
    async with calling() as caller:
        answers = [await caller.get(path) for path in paths]

    assert [each.status_code for each in answers] == [200] * len(paths)
    assert {each.headers["Content-Type"] for each in answers} == {JSON}


async def test_a_spot_test_order_is_answered_with_nothing() -> None:
    async with calling() as caller:
        assert (await caller.test_order("/api/v3/order/test")).text == "{}"


async def test_a_futures_test_order_is_answered_with_the_order() -> None:
    async with calling() as caller:
        order = (await caller.test_order("/fapi/v1/order/test", newClientOrderId="mine")).json()

    assert (order["symbol"], order["side"], order["clientOrderId"], order["executedQty"]) == (
        "BTCUSDT",
        "BUY",
        "mine",
        "0",
    )


@pytest.mark.parametrize("path", ["/fapi/v1/nothing", "/dapi/v1/nothing"])
async def test_futures_name_a_path_that_does_not_exist(path: str) -> None:
    async with calling() as caller:
        response = await caller.public(path)

    assert refusal(response) == (404, -5000, f"Path {path}, Method GET is invalid")


@pytest.mark.parametrize("path", ["/api/v1/time", "/sapi/v1/nothing", "/", "/nothing"])
async def test_other_paths_that_do_not_exist_answer_html(path: str) -> None:
    async with calling() as caller:
        response = await caller.public(path)

    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html")


async def test_the_world_can_be_read_and_replaced() -> None:
    async with calling() as caller:
        caller.http.headers["X-MBX-APIKEY"] = "unused"
        before = await caller.http.get("/_sonde/world")
        changed = World(seen_ip="198.51.100.1", usdm=SurfaceState(clock_offset_ms=7000))
        put = await caller.http.put("/_sonde/world", content=changed.to_json())
        after = await caller.http.get("/_sonde/world")

        assert World.from_json(before.content) == World(seen_ip=PEER)
        assert World.from_json(put.content) == World.from_json(after.content) == changed
        assert caller.exchange.world == changed


async def test_a_world_that_is_wrong_changes_nothing() -> None:
    async with calling() as caller:
        response = await caller.http.put("/_sonde/world", content=b'{"seen": "1.2.3.4"}')

        assert (response.status_code, response.text) == (
            400,
            "World: Object contains unknown field `seen`. See docs/world.md.\n",
        )
        assert caller.exchange.world == World(seen_ip=PEER)


async def test_a_new_world_starts_counting_anew() -> None:
    async with calling(World(faults=(Fault(answer=Answer.WAF, times=1),))) as caller:
        first = await caller.public("/fapi/v1/ping")
        caller.exchange.world = caller.exchange.world
        second = await caller.public("/fapi/v1/ping")
        log = caller.exchange.requests

    assert (first.status_code, second.status_code, len(log)) == (403, 403, 1)


async def test_requests_are_remembered_without_values() -> None:
    async with calling() as caller:
        await caller.public("/fapi/v1/time")
        await caller.get("/fapi/v3/account", recvWindow=5000)
        await caller.test_order("/api/v3/order/test")
        log = (await caller.http.get("/_sonde/requests")).json()

    assert log[:2] == [
        {
            "method": "GET",
            "path": "/fapi/v1/time",
            "parameters": [],
            "signed": False,
            "api_key_last4": "",
            "status": 200,
        },
        {
            "method": "GET",
            "path": "/fapi/v3/account",
            "parameters": ["timestamp", "recvWindow"],
            "signed": True,
            "api_key_last4": "0001",
            "status": 200,
        },
    ]
    assert (log[2]["method"], log[2]["parameters"][0], len(log)) == ("POST", "timestamp", 3)


async def test_no_more_than_a_thousand_requests_are_remembered() -> None:
    exchange = Exchange(World(), url="", now=Clock())
    request = Request(method="GET", path="/", query=b"", body=b"", api_key="", peer=PEER)
    for _ in range(1005):
        await exchange.answer(request)

    assert len(exchange.requests) == 1000


@pytest.mark.parametrize(("seen", "told"), [("203.0.113.9", "203.0.113.9"), (None, "127.0.0.1")])
async def test_an_echo_tells_the_address_that_the_exchange_sees(
    seen: str | None, told: str
) -> None:
    async with calling(World(seen_ip=seen)) as caller:
        text = await caller.http.get("/_sonde/ip")
        json = await caller.http.get("/_sonde/ip.json")

    assert (text.text, json.json()) == (f"{told}\n", {"ip": told})


async def test_a_caller_cannot_claim_another_address() -> None:
    async with calling(World()) as caller:
        seen = await caller.http.get("/_sonde/ip", headers={"X-Forwarded-For": PEER})

    assert seen.text == "127.0.0.1\n"


async def test_the_spot_exchange_tells_the_rules_of_one_symbol_and_refuses_others() -> None:
    async with calling() as caller:
        one = await caller.raw("GET", "/api/v3/exchangeInfo", "symbol=LTCBTC")
        none = await caller.raw("GET", "/api/v3/exchangeInfo", "symbol=NOSUCH")

    assert [each["symbol"] for each in one.json()["symbols"]] == ["LTCBTC"]
    assert refusal(none)[:2] == (400, -1121)


@pytest.mark.parametrize("path", ["/api/v3/ticker/price", "/fapi/v1/ticker/price"])
async def test_the_last_price_is_told_of_one_symbol_or_of_all(path: str) -> None:
    async with calling() as caller:
        one = await caller.raw("GET", path, "symbol=ETHUSDT")
        every = await caller.raw("GET", path)
        none = await caller.raw("GET", path, "symbol=NOSUCH")

    assert one.json()["price"] == "3120.00"
    assert one.json() in every.json()
    assert refusal(none)[:2] == (400, -1121)
