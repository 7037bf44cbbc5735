from collections.abc import Sequence
from itertools import permutations

import msgspec
import pytest

from sonde_lab.world import (
    Account,
    Check,
    FuturesAccount,
    Key,
    Permissions,
    World,
)
from tests.lab.calls import PEER, calling, refusal

SPOT, SAPI, USDM = "/api/v3/account", "/sapi/v1/account/apiRestrictions", "/fapi/v3/account"
REJECTED = "Invalid API-key, IP, or permissions for action"

DELETED = Key(deleted=True)
UNKNOWN = Key(api_key="U" * 64)
IP_BLOCKED = Key(ip_list=("198.51.100.7",))
NOTHING_ALLOWED = Key(
    permissions=Permissions(
        enable_reading=False, enable_futures=False, enable_spot_and_margin_trading=False
    )
)


def world(key: Key, **fields: object) -> World:
    return msgspec.structs.replace(World(seen_ip=PEER, keys=(key,)), **fields)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SPOT, f'{{"code":-2015,"msg":"{REJECTED}."}}'),
        (SAPI, f'{{"code":-2015,"msg":"{REJECTED}."}}'),
        (USDM, f'{{"code":-2015,"msg":"{REJECTED}, request ip: {PEER}"}}'),
    ],
)
async def test_no_one_can_tell_from_the_text_why_a_key_is_rejected(path: str, body: str) -> None:
    answers = set()
    for key in (DELETED, UNKNOWN, IP_BLOCKED, NOTHING_ALLOWED):
        async with calling(world(key, sapi_unknown_key_code=-2015)) as caller:
            response = await caller.get(path)
            headers = sorted(response.headers.multi_items())
            answers.add((response.status_code, response.text, str(headers)))

    assert {(status, text) for status, text, _ in answers} == {(401, body)}
    assert len(answers) == 1


def test_the_spot_text_has_the_observed_length() -> None:
    assert len(f'{{"code":-2015,"msg":"{REJECTED}."}}') == 70


@pytest.mark.parametrize("key", [DELETED, UNKNOWN], ids=["deleted", "unknown"])
async def test_wallet_endpoints_do_not_know_the_id_of_an_unknown_key(key: Key) -> None:
    async with calling(world(key)) as caller:
        assert refusal(await caller.get(SAPI)) == (401, -2008, "Invalid Api-Key ID.")
        assert refusal(await caller.get(SPOT))[:2] == (401, -2015)


async def test_wallet_endpoints_can_use_the_older_words_for_a_permission() -> None:
    async with calling(world(NOTHING_ALLOWED, sapi_permission_code=-1002)) as caller:
        answer = refusal(await caller.get(SAPI))

    assert answer == (400, -1002, "You are not authorized to execute this request.")


@pytest.mark.parametrize("api_key", ["", "short", "x" * 63 + "!"])
async def test_what_cannot_be_a_key_is_told_so(api_key: str) -> None:
    async with calling() as caller:
        caller.api_key = api_key
        answers = {refusal(await caller.get(path)) for path in (SPOT, SAPI, USDM)}

    assert answers == {(401, -2014, "API-key format invalid.")}


async def test_a_missing_signature_is_noticed_before_the_key() -> None:
    async with calling() as caller:
        caller.api_key = ""
        response = await caller.raw("GET", SPOT, f"timestamp={caller.clock.ms}")

    assert refusal(response) == (
        400,
        -1102,
        "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.",
    )


async def test_an_address_on_the_list_is_accepted() -> None:
    async with calling(world(Key(ip_list=("2001:db8::1", PEER)))) as caller:
        assert [(await caller.get(path)).status_code for path in (SPOT, SAPI, USDM)] == [200] * 3


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(
            Key(permissions=Permissions(enable_futures=False)),
            [200, 200, 401, 200, 401],
            id="futures off",
        ),
        pytest.param(
            Key(permissions=Permissions(enable_reading=False)),
            [401, 401, 401, 200, 200],
            id="reading off",
        ),
        pytest.param(
            Key(permissions=Permissions(enable_spot_and_margin_trading=False)),
            [200, 200, 200, 401, 200],
            id="spot trading off",
        ),
        pytest.param(
            Key(account=Account(futures=FuturesAccount(opened_ms=None))),
            [200, 200, 401, 200, 401],
            id="no futures account",
        ),
        pytest.param(
            Key(created_ms=1, account=Account(futures=FuturesAccount(opened_ms=2))),
            [200, 200, 401, 200, 401],
            id="key older than the futures account",
        ),
    ],
)
async def test_a_permission_opens_what_it_names_and_nothing_else(
    key: Key, expected: Sequence[int]
) -> None:
    async with calling(world(key)) as caller:
        answers = [await caller.get(path) for path in (SPOT, SAPI, USDM)]
        answers += [
            await caller.test_order(path) for path in ("/api/v3/order/test", "/fapi/v1/order/test")
        ]
        public = await caller.public("/fapi/v1/exchangeInfo")

    assert [answer.status_code for answer in answers] == expected
    assert public.status_code == 200


def faulty() -> World:
    """Return a world in which every check of a signed request refuses."""
    key = Key(ip_list=("198.51.100.7",), permissions=Permissions(enable_reading=False))
    return world(key, clock_offset_ms=9000)


FIRST = {
    Check.IP: -2015,
    Check.TIMESTAMP: -1021,
    Check.SIGNATURE: -1022,
}


@pytest.mark.parametrize("order", list(permutations(FIRST)), ids="-".join)
async def test_a_world_decides_which_check_comes_first(order: tuple[Check, ...]) -> None:
    rest = tuple(check for check in Check if check not in order)
    described = msgspec.structs.replace(faulty(), check_order=(*order, *rest))
    async with calling(described) as caller:
        caller.secret = "wrong"

        assert refusal(await caller.get(SPOT))[1] == FIRST[order[0]]


@pytest.mark.parametrize("first", list(Check))
async def test_an_unknown_key_is_refused_whatever_is_checked_first(first: Check) -> None:
    order = (first, *(check for check in Check if check is not first))
    async with calling(world(UNKNOWN, check_order=order)) as caller:
        answers = [await caller.get(path) for path in (SPOT, SAPI, USDM)]
        answers.append(await caller.test_order("/fapi/v1/order/test"))

    assert [answer.status_code for answer in answers] == [401] * 4


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"symbol": "NONE"}, (400, -1121, "Invalid symbol.")),
        ({"side": "HOLD"}, (400, -1117, "Invalid side.")),
        (
            {"quantity": None},
            (
                400,
                -1102,
                "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
            ),
        ),
    ],
)
@pytest.mark.parametrize("path", ["/api/v3/order/test", "/fapi/v1/order/test"])
async def test_orders_with_nonsense_are_refused(
    path: str, parameters: dict[str, object], expected: tuple[int, int, str]
) -> None:
    async with calling() as caller:
        assert refusal(await caller.test_order(path, **parameters)) == expected


async def test_a_real_order_has_nowhere_to_go() -> None:
    async with calling() as caller:
        response = await caller.raw("POST", "/fapi/v1/order", "symbol=BTCUSDT")

    assert refusal(response) == (404, -5000, "Path /fapi/v1/order, Method POST is invalid")
