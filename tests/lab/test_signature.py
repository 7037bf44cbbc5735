import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from sonde_lab.exchange.signature import matches, payload
from sonde_lab.world import Key, World
from tests.lab.calls import PEER, calling, refusal

VECTORS = json.loads(
    (Path(__file__).parents[1] / "data" / "signing_vectors.json").read_text(encoding="utf-8")
)


class Vector(NamedTuple):
    key: Key
    name: str
    query: str
    body: str
    signature: str


def vectors() -> list[Vector]:
    return [
        Vector(Key(api_key=group["api_key"], secret=group["secret"]), **vector)
        for group in (VECTORS["spot"], VECTORS["usdm"])
        for vector in group["vectors"]
    ]


def test_there_are_nine_published_vectors() -> None:
    assert len(vectors()) == 9


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.name)
def test_published_signatures_match(vector: Vector) -> None:
    signed = payload(vector.query.encode(), vector.body.encode())

    assert matches(vector.key, signed, vector.signature)
    assert matches(vector.key, signed, vector.signature.upper())
    assert not matches(vector.key, signed + b"0", vector.signature)


SERVED = {
    "spot-ascii": ("POST", "/api/v3/order/test", 200),
    # Not a symbol that is traded: refused for that, after the signature was accepted.
    "spot-unicode": ("POST", "/api/v3/order/test", -1121),
    "spot-mixed": ("POST", "/api/v3/order/test", 200),
    "spot-timestamp-only": ("GET", "/api/v3/account", 200),
    "usdm-query": ("POST", "/fapi/v1/order/test", 200),
    "usdm-body": ("POST", "/fapi/v1/order/test", 200),
    "usdm-mixed": ("POST", "/fapi/v1/order/test", 200),
}


@pytest.mark.parametrize("place", ["query", "body"])
@pytest.mark.parametrize(
    "vector", [each for each in vectors() if each.name in SERVED], ids=lambda vector: vector.name
)
async def test_published_requests_are_accepted(vector: Vector, place: str) -> None:
    method, path, expected = SERVED[vector.name]
    async with calling(World(keys=(vector.key,))) as caller:
        caller.api_key = vector.key.api_key
        stamp = int((vector.query + vector.body).split("timestamp=")[1])
        caller.clock.instant = datetime.fromtimestamp(stamp / 1000, UTC)
        query, body = (
            f"{part}&signature={vector.signature}".removeprefix("&") if place == name else part
            for name, part in (("query", vector.query), ("body", vector.body))
        )

        response = await caller.raw(method, path, query, body)

    answer = response.json()
    assert answer.get("code", response.status_code) == expected


async def test_on_spot_the_signature_may_stand_anywhere_and_in_either_case() -> None:
    async with calling() as caller:
        signed = f"timestamp={caller.clock.ms}&recvWindow=5000"
        signature = caller.sign(signed).upper()
        query = f"timestamp={caller.clock.ms}&signature={signature}&recvWindow=5000"

        response = await caller.raw("GET", "/api/v3/account", query)

    assert response.status_code == 200


async def test_another_order_of_parameters_needs_another_signature() -> None:
    async with calling() as caller:
        signature = caller.sign(f"recvWindow=5000&timestamp={caller.clock.ms}")
        query = f"timestamp={caller.clock.ms}&recvWindow=5000&signature={signature}"

        response = await caller.raw("GET", "/fapi/v3/account", query)

    assert refusal(response) == (400, -1022, "Signature for this request is not valid.")


async def test_a_wrong_secret_is_refused_on_every_surface() -> None:
    async with calling() as caller:
        caller.secret = "wrong"
        paths = ("/api/v3/account", "/fapi/v3/account", "/sapi/v1/account/status")

        refusals = {refusal(await caller.get(path)) for path in paths}

    assert refusals == {(400, -1022, "Signature for this request is not valid.")}


async def test_where_query_and_body_disagree_the_query_wins() -> None:
    async with calling(World(seen_ip=PEER)) as caller:
        query, body = "symbol=BTCUSDT&side=BUY", f"symbol=NONE&timestamp={caller.clock.ms}"
        rest = "&type=MARKET&quantity=1"
        signature = caller.sign(query + body + rest)

        response = await caller.raw(
            "POST", "/fapi/v1/order/test", query, f"{body}{rest}&signature={signature}"
        )

    assert response.json()["symbol"] == "BTCUSDT"
