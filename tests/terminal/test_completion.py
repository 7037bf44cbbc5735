"""Commands complete in the shells that people use."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

COMMANDS = {"sonde-agent": ("ch", "check"), "sonde": ("diag", "diagnose")}
BIN = Path(sys.executable).parent


def run(*command: str, **environ: str) -> str:
    path = f"{BIN}:/usr/bin:/bin"
    done = subprocess.run(
        command, env={"PATH": path, **environ}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def variable(command: str) -> str:
    return f"_{command.replace('-', '_').upper()}_COMPLETE"


@pytest.mark.parametrize("command", COMMANDS)
def test_bash_completes_with_the_script_that_the_command_prints(
    command: str, tmp_path: Path, needs: Callable[[str], Path]
) -> None:
    begun, meant = COMMANDS[command]
    script = tmp_path / "completion"
    script.write_text(run(command, **{variable(command): "source_bash"}))

    # What bash itself does on a tab.
    completed = run(
        str(needs("bash")),
        "-c",
        f"source {script}; COMP_WORDS=({command} {begun}); COMP_CWORD=1; "
        f'$(complete -p {command} | sed "s/.*-F \\([^ ]*\\) .*/\\1/") {command} {begun} {command}; '
        'printf "%s\\n" "${COMPREPLY[@]}"',
    )

    assert completed.split() == [meant]


@pytest.mark.parametrize("command", COMMANDS)
def test_zsh_is_given_a_script_and_what_it_asks_for(command: str) -> None:
    begun, meant = COMMANDS[command]

    script = run(command, **{variable(command): "source_zsh"})
    words = {variable(command): "complete_zsh", "_TYPER_COMPLETE_ARGS": f"{command} {begun}"}
    offered = run(command, **words)

    assert f"#compdef {command}" in script
    assert offered.startswith("_arguments")
    assert f'"{meant}"' in offered


def test_the_shell_that_asks_is_recognised(needs: Callable[[str], Path]) -> None:
    # A command after it, or bash would become what it runs.
    script = run(str(needs("bash")), "-c", "sonde-agent --show-completion; true")

    assert "complete -o default" in script
