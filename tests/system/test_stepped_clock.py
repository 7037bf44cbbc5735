"""A clock that is really set while a process runs: libfaketime moves the wall clock alone."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

WATCH = """
import sys
from sonde_agent.probes.clock_watch import Clocks, ClockWatcher

watcher = ClockWatcher(Clocks())
watcher.look()
print("watching", flush=True)
for _ in sys.stdin:
    watch = watcher.watched()
    steps = [round(step.size.total_seconds(), 1) for step in watch.steps]
    print(steps, watch.suspended, flush=True)
"""


def test_a_clock_that_is_set_back_and_forth_is_seen_step_by_step(
    needs: Callable[[str], Path], tmp_path: Path
) -> None:
    needs("faketime")
    [library] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    offset = tmp_path / "offset"
    offset.write_text("+0s\n")
    process = subprocess.Popen(
        [sys.executable, "-c", WATCH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ
        | {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
    )
    assert process.stdin
    assert process.stdout
    told = [process.stdout.readline()]
    for set_to in ("+2.5s", "+2.5s", "-1s"):
        offset.write_text(f"{set_to}\n")
        process.stdin.write("look\n")
        process.stdin.flush()
        told.append(process.stdout.readline())
    process.stdin.close()
    process.wait()
    process.stdout.close()

    assert told == ["watching\n", *(f"{steps} 0:00:00\n" for steps in ([2.5], [2.5], [2.5, -3.5]))]
