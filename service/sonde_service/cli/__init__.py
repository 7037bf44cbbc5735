"""The `sonde` command: what support staff type."""

import sys

from sonde_terminal.exits import leave


def main() -> None:
    """Run the command and leave with its exit code."""
    leave("sonde", _run, "sonde[service]")


def _run() -> int:
    # Imported here, so that Ctrl-C while the libraries load is as quiet as later.
    if sys.argv[1:2] == ["explain"]:
        from sonde_service.cli import explain  # noqa: PLC0415 - does without most of them

        if not explain.ASKING & {argument.partition("=")[0] for argument in sys.argv[2:]}:
            return explain.run(sys.argv[2:])
    from sonde_service.cli.app import app  # noqa: PLC0415
    from sonde_terminal.commands import run  # noqa: PLC0415

    return run(app, "sonde")
