"""Who used the limit, told by the exchange, by this agent and by an engine's own reports."""

from datetime import timedelta
from pathlib import Path

from sonde_agent.engine.engines import Engines, Heartbeat
from sonde_agent.probes.clock_watch import Clocks
from sonde_agent.probes.engine import EngineProbe
from sonde_agent.stopwatch import host_clock
from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.findings import Confidence
from sonde_core.readings import USDM, WeightUse
from sonde_lab.exchange import Exchange
from sonde_lab.world import Limits, SurfaceState, World
from tests.agent.exchange_host import Host

SECOND = timedelta(seconds=1)


async def test_a_tool_beside_an_engine_that_reports_is_told_with_numbers(
    exchange: Exchange, host: Host, tmp_path: Path
) -> None:
    exchange.world = World(usdm=SurfaceState(limits=Limits(weight_foreign=1_700)))
    now, passed = host_clock(), timedelta(hours=1)
    engines = Engines(tmp_path / "spool", tmp_path / "no", Clocks(boottime=lambda: passed))
    for ago in (121, 61, 1):
        passed = timedelta(hours=1) - ago * SECOND
        engines.note(
            Heartbeat(
                engine="grid",
                version="3.1",
                received=now - ago * SECOND,
                interval=10 * SECOND,
                uptime=None,
                last_order=None,
                weights={"usdm": 300},
            )
        )
    passed = timedelta(hours=1)
    before = now - 62 * SECOND
    host.memory.windows.note(
        host.settings.site(USDM), before, WeightUse(used=1_650, own=4, limit=2_400)
    )

    readings = await host.measure()
    readings += [r async for r in EngineProbe(states=engines.states, now=host_clock).measure()]
    findings = diagnose(Evidence(now=host_clock(), readings=by_kind_and_subject(readings)))

    [foreign] = [f for f in findings if (f.cause, f.subject) == ("FOREIGN_USAGE", USDM)]
    assert foreign.confidence is Confidence.CONFIRMED
    assert [item.values["neither"] for item in foreign.supporting] == [1_400, 1_346]
