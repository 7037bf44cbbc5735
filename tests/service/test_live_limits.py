"""The live limits of the symbol in a refusal, beside the order's own numbers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1.agent_service_pb2 import (
    CollectEvidenceRequest,
    CollectEvidenceResponse,
    GetSymbolRulesResponse,
)
from sonde.agent.v1.reading_pb2 import READING_KIND_SYMBOL_RULES, Reading, SymbolRules
from sonde_agent import config, main
from sonde_agent.server import AgentService
from sonde_core.explainer import explain
from sonde_core.words import Words
from sonde_lab.exchange import serve_exchange
from sonde_lab.world import World
from sonde_service.hosts import Host
from sonde_service.links import AgentLink, DirectLink
from sonde_service.live_limits import live_numbers
from sonde_wire.serving import bind, new_server
from tests.agent_home import AgentHome
from tests.service.agents import Context, agent
from tests.service.kept import host
from tests.service.links import FakeLink

TOO_SMALL = (
    '{"code":-4164,"msg":"Order\'s notional must be no smaller than 5 (unless you choose reduce '
    'only)"} symbol=ETHUSDT side=BUY type=LIMIT quantity=0.001 price=3120'
)
PRECISE = (
    "binance fapi {'code': -1111, 'msg': 'Precision is over the maximum defined for this asset.'} "
    "{'symbol': 'ETHUSDT', 'quantity': 0.0125, 'price': 3120.17}"
)
LIMIT = timedelta(seconds=20)


async def told(text: str, link: AgentLink, asked: Host) -> list[str]:
    items = await live_numbers(link, asked, explain(text), text, LIMIT)
    return [Words().sentence(item) for item in items]


async def test_the_numbers_of_the_order_stand_beside_the_live_limits() -> None:
    link = FakeLink()

    assert await told(PRECISE, link, host("fine")) == [
        "The quantity 0.0125 has 4 decimals, ETHUSDT takes at most 3: 0.012 or 0.013 is valid.",
        "The price 3,120.17 has 2 decimals, ETHUSDT takes at most 1: 3,120.1 or 3,120.2 is valid.",
    ]
    assert link.asked == ["fine usdm/ETHUSDT"]


async def test_an_agent_that_is_away_costs_the_live_limits_only_and_that_is_said() -> None:
    assert await told(TOO_SMALL, FakeLink(), host("gone")) == [
        "0.001 × 3,120 = 3.12 USDT is under the minimum of 5.",
        "The live limits of ETHUSDT could not be read on gone: connection refused",
    ]


@pytest.mark.parametrize(
    ("surface", "asked"),
    [
        ("https://api.binance.com/api/v3/order", ["fine spot/ETHUSDT"]),
        ("https://fapi.binance.com/fapi/v1/order", ["fine usdm/ETHUSDT"]),
        ("https://papi.binance.com/papi/v1/um/order", ["fine usdm/ETHUSDT"]),
        ("https://papi.binance.com/papi/v1/cm/order", []),
        ("https://papi.binance.com/papi/v1/margin/order", ["fine spot/ETHUSDT"]),
        ("https://papi.binance.com/papi/v1/um/conditional/order", ["fine usdm/ETHUSDT"]),
        ("wss://ws-fapi.binance.com/ws-fapi/v1", ["fine usdm/ETHUSDT"]),
        ("https://dapi.binance.com/dapi/v1/order", []),
    ],
)
async def test_the_endpoint_is_the_one_that_refused(surface: str, asked: list[str]) -> None:
    link = FakeLink()

    await told(f"{surface} {PRECISE.removeprefix('binance fapi ')}", link, host("fine"))

    assert link.asked == asked


@pytest.mark.parametrize(
    "text",
    [
        "Timestamp for this request was 1000ms ahead of the server's time. symbol=ETHUSDT",
        "{'code': -1111, 'msg': 'Precision is over the maximum defined for this asset.'}",
        "hello",
    ],
)
async def test_nobody_is_asked_where_limits_or_a_symbol_are_beside_the_point(text: str) -> None:
    link = FakeLink()

    await told(text, link, host("fine"))

    assert link.asked == []


class Answers(FakeLink):
    """Answers with one message."""

    message = Reading()

    async def symbol_rules(
        self, host: Host, endpoint: str, symbol: str, limit: timedelta
    ) -> GetSymbolRulesResponse:
        del host, endpoint, symbol, limit
        return GetSymbolRulesResponse(reading=self.message)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (Reading(), "its agent sent something else"),
        (Reading(kind=READING_KIND_SYMBOL_RULES), "its agent sent something else"),
        (
            Reading(kind=READING_KIND_SYMBOL_RULES, symbol_rules=SymbolRules(tick_size="0x1")),
            "its agent sent what makes no sense",
        ),
    ],
)
async def test_an_agent_that_sends_nonsense_costs_the_live_limits_only(
    message: Reading, why: str
) -> None:
    link = Answers()
    link.message = message

    assert (await told(TOO_SMALL, link, host("odd")))[1:] == [
        f"The live limits of ETHUSDT could not be read on odd: {why}"
    ]


@asynccontextmanager
async def served(servicer: rpc.AgentServiceServicer, directory: Path) -> AsyncIterator[Host]:
    server = new_server(max_concurrent_streams=16, max_receive_bytes=65_536)
    rpc.add_AgentServiceServicer_to_server(servicer, server)
    address = bind(server, f"unix:{directory}/agent.sock")
    await server.start()
    yield host("real", address=address)
    await server.stop(None)


async def test_a_real_agent_reads_them_from_the_exchange(tmp_path: Path) -> None:
    home = AgentHome(tmp_path)
    text = TOO_SMALL.replace("no smaller than 5", "too small")
    async with serve_exchange(World()) as exchange:
        home.furnish(exchange=exchange.url, servers=["127.0.0.1:1"])
        built = main.build(config.parse(home.config.read_text(), {}))
        async with served(AgentService(built), tmp_path) as asked:
            numbers = await told(text, DirectLink(), asked)
            unknown = await told(TOO_SMALL.replace("ETH", "NOSUCH"), DirectLink(), asked)
            anywhere = "-1111 Precision is over the maximum defined for this asset. NOSUCHUSDT"
            elsewhere = await told(anywhere, DirectLink(), asked)
            margin = f"https://papi.binance.com/papi/v1 {anywhere}"
            either = await told(margin, DirectLink(), asked)

    assert numbers == [
        "0.001 × 3,120 = 3.12 USDT is under the minimum of 5. "
        "At this price, 0.002 is the least quantity."
    ]
    assert unknown == ["The exchange has no symbol NOSUCHUSDT there (usdm)."]
    assert either[-1] == elsewhere[-1]
    assert elsewhere[-1] == (
        "The live limits of NOSUCHUSDT could not be read on real: "
        "the exchange has no symbol NOSUCHUSDT"
    )


async def collects_only(
    request: CollectEvidenceRequest, context: Context
) -> AsyncIterator[CollectEvidenceResponse]:
    """Know no other method."""
    del request, context
    yield CollectEvidenceResponse()


async def test_an_agent_that_is_too_old_is_told_as_that(tmp_path: Path) -> None:
    async with agent(tmp_path, collects_only) as address:
        numbers = await told(TOO_SMALL, DirectLink(), host("real", address=address))

    assert numbers[1:] == [
        "The live limits of ETHUSDT could not be read on real: UNIMPLEMENTED: Method not found!"
    ]
