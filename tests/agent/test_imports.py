"""What a serving agent has in memory."""

import ast
import subprocess
import sys

PROGRAM = """
import sys
from pathlib import Path
import sonde_agent.main
from sonde_agent.keyring import KeyFiles
{then}
print([name for name in sys.argv[1:] if sys.modules.get(name)])
"""


def loaded(*names: str, then: str = "") -> list[str]:
    """Return which of some libraries are in memory where an agent is about to serve."""
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(then=then), *names],
        capture_output=True,
        text=True,
        check=True,
    )
    return list(ast.literal_eval(told.stdout))


def test_what_serves_loads_no_library_that_is_for_a_terminal() -> None:
    """Where click is installed, httpx would load all of them but typer."""
    assert loaded("click", "httpx", "pygments", "rich", "typer") == []


def test_what_serves_loads_nothing_that_only_a_diagnosis_needs() -> None:
    assert loaded("sonde_core.history", "sonde_core.report", "sonde_core.rules", "xml.etree") == []


def test_what_serves_waits_for_a_key_pair_to_load_what_reads_it() -> None:
    assert loaded("asyncio", "cryptography", "prometheus_client") == ["asyncio"]


def test_a_key_pair_that_is_set_up_is_loaded_for_before_anybody_calls() -> None:
    files = 'KeyFiles(api_key_file=Path("id"), private_key_file=Path("pem"))'

    assert loaded("cryptography", then=files) == ["cryptography"]
