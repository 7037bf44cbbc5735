"""The real command on a host whose clock is wrong: libfaketime for it, the true time for the rest.

Only the wall clock is faked. What the host measures with, the monotonic clock, is never wrong.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from sonde.agent.v1 import reading_pb2
from sonde_core.clock import Estimate, exchange_estimate, ntp_estimate
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.readings import Failure, FailureReason, Kind
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from sonde_lab.world import Key, World
from sonde_wire.readings import decode
from tests.agent_home import AgentHome
from tests.lab.certificates import DAY, certify, shown
from tests.system.chrony import serve_chrony

HEALTHY = World(keys=(Key(ip_list=("203.0.113.7",)),), seen_ip="203.0.113.7")
EXPIRED = FailureReason.CERTIFICATE_EXPIRED
NOT_YET_VALID = FailureReason.CERTIFICATE_NOT_YET_VALID
# Read by Python before anything else. The agent takes its authorities from nowhere else, so that
# no variable of the environment can add one.
TRUST = "import certifi\ncertifi.where = lambda: {file!r}\n"


@dataclass(frozen=True)
class Host:
    """A host with a clock of its own."""

    home: AgentHome
    faketime: Path

    def trust(self, authority: Path) -> None:
        """Make the host trust one authority and no other."""
        site = self.home.directory / "site"
        site.mkdir()
        (site / "sitecustomize.py").write_text(TRUST.format(file=str(authority)))

    async def check(self, offset: str) -> dict[str, Any]:
        """Return what `sonde-agent check --json` prints there."""
        site = self.home.directory / "site"
        process = await asyncio.create_subprocess_exec(
            self.faketime, "-m", "--exclude-monotonic", "-f", offset,
            Path(sys.executable).with_name("sonde-agent"),
            *("check", "--json", "--config", self.home.config),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(site)},
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), timeout=60)
        assert out, err
        report: dict[str, Any] = json.loads(out)
        return report


@pytest.fixture
def host(needs: Callable[[str], Path], tmp_path: Path) -> Host:
    return Host(AgentHome(tmp_path), needs("faketime"))


@pytest.fixture
async def chrony(needs: Callable[[str], Path], tmp_path: Path) -> AsyncIterator[str]:
    async with serve_chrony(needs("chronyd"), tmp_path) as address:
        yield address


def found(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["cause"]: each for each in report["findings"] if each["verdict"] == "found"}


def kept(report: dict[str, Any]) -> Evidence:
    """Return the evidence in a report."""
    messages = [ParseDict(each, reading_pb2.Reading()) for each in report["readings"]]
    readings = [reading for reading in map(decode, messages) if reading]
    return Evidence(now=readings[0].time, readings=by_kind_and_subject(readings))


def within_its_bound(estimate: Estimate | None, true: timedelta) -> bool:
    return estimate is not None and abs(estimate.offset - true) <= estimate.bound


@pytest.mark.parametrize(
    ("offset", "true", "cause"),
    [
        pytest.param("+1.5s", timedelta(seconds=1.5), "CLOCK_AHEAD", id="1.5 s ahead"),
        pytest.param("-7s", timedelta(seconds=-7), "CLOCK_BEHIND", id="7 s behind"),
    ],
)
async def test_a_clock_wrong_by_seconds_is_measured_within_its_bound_and_named(
    host: Host, chrony: str, *, offset: str, true: timedelta, cause: str
) -> None:
    async with serve_exchange(HEALTHY) as exchange, serve_ntp() as other:
        host.home.furnish(exchange=exchange.url, servers=[chrony, other.address])
        report = await host.check(offset)

    evidence = kept(report)
    assert within_its_bound(ntp_estimate(evidence), true)
    assert within_its_bound(exchange_estimate(evidence), true)
    assert set(found(report)) == {cause}
    assert found(report)[cause]["confidence"] == "confirmed"


@pytest.fixture
async def over_tls(host: Host, tmp_path: Path) -> AsyncIterator[str]:
    """Serve the exchange under a certificate that the host trusts, good for 29 more days."""
    certificate = certify(tmp_path)
    host.trust(certificate)
    async with serve_exchange(HEALTHY, tls=shown(certificate)) as exchange:
        yield exchange.url


async def test_with_a_right_clock_the_certificate_is_good(
    host: Host, chrony: str, over_tls: str
) -> None:
    host.home.furnish(exchange=over_tls, servers=[chrony])

    report = await host.check("+0s")

    assert found(report) == {}
    assert report["healthy"] is True


DAYS = pytest.mark.parametrize(
    ("offset", "true", "cause", "reason"),
    [
        pytest.param("+30d", 30 * DAY, "CLOCK_AHEAD", EXPIRED, id="30 days ahead"),
        pytest.param("-30d", -30 * DAY, "CLOCK_BEHIND", NOT_YET_VALID, id="30 days behind"),
    ],
)


@DAYS
async def test_a_clock_wrong_by_days_is_told_by_ntp_and_never_called_tls(
    host: Host,
    chrony: str,
    over_tls: str,
    *,
    offset: str,
    true: timedelta,
    cause: str,
    reason: FailureReason,
) -> None:
    host.home.furnish(exchange=over_tls, servers=[chrony])

    report = await host.check(offset)

    evidence = kept(report)
    assert within_its_bound(ntp_estimate(evidence), true)
    assert public_call_failed(evidence, reason)
    assert set(found(report)) == {cause}
    assert found(report)[cause]["confidence"] == "confirmed"


@DAYS
async def test_where_ntp_is_silent_the_date_header_of_whoever_answers_tells(
    host: Host,
    over_tls: str,
    *,
    offset: str,
    true: timedelta,
    cause: str,
    reason: FailureReason,
) -> None:
    async with serve_ntp(Source(behaviour=Behaviour.SILENT)) as silent:
        host.home.furnish(exchange=over_tls, servers=[silent.address])
        report = await host.check(offset)

    evidence = kept(report)
    assert ntp_estimate(evidence) is None
    assert public_call_failed(evidence, reason)
    assert set(found(report)) == {cause}
    named = found(report)[cause]
    assert named["confidence"] == "likely"
    (told,) = [item for item in named["supporting"] if item["id"] == "clock_offset_date"]
    off, bound = told["values"]["offset_ms"], told["values"]["bound_ms"]
    assert abs(off - true / timedelta(milliseconds=1)) <= bound


def public_call_failed(evidence: Evidence, reason: FailureReason) -> bool:
    failures = [reading.value for reading in evidence.of(Kind.PUBLIC_CALL)]
    return bool(failures) and all(
        isinstance(failure, Failure) and failure.reason is reason for failure in failures
    )
