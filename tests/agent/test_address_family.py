"""Requests to the exchange leave over the family that the engine uses."""

from dataclasses import replace

import pytest

from sonde_agent.config import parse
from sonde_agent.main import build
from sonde_agent.probes.exchange.probe import ScoutProbe
from sonde_core.errors import ConfigInvalidError
from sonde_core.readings import USDM, Answer, Failure, FailureReason, Kind
from sonde_lab.exchange import serve_exchange
from sonde_lab.world import World
from tests.agent.exchange_host import Host

ANY_IPV4, ANY_IPV6 = "0.0.0.0", "::"


async def scouted(there: str, local_address: str | None) -> Answer | Failure:
    """Return what a call to futures at an address came to, by one family or by either."""
    async with serve_exchange(World(), host=there) as exchange:
        host = Host(exchange.url, exchange.url)
        settings = replace(host.settings, local_address=local_address)
        probe = ScoutProbe(settings=settings, memory=host.memory)
        told = {(r.kind, r.subject): r.value async for r in probe.measure()}
    value = told[Kind.PUBLIC_CALL, USDM]
    assert isinstance(value, Answer | Failure)
    return value


@pytest.mark.parametrize(
    ("there", "local_address"),
    [
        ("127.0.0.1", None),
        ("::1", None),
        ("127.0.0.1", ANY_IPV4),
        ("::1", ANY_IPV6),
    ],
)
async def test_an_exchange_of_that_family_is_reached(there: str, local_address: str | None) -> None:
    answer = await scouted(there, local_address)

    assert isinstance(answer, Answer)
    assert answer.ok


@pytest.mark.parametrize(("there", "local_address"), [("127.0.0.1", ANY_IPV6), ("::1", ANY_IPV4)])
async def test_the_other_family_is_never_taken_in_its_place(there: str, local_address: str) -> None:
    failure = await scouted(there, local_address)

    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.CONNECTION


@pytest.mark.parametrize(
    ("written", "leaves_from"), [("ipv4", ANY_IPV4), ("ipv6", ANY_IPV6), ("", None)]
)
def test_the_configuration_names_the_family(written: str, leaves_from: str | None) -> None:
    agent = build(parse(f'[exchange]\nfamily = "{written}"', {}))

    scout = agent.clocks["exchange"]
    assert isinstance(scout, ScoutProbe)
    assert scout.settings.local_address == leaves_from


def test_another_word_is_refused() -> None:
    with pytest.raises(ConfigInvalidError, match=r"exchange\.family"):
        parse('[exchange]\nfamily = "ipv5"', {})
