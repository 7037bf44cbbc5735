"""All commands together, and what becomes of their errors."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from sonde_core.errors import (
    AlreadyExistsError,
    ConfigInvalidError,
    NotFoundError,
    RequestInvalidError,
    SondeError,
)
from sonde_core.report import Exit
from sonde_service.cli import diagnose, hosts, stored
from sonde_service.cli.options import DEFAULT_SERVICE, examples
from sonde_service.cli.output import complain
from sonde_service.cli.sweep import InterruptedSweepError

_CODES: tuple[tuple[type[SondeError], Exit], ...] = (
    (InterruptedSweepError, Exit.INTERRUPTED),
    (AlreadyExistsError, Exit.USAGE),
    (ConfigInvalidError, Exit.USAGE),
    (NotFoundError, Exit.USAGE),
    (RequestInvalidError, Exit.USAGE),
    (SondeError, Exit.COULD_NOT_RUN),
)

app = typer.Typer(
    name="sonde",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=examples(
        "sonde hosts add sgp-01 --address unix:/run/sonde/agent.sock",
        "sonde diagnose sgp-01",
        "sonde diagnose --all --json",
    ),
)
app.add_typer(hosts.app)
diagnose.register(app)
stored.register(app)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer calls it
    if asked:
        typer.echo(f"sonde {version('sonde')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    service: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            envvar="SONDE_SERVICE",
            help="Where the service listens: a unix socket or host:port.",
        ),
    ] = DEFAULT_SERVICE,
    *,
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Find out why a trading host is refused by Binance.

    Exit codes: 0 healthy, 1 could not run, 2 usage or unknown host, 3 a failure was found,
    4 a warning or something unknown, 5 a host gave no answer, 130 Ctrl-C.
    """
    context.obj = service


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Expected failures take one line."""
    try:
        code = get_command(app).main(list(arguments), prog_name="sonde", standalone_mode=False)
        sys.stdout.flush()
        if code == Exit.INTERRUPTED:  # outside of a sweep, typer has taken the Ctrl-C itself
            complain("interrupted")
    except TyperException as error:
        return _usage(error)
    except SondeError as error:
        complain(str(error))
        return next((code for class_, code in _CODES if isinstance(error, class_)))
    except BrokenPipeError:
        # Whoever read has gone; without this, Python complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.COULD_NOT_RUN
    return int(code or Exit.HEALTHY)


def _usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sonde"
    text = error.format_message()
    if text.startswith("Usage:"):  # nothing was asked for: the help is the answer
        sys.stderr.write(text + "\n")
    else:
        complain(f"{text} (see `{command} --help`)")
    return Exit.USAGE
