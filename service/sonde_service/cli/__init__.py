"""The `sonde` command: what support staff type."""

from sonde_terminal.exits import leave


def main() -> None:
    """Run the command and leave with its exit code."""
    leave("sonde", _run)


def _run() -> int:
    # Imported here, so that Ctrl-C while the libraries load is as quiet as later.
    from sonde_service.cli.app import app  # noqa: PLC0415
    from sonde_terminal.commands import run  # noqa: PLC0415

    return run(app, "sonde")
