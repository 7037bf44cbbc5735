"""An agent's end of the conversation: the real service over a real spool, on a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sonde.engine.v1.report_pb2 import FailureReport, HealthReport
from sonde_agent.engine.advising import Adviser
from sonde_agent.engine.engines import Engines
from sonde_agent.engine.lines import serve_lines
from sonde_agent.engine.rows import ReportKind
from sonde_agent.engine.server import EngineService
from sonde_agent.engine.spool import Spool
from sonde_agent.stopwatch import host_clock


@dataclass(frozen=True, slots=True)
class ListeningAgent:
    """What came to an agent."""

    path: Path
    spool: Spool

    async def failures(self) -> list[FailureReport]:
        """Return the failures that were reported, in order."""
        kept = (await self.spool.waiting(1000)).reports
        return [
            FailureReport.FromString(each.message)
            for each in kept
            if each.kind is ReportKind.FAILURE
        ]

    async def healths(self) -> list[HealthReport]:
        """Return the signs of life, in order."""
        kept = (await self.spool.waiting(1000)).reports
        return [
            HealthReport.FromString(each.message) for each in kept if each.kind is ReportKind.HEALTH
        ]


def service(spool: Spool, state: Path) -> EngineService:
    """Return the service as an agent has it that knows nothing but what it is told."""
    return EngineService(
        spool=spool,
        engines=Engines(state / "spool.sqlite3", state / "engine.sock"),
        adviser=Adviser(
            closed_until=lambda _: None,
            told_to_wait=lambda _endpoint, _answer: None,
            calibration=lambda: None,
            timestamp_refused=lambda: None,
            rules=lambda _, __: None,
            recv_window=timedelta(seconds=5),
            now=host_clock,
        ),
        calibration=lambda: None,
        now=host_clock,
    )


@asynccontextmanager
async def listening(directory: Path) -> AsyncIterator[ListeningAgent]:
    """Serve on engine.jsonl in a directory, over the spool that is there."""
    path = directory / "engine.jsonl"
    with closing(Spool(directory / "spool.sqlite3")) as spool:
        async with serve_lines(path, service(spool, directory)):
            yield ListeningAgent(path, spool)
