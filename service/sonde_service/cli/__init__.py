"""The `sonde` command: what support staff type."""

import sys


def main() -> None:
    """Run the command and leave with its exit code."""
    try:
        # Imported here, so that Ctrl-C while the libraries load is as quiet as later.
        from sonde_service.cli.app import run  # noqa: PLC0415

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("sonde: interrupted\n")
        code = 130
    sys.exit(code)
