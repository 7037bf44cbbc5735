"""Command lines of commands that start without typer; they look like those that it reads.

Imports no library, so that a command that serves for months can read its options without one.
"""

import argparse
from collections.abc import Iterable
from typing import NoReturn

from sonde_core.errors import RequestInvalidError


class Parser(argparse.ArgumentParser):
    """Reads one command's arguments. A wrong one raises a usage error."""

    def __init__(self, command: str, usage: str, about: str, examples: str) -> None:
        super().__init__(
            prog=command,
            usage=f"{command} {usage}",
            description=about,
            epilog=examples,
            formatter_class=_Formatter,
            allow_abbrev=False,
            add_help=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise a usage error."""
        raise usage_error(self.prog, message)


def usage_error(command: str, message: str) -> RequestInvalidError:
    """Return the error for a wrong command line: what is wrong, and where the right one stands."""
    return RequestInvalidError(f"{message} (see `{command} --help`)")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays a help text out as the other commands' are."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = "Usage: ",
    ) -> None:
        super().add_usage(usage, actions, groups, prefix)
