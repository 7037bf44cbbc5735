"""The clock probe against the NTP server that hosts really run."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sonde_agent.probes.ntp import NtpProbe, NtpServer
from sonde_agent.stopwatch import host_clock
from sonde_core.clock import ntp_estimate
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.readings import NtpSample
from tests.system.chrony import STRATUM, serve_chrony


async def test_a_real_chronyd_is_read_and_agrees_with_the_clock_that_it_serves(
    needs: Callable[[str], Path], tmp_path: Path
) -> None:
    async with serve_chrony(needs("chronyd"), tmp_path) as address:
        probe = NtpProbe(
            servers=(NtpServer.parse(address),),
            samples=4,
            timeout=timedelta(seconds=2),
            now=host_clock,
        )
        readings = [reading async for reading in probe.measure()]

    (sample,) = [reading.value for reading in readings if isinstance(reading.value, NtpSample)]
    assert sample.stratum == STRATUM
    estimate = ntp_estimate(Evidence(now=host_clock(), readings=by_kind_and_subject(readings)))
    assert estimate is not None
    assert abs(estimate.offset) <= estimate.bound
    assert estimate.bound < timedelta(seconds=1)
