"""The simulated fleet answers as real agents do."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta

from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.findings import Verdict
from sonde_core.readings import SIGNED_KINDS, Kind, Reading
from sonde_lab.fleet import canned_evidence
from sonde_service.links import DirectLink
from sonde_wire.readings import decode
from tests.service.kept import host

NOW = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


def canned() -> list[list[Reading]]:
    """Return what each of the hosts sends, as the service reads it."""
    return [
        [reading for reading in map(decode, message.readings) if reading]
        for message in canned_evidence(NOW)
    ]


def test_each_host_has_the_trouble_that_it_should() -> None:
    found = []
    for readings in canned():
        evidence = Evidence(now=NOW, readings=by_kind_and_subject(readings))
        causes = {f.cause for f in diagnose(evidence) if f.verdict is Verdict.FOUND}
        found.append(causes)

    assert found == [
        set(),
        {"CLOCK_AHEAD"},
        {"IP_NOT_WHITELISTED"},
        {"WITHDRAWALS_ENABLED"},
        {"IP_BANNED"},
    ]


def test_each_host_sends_as_much_as_a_real_one() -> None:
    for readings in canned():
        assert len(readings) >= 20
        assert {reading.kind for reading in readings} >= {Kind.NTP, Kind.WEIGHT, *SIGNED_KINDS}


async def test_every_port_answers_and_it_ends_with_its_input() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sonde_lab.fleet",
        "7",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    addresses = json.loads(await process.stdout.readline())

    sent = [
        [
            part
            async for part in DirectLink().collect(
                host(address=one), timedelta(seconds=20), at_once=True
            )
        ]
        for one in addresses
    ]
    process.stdin.close()

    assert await process.wait() == 0
    assert len(set(addresses)) == 7
    assert all(len(parts) == 1 and parts[0].readings for parts in sent)
