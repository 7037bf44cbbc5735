"""The agent's systemd unit, as far as it can be judged without starting it."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

UNIT = Path(__file__).parents[2] / "deploy" / "agent" / "sonde-agent.service"
MOST_EXPOSED = 1.5


def analyzed(program: Path, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_finds_nothing_wrong_with_the_unit(
    tmp_path: Path, needs: Callable[[str], Path]
) -> None:
    unit = tmp_path / UNIT.name
    installed = str(Path(sys.executable).with_name("sonde-agent"))
    unit.write_text(UNIT.read_text().replace("/usr/bin/sonde-agent", installed))

    assert analyzed(needs("systemd-analyze"), "verify", "--man=no", str(unit)) == ""


def test_little_of_the_host_is_exposed_to_the_agent(needs: Callable[[str], Path]) -> None:
    told = analyzed(needs("systemd-analyze"), "security", "--offline=true", "--no-pager", str(UNIT))

    level = re.search(r"exposure level.*?: (\d+\.\d)", told)
    assert level is not None
    assert float(level[1]) <= MOST_EXPOSED


def test_the_kernels_view_of_the_clock_stays_readable(needs: Callable[[str], Path]) -> None:
    """The filter's last word on adjtimex counts, and ProtectClock would take it back."""
    privileged = analyzed(needs("systemd-analyze"), "--no-pager", "syscall-filter", "@clock")
    filters = re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), flags=re.MULTILINE)

    assert {"adjtimex", "clock_adjtime"} <= set(privileged.split())
    assert {"adjtimex", "clock_adjtime"} <= set(filters[-1].split())
    assert "ProtectClock=yes" not in UNIT.read_text().splitlines()
