"""Which bans an agent still knows of after its configuration changed or it was started again."""

from datetime import timedelta

from sonde_agent import config, main
from sonde_agent.stopwatch import host_clock
from sonde_core.readings import SPOT, USDM
from sonde_core.readings import Answer as Refused
from sonde_lab.world import Limits, SurfaceState, World
from tests.e2e.agent.surroundings import Surroundings


async def test_a_ban_that_cannot_be_kept_outlives_a_changed_configuration(
    around: Surroundings,
) -> None:
    (around.home / "gate.json").mkdir()  # nothing can be written there
    (around.home / "gate.json" / "x").touch()
    end_ms = round((host_clock() + timedelta(minutes=5)).timestamp() * 1000)
    banned = SurfaceState(limits=Limits(banned_until_ms=end_ms))
    around.exchange.world = World(usdm=banned)
    agent = main.build(config.parse(around.text(), {}))
    await agent.collect()
    sent = len(around.exchange.requests)
    until = agent.closed_until("usdm")

    agent.become(main.build(config.parse(around.text("127.0.0.1:0"), {}), agent.now, agent))
    await agent.collect()

    again = [each.path for each in around.exchange.requests[sent:]]
    assert until
    assert agent.closed_until("usdm") == until
    assert [path for path in again if path.startswith("/fapi")] == []
    assert "/api/v3/exchangeInfo" not in again  # it was asked less than an hour ago


async def test_what_an_engine_was_told_where_the_agent_does_not_ask_outlives_a_restart(
    around: Surroundings,
) -> None:
    ban = Refused(status=418, retry_after=timedelta(minutes=5))
    agent = main.build(config.parse(around.text(), {}))
    for endpoint in ("papi", "usdm"):
        agent.told_to_wait(endpoint, ban)
    again = main.build(config.parse(around.text(), {}))

    told = {name: again.closed_until(name) for name in ("papi", "coinm", "usdm", "spot")}
    left = told.pop("papi")
    assert left
    assert timedelta(minutes=4) < left - host_clock() <= timedelta(minutes=5)
    assert set(told.values()) == {None}, "of what it asks it goes by the exchange's own word"


async def test_a_ban_is_not_taken_for_one_of_another_exchange(around: Surroundings) -> None:
    agent = main.build(config.parse(around.text(), {}))
    agent.memory.gate.note(agent.exchange.site(USDM), Refused(status=418))
    agent.memory.gate.note(agent.exchange.site(SPOT), Refused(status=418))
    other = around.text().replace(f'usdm = "{around.exchange.url}"', 'usdm = "https://b.example"')

    agent.become(main.build(config.parse(other, {}), agent.now, agent))
    there = [agent.closed_until(name) is not None for name in ("usdm", "spot")]
    agent.become(main.build(config.parse(around.text(), {}), agent.now, agent))
    back = [agent.closed_until(name) is not None for name in ("usdm", "spot")]

    assert (there, back) == ([False, True], [True, True])
