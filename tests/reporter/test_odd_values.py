"""What makes no sense in a report is left out, and never costs the report."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Never

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sonde_reporter import Reporter
from tests.reporter.agents import ListeningAgent, listening

fuzzed: Callable[[Any], Any] = settings(
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # one agent takes all of it
)


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[ListeningAgent]:
    async with listening(tmp_path) as there:
        yield there


class NoZone(tzinfo):
    """Knows nothing."""

    def utcoffset(self, _: datetime | None) -> Never:
        raise RuntimeError("no zone")

    dst = tzname = utcoffset


class NoTime(datetime):
    """A datetime and no instant, like the NaT of pandas."""

    def timestamp(self) -> float:
        return float("nan")


LATEST = datetime.max  # noqa: DTZ901 - a time zone can lead beyond it


class Odd(Enum):
    NAMED = "BUY"
    LISTED = ("BUY",)
    NUMBERED = -(10**30)


class HostileError(Exception):
    """Raises at every touch."""

    def __str__(self) -> Never:
        raise ValueError("no text")

    __float__ = __int__ = __bool__ = __str__


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"interval": 30}, {"heartbeatInterval": "30s"}),
        ({"interval": 1.5}, {"heartbeatInterval": "1.500s"}),
        ({"interval": timedelta(milliseconds=1)}, {"heartbeatInterval": "1s"}),
        ({"interval": timedelta(days=9)}, {"heartbeatInterval": "86400s"}),
        ({"interval": 0}, {}),
        ({"interval": True}, {}),
        ({"interval": timedelta(seconds=-30)}, {}),
        ({"interval": float("inf")}, {}),
        ({"uptime": 90}, {"uptime": "90s"}),
        ({"uptime": 0}, {"uptime": "0s"}),
        ({"uptime": -1}, {}),
        ({"uptime": float("nan")}, {}),
        ({"uptime": timedelta.max}, {}),
        ({"uptime": "long"}, {}),
        ({"uptime": HostileError()}, {}),
        ({"last_order": LATEST.replace(tzinfo=timezone(timedelta(hours=-9)))}, {}),
        ({"last_order": datetime(2030, 1, 1, tzinfo=NoZone())}, {}),
        ({"last_order": NoTime(2030, 1, 1)}, {}),
        ({"last_order": "yesterday"}, {}),
        ({"last_order": date(2030, 1, 1)}, {}),
        ({"weights": 5}, {}),
        ({"weights": {"usdm": "many"}}, {}),
        (
            {"weights": {"usdm": float("inf"), "spot": 7}},
            {"weights": [{"endpoint": "spot", "weight": 7}]},
        ),
        ({"weights": {HostileError(): 7}}, {}),
        ({"version": HostileError()}, {}),
    ],
)
async def test_a_sign_of_life_arrives_without_what_makes_no_sense(
    agent: ListeningAgent, said: Mapping[str, Any], told: Mapping[str, Any]
) -> None:
    reporter = Reporter(engine="grid", socket=agent.path)

    reporter.health(**said)

    assert await asyncio.to_thread(reporter.flush, 10)
    [report] = [MessageToDict(each) for each in await agent.healths()]
    assert report.pop("time")
    assert report == {"engine": "grid", **told}


async def test_a_last_order_without_a_time_zone_is_of_this_hosts_time(
    agent: ListeningAgent,
) -> None:
    reporter = Reporter(socket=agent.path)
    instant = datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)

    reporter.health(last_order=instant.astimezone().replace(tzinfo=None))

    assert await asyncio.to_thread(reporter.flush, 10)
    [report] = await agent.healths()
    assert report.last_order_time.ToDatetime(UTC) == instant


TEXTS = (
    st.text(st.characters(exclude_categories=()), max_size=80)
    | st.builds(str.__mul__, st.sampled_from('\0\udc80\U0001f600a9"{'), st.integers(0, 5_000))
    | st.sampled_from(
        [
            *("nan", "-1021", "1e999999", "-0", "1_0", "٣٠", "BTC/USDT:USDT", '{"code":-9999999}'),
            *('{"code":-1021,"msg":"\\ud800"}', "https://api.x/fapi/v1 700 ", "A1" * 40, "s" * 41),
        ]
    )
)
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary() | st.decimals()
    | st.dates() | st.datetimes() | st.timedeltas()
    | st.sampled_from(
        [
            *(10**30, -(10**400), 2**31, -(2**31) - 1, 2**63, *Odd, Decimal("1e-999999")),
            *(LATEST, timedelta.max, int, object(), NoZone()),
        ]
    )
)  # fmt: skip


@st.composite
def odd(draw: st.DrawFn) -> object:
    """Return anything."""
    inner = st.lists(VALUES, max_size=3) | st.dictionaries(TEXTS, VALUES, max_size=3)
    return draw(VALUES | inner)


def with_some_of(*names: str) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, odd()))


ORDERS = odd() | with_some_of(
    *("symbol", "side", "type", "amount", "price", "stopPrice", "reduceOnly")
)
FIELDS = with_some_of(
    *("code", "error_code", "status_code", "status", "message", "msg", "error_message"),
    *("retry_after", "header", "headers", "response"),
)
RESPONSES = st.builds(
    SimpleNamespace,
    status_code=odd(),
    url=odd(),
    _content=odd(),
    headers=odd() | with_some_of("Retry-After"),
)


@st.composite
def errors(draw: st.DrawFn) -> object:
    """Return an exception of a client nobody knows, or something that is none."""
    named = {"__module__": draw(VALUES), "__qualname__": draw(TEXTS)}
    raised: list[Exception] = []
    for _ in range(draw(st.integers(0, 3))):
        raised.append(type("OddError", (Exception,), named)(draw(VALUES)))
        raised[-1].__dict__.update(draw(FIELDS))
        if draw(st.booleans()):
            raised[-1].__dict__["response"] = draw(RESPONSES)
        if raised[1:]:
            raised[-1].__cause__ = raised[-2]
    return raised[-1] if raised else draw(odd())


@fuzzed
@given(st.lists(st.tuples(errors(), ORDERS, TEXTS, TEXTS), min_size=1, max_size=8))
async def test_no_failure_is_lost_because_of_what_is_in_it(
    agent: ListeningAgent, told: list[tuple[object, object, str, str]]
) -> None:
    reporter = Reporter(socket=agent.path)
    dropped = reporter.dropped
    for error, order, engine, account in told:
        Reporter(engine=engine, account=account, socket=agent.path).failure(error, order)

    assert await asyncio.to_thread(reporter.flush, 60)
    assert reporter.dropped == dropped
