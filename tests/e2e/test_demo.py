"""The demo: every trouble is named by the real commands, and nothing is left behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

TROUBLES = {
    "tyo-02": "CLOCK_AHEAD",
    "tyo-03": "CLOCK_BEHIND",
    "sgp-04": "IP_NOT_WHITELISTED",
    "fra-05": "PERMISSION_MISSING",
    "hkg-06": "WITHDRAWALS_ENABLED",
    "tyo-07": "SIGNATURE_INVALID",
    "sgp-08": "IP_BANNED",
    "fra-09": "FOREIGN_USAGE",
    "hkg-10": "AGENT_UNREACHABLE",
}


def processes_of(directory: Path) -> list[str]:
    """Return the command lines of running processes that name a directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if str(directory) in line:
                found.append(line)
    return found


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a short path: the names of unix sockets may have 107 characters."""
    with TemporaryDirectory(prefix="sd-") as directory:
        yield Path(directory)


def test_the_demo_names_every_trouble_and_leaves_nothing_behind(home: Path) -> None:
    command = Path(sys.executable).with_name("sonde-lab")
    played = subprocess.run(
        [command, "demo"],
        env={**os.environ, "TMPDIR": str(home), "COLUMNS": "160", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=150,
        check=False,
    )

    assert played.returncode == 0, played.stdout + played.stderr
    rows = [line.split() for line in played.stdout.splitlines()]
    named = {row[1]: row[2] for row in rows if len(row) > 2 and row[1] in TROUBLES}
    assert named == TROUBLES
    assert ["✓", "sgp-01", "healthy"] in [row[:3] for row in rows]
    assert "10 hosts · 1 healthy · 6 failing · 2 warning · 1 silent" in played.stdout
    assert list(home.iterdir()) == []
    assert processes_of(home) == []
