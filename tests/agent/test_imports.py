"""What a serving agent has in memory."""

import subprocess
import sys

PROGRAM = """
import sys
import sonde_agent.main
print([name for name in ("click", "pygments", "rich", "typer") if sys.modules.get(name)])
"""


def test_what_serves_loads_no_library_that_is_for_a_terminal() -> None:
    """Where click is installed, importing httpx alone would load all of them but typer."""
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    assert told.stdout == "[]\n"
