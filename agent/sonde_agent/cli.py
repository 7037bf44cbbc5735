"""The `sonde-agent` command.

`run` is what stays in memory on a host for months, so it does without the libraries that the
commands for people need.
"""

import os
import sys
from pathlib import Path

from sonde_agent.places import CONFIG_VARIABLE, DEFAULT_CONFIG
from sonde_agent.redaction import redact
from sonde_agent.seal import seal
from sonde_core.exits import Exit
from sonde_terminal.exits import leave
from sonde_terminal.parsing import Parser


def main() -> None:
    """Run the command and leave with its exit code."""
    seal()
    # A mistake in a configuration is shown, and it may be a key or a password in the wrong place.
    leave("sonde-agent", _run if sys.argv[1:2] == ["run"] else _for_people, clean=redact)


def _run() -> int:
    path = _parser().parse_args(sys.argv[2:]).config
    from sonde_agent import config  # noqa: PLC0415 - a mistyped option is told at once
    from sonde_agent import main as agent  # noqa: PLC0415

    agent.run(lambda: config.read(path, os.environ))
    return Exit.HEALTHY


def _parser() -> Parser:
    parser = Parser(
        "sonde-agent run",
        "[OPTIONS]",
        "Serve until SIGTERM or Ctrl-C. SIGHUP reads the configuration again.",
        "Examples:\n    sonde-agent run --config /etc/sonde/agent.toml",
    )
    add = parser.add_argument_group("Options").add_argument
    add(
        "--config",
        metavar="FILE",
        type=Path,
        default=Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG),
        help=f"The agent's configuration.  [env var: {CONFIG_VARIABLE}; default: {DEFAULT_CONFIG}]",
    )
    add("--help", action="help", help="Show this message and exit.")
    return parser


def _for_people() -> int:
    from sonde_agent.commands import app  # noqa: PLC0415 - `run` does without typer and rich
    from sonde_terminal.commands import run  # noqa: PLC0415 - the same

    return run(app, "sonde-agent")
