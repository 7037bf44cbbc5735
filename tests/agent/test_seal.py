"""What keeps the memory to itself says so where it cannot."""

import subprocess
import sys

PROGRAM = """
from sonde_agent import seal
seal._SET_DUMPABLE = 123_456  # which the system does not know
seal.seal()
"""


def test_a_memory_that_the_system_does_not_seal_is_told() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    assert told.stderr == "Memory not sealed: Invalid argument\n"
