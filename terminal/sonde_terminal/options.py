"""Options that commands share, and how their texts are read."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from sonde_core import __version__
from sonde_core.catalogue import Language
from sonde_core.settings import Span
from sonde_terminal import zones

UTC_ZONE = ZoneInfo("UTC")


def zone(name: object) -> ZoneInfo:
    """Return a time zone by its IANA name. An unknown one is a usage error."""
    try:
        return zones.zone(str(name))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def span(text: str) -> Span:
    """Return a span of time. A text that is none is a usage error."""
    try:
        return Span.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _version(context: typer.Context, asked: bool) -> None:  # noqa: FBT001 - typer calls it
    if asked:
        typer.echo(f"{context.info_name} {__version__}")
        raise typer.Exit


Lang = Annotated[Language, typer.Option("--lang", help="Language of titles and sentences.")]
Zone = Annotated[
    ZoneInfo, typer.Option("--tz", metavar="ZONE", parser=zone, help="Time zone of times shown.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one line each.")]
Reply = Annotated[bool, typer.Option("--reply", help="Print the mail to send to the customer.")]
JunitFile = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit file.")
]
Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_version, is_eager=True, help="Print the version and leave."
    ),
]


def examples(*lines: str) -> str:
    """Return the foot of a help text."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
