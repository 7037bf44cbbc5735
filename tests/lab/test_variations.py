"""What else may differ: products, addresses by path, accounts that are refused."""

import re

import msgspec
import pytest

from sonde_lab.exchange.refusals import RESTRICTIONS
from sonde_lab.world import Account, FuturesAccount, Key, Restriction, Surface, SurfaceState, World
from tests.lab.calls import PEER, calling, refusal
from tests.lab.test_world import DOCUMENTATION

SPOT, SAPI, USDM = "/api/v3/account", "/sapi/v1/account/apiRestrictions", "/fapi/v3/account"
TEST_ORDER = "/fapi/v1/order/test"
ELSEWHERE = "198.51.100.7"
ONE_WAY, HEDGED = FuturesAccount(), FuturesAccount(dual_side_position=True)


def world(key: Key | None = None, **fields: object) -> World:
    return msgspec.structs.replace(World(seen_ip=PEER, keys=(key or Key(),)), **fields)


def restricted(restriction: Restriction) -> World:
    return world(Key(account=Account(futures=FuturesAccount(restriction=restriction))))


@pytest.mark.parametrize("restriction", Restriction)
async def test_a_restricted_futures_account_is_told_why(restriction: Restriction) -> None:
    async with calling(restricted(restriction)) as caller:
        answer = refusal(await caller.test_order(TEST_ORDER))
        spot = await caller.get(SPOT)

    assert answer == (400, *RESTRICTIONS[restriction])
    assert spot.status_code == 200


@pytest.mark.parametrize(
    ("restriction", "status"),
    [
        (Restriction.INACTIVE, 400),
        (Restriction.KEYS_LOCKED, 400),
        (Restriction.COOLING_OFF, 200),
        (Restriction.REDUCE_ONLY, 200),
        (Restriction.NO_ORDERS, 200),
    ],
)
async def test_only_a_shut_account_cannot_be_read(restriction: Restriction, status: int) -> None:
    async with calling(restricted(restriction)) as caller:
        assert (await caller.get(USDM)).status_code == status


def test_every_restriction_is_documented_with_its_code() -> None:
    section = DOCUMENTATION.split("\n## Restrictions of a futures account\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (-\d+) \|", section, re.MULTILINE)

    assert [(name, int(code)) for name, code in rows] == [
        (each.value, RESTRICTIONS[each][0]) for each in Restriction
    ]


async def test_a_key_may_be_known_to_some_products_only() -> None:
    spot_only = Key(surfaces=(Surface.SPOT,))
    async with calling(world(spot_only)) as caller:
        answers = [await caller.get(path) for path in (SPOT, SAPI, USDM)]

    assert [answer.status_code for answer in answers] == [200, 401, 401]
    assert refusal(answers[1])[1] == -2008
    assert refusal(answers[2])[1] == -2015


async def test_a_surface_that_is_not_offered_has_no_path() -> None:
    async with calling(world(sapi=SurfaceState(offered=False))) as caller:
        assert (await caller.get(SAPI)).status_code == 404
        assert (await caller.public("/sapi/v1/system/status")).status_code == 404
        assert (await caller.get(SPOT)).status_code == 200


async def test_a_surface_may_see_another_address() -> None:
    listed = Key(ip_list=(PEER,))
    async with calling(world(listed, usdm=SurfaceState(seen_ip=ELSEWHERE))) as caller:
        spot, futures = await caller.get(SPOT), refusal(await caller.get(USDM))

    assert spot.status_code == 200
    assert futures[2].endswith(f"request ip: {ELSEWHERE}")


async def test_echo_services_may_see_other_addresses_than_the_exchange() -> None:
    async with calling(world(echo_ips=(ELSEWHERE, "198.51.100.8"))) as caller:
        text, json = await caller.public("/_sonde/ip"), await caller.public("/_sonde/ip.json")

    assert (text.text, json.json()) == (f"{ELSEWHERE}\n", {"ip": "198.51.100.8"})


async def test_futures_can_use_other_words_for_an_address() -> None:
    listed = Key(ip_list=(ELSEWHERE,))
    async with calling(world(listed, futures_ip_code=-1011)) as caller:
        futures, spot = refusal(await caller.get(USDM)), refusal(await caller.get(SPOT))

    assert futures[1:] == (-1011, "This IP cannot access this route.")
    assert spot[1] == -2015


@pytest.mark.parametrize(
    ("account", "side", "status"),
    [(HEDGED, None, 400), (HEDGED, "LONG", 200), (ONE_WAY, None, 200), (ONE_WAY, "SHORT", 400)],
)
async def test_a_test_order_must_suit_the_position_mode(
    account: FuturesAccount, side: str | None, status: int
) -> None:
    key = Key(account=Account(futures=account))
    async with calling(world(key)) as caller:
        answer = await caller.test_order(TEST_ORDER, positionSide=side)

    assert answer.status_code == status
    assert status == 200 or refusal(answer)[1] == -4061


async def test_an_empty_wallet_pays_for_no_test_order() -> None:
    key = Key(account=Account(futures=FuturesAccount(funded=False)))
    async with calling(world(key)) as caller:
        assert refusal(await caller.test_order(TEST_ORDER)) == (
            400,
            -2019,
            "Margin is insufficient.",
        )


@pytest.mark.parametrize(
    "text", ['{"usdm": {"seen_ip": "nowhere"}}', '{"echo_ips": ["203.0.113.9", "nowhere"]}']
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="'nowhere' does not appear"):
        World.from_json(text)
