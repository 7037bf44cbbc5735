"""An engine's reports on their way to the agent."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sonde_reporter import Action, Reporter
from tests.reporter.agents import listening

REFUSED = (
    'binanceusdm {"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}'
)
ORDER = {
    "symbol": "BTC/USDT:USDT",
    "side": "buy",
    "type": "limit",
    "amount": 1e-05,
    "price": 61234.5,
}


async def test_a_refusal_reaches_the_agent_with_its_order(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(engine="grid 1", account="main", socket=agent.path)

        reporter.failure(RuntimeError(REFUSED), ORDER)

        assert await asyncio.to_thread(reporter.flush)
        [report] = await agent.failures()
        assert (report.engine, report.account, report.code) == ("grid-1", "main", -1021)
        assert report.text == REFUSED
        assert (report.order.symbol, report.order.quantity) == ("BTCUSDT", "0.00001")


async def test_advice_comes_at_once(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(socket=agent.path)

        advice = await asyncio.to_thread(reporter.advise, RuntimeError(REFUSED), ORDER, 10)

        assert advice is not None
        assert (advice.cause, advice.action) == ("CLOCK_BEHIND", Action.RECALIBRATE_AND_RETRY)
        assert advice.safe_to_resend
        assert advice.zh.title
        assert len(await agent.failures()) == 1
        assert advice == await reporter.advise_async(RuntimeError(REFUSED), ORDER, 10)


async def test_a_sign_of_life_reaches_the_agent(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(engine="grid", socket=agent.path)

        reporter.health(
            version="1.2.3",
            uptime=timedelta(hours=1),
            weights={"usdm": 120},
            last_order=datetime(2030, 1, 1, tzinfo=UTC),
            interval=timedelta(seconds=30),
        )

        assert await asyncio.to_thread(reporter.flush)
        [report] = await agent.healths()
        assert (report.version, report.uptime.seconds) == ("1.2.3", 3600)
        assert [(each.endpoint, each.weight) for each in report.weights] == [("usdm", 120)]
        assert report.heartbeat_interval.seconds == 30
        assert report.last_order_time.ToDatetime(UTC) == datetime(2030, 1, 1, tzinfo=UTC)
