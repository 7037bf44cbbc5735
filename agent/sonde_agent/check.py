"""Diagnose this host here, without any service."""

import asyncio
import socket
from datetime import timedelta

from sonde_agent.agent import Agent
from sonde_agent.stopwatch import Stopwatch
from sonde_agent.threads import AbandonedThreads
from sonde_core.diagnose import diagnose
from sonde_core.evidence import Contact, Evidence, by_kind_and_subject
from sonde_core.readings import Reading
from sonde_core.report import HostReport


async def check(agent: Agent, within: timedelta) -> tuple[HostReport, list[Reading]]:
    """Run every probe and decide, as the service does for a host that it asks."""
    asyncio.get_running_loop().set_default_executor(AbandonedThreads())
    stopwatch = Stopwatch.start(agent.now)
    readings = await agent.collect(within)
    evidence = Evidence(now=agent.now(), readings=by_kind_and_subject(readings))
    report = HostReport(
        diagnosis="",
        host=socket.gethostname(),
        time=stopwatch.began,
        status=Contact.DIAGNOSED,
        findings=diagnose(evidence),
        agent_version=agent.version,
        elapsed=stopwatch.elapsed,
    )
    return report, readings
