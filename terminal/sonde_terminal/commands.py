"""Runs commands that typer describes: a usage error takes one line."""

import sys

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from sonde_core.exits import Exit
from sonde_terminal.exits import complain


def new_app(name: str, about: str = "", *, epilog: str | None = None) -> typer.Typer:
    """Return a command to add others to; `about` may be its callback's docstring instead."""
    app = typer.Typer(
        name=name,
        epilog=epilog,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    if about:  # a help of None would hide the docstring
        app.info.help = about
    return app


def run(app: typer.Typer, name: str) -> int:
    """Run the command line of this process and return its exit code.

    Raises `KeyboardInterrupt` for a Ctrl-C, and what the command itself raises.
    """
    try:
        code = get_command(app).main(prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        return _usage(error, name)
    if code == Exit.INTERRUPTED:  # typer has taken the Ctrl-C
        raise KeyboardInterrupt
    return int(code or Exit.HEALTHY)


def _usage(error: TyperException, name: str) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else name
    # What a check of ours says stands behind what the library calls it.
    text = error.format_message().replace(": Value error, ", ": ")
    if text.startswith("Usage:"):  # nothing was asked for: the help is the answer
        sys.stderr.write(f"{text}\n")
    else:
        complain(name, f"{text} (see `{command} --help`)")
    return Exit.USAGE
