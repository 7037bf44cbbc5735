"""What is told of orders, where a host has several accounts."""

from datetime import UTC, datetime, timedelta

from sonde_agent.metrics import _orders as told
from sonde_agent.tally import Tally
from sonde_core.readings import Kind, OrderUse, OrderWindow, Reading, Subject

SECOND = timedelta(seconds=1)


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
