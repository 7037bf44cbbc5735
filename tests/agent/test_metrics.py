"""What is told of request weight, and of orders where a host has several accounts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sonde_agent.config import parse
from sonde_agent.main import build
from sonde_agent.metrics import _orders as told
from sonde_agent.metrics import _weights
from sonde_agent.path_watch import look
from sonde_agent.tally import Tally
from sonde_core.readings import Kind, OrderUse, OrderWindow, Reading, Subject
from sonde_lab.exchange import serve_exchange
from sonde_lab.world import Limits, SurfaceState, World

SECOND = timedelta(seconds=1)
CUSTOM = """
[agent]
state_dir = "{home}"
[exchange]
environment = "custom"
[exchange.urls]
spot = "{url}"
usdm = "{url}"
"""


async def test_weights_are_told_of_a_host_that_nobody_diagnoses(tmp_path: Path) -> None:
    world = World(usdm=SurfaceState(limits=Limits(weight_foreign=700)))
    async with serve_exchange(world) as exchange:
        agent = build(parse(CUSTOM.format(home=tmp_path, url=exchange.url), {}))
        await look(agent.path, agent.now)

    samples = {
        (each.name, each.labels["endpoint"]): each.value
        for metric in _weights(agent)
        for each in metric.samples
    }
    assert samples["sonde_request_weight_used", "usdm"] >= 700
    assert 0 < samples["sonde_request_weight_own", "usdm"] < 10
    assert ("sonde_request_weight_used", "spot") in samples


def counted(account: str, *windows: OrderWindow, endpoint: str = "usdm") -> Reading:
    return Reading(
        kind=Kind.ORDERS,
        subject=Subject("account", account),
        time=datetime(2030, 1, 1, tzinfo=UTC),
        value=OrderUse(endpoint=endpoint, windows=windows),
    )


def window(seconds: int, used: int, limit: int | None = None) -> OrderWindow:
    return OrderWindow(span=seconds * SECOND, used=used, limit=limit)


def test_of_several_accounts_the_one_with_the_most_orders_counts_in_each_window() -> None:
    tally = Tally()
    tally.read(counted("a", window(10, 299, 300), window(60, 300, 1200)))
    tally.read(counted("b", window(10, 1, 300), window(60, 900, 1200)))
    tally.read(counted("b", window(10, 7), endpoint="spot"))
    tally.read(counted("b", window(10, 2, 300), window(60, 800, 1200)))

    samples = {
        (each.name, each.labels["endpoint"], each.labels["window"]): each.value
        for metric in told(tally)
        for each in metric.samples
    }
    assert samples == {
        ("sonde_orders_used", "usdm", "10s"): 299,
        ("sonde_orders_limit", "usdm", "10s"): 300,
        ("sonde_orders_used", "usdm", "60s"): 800,
        ("sonde_orders_limit", "usdm", "60s"): 1200,
        ("sonde_orders_used", "spot", "10s"): 7,
    }
