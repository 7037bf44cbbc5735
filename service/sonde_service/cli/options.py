"""Options that several commands share, and how their texts are read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from sonde_core.catalogue import Language
from sonde_core.settings import Span

DEFAULT_SERVICE = "unix:/run/sonde/service.sock"


def _service(context: typer.Context, given: str | None) -> str:
    """Return the option of the command, else of `sonde` itself."""
    address = given or str(context.obj)
    return f"unix:{address}" if address.startswith("/") else address


def zone(name: object) -> ZoneInfo:
    """Return a time zone by its IANA name. An unknown one is a usage error."""
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise typer.BadParameter(
            f"there is no time zone {str(name)!r}; write an IANA name such as Asia/Shanghai"
        ) from error


def _span(text: str) -> Span:
    try:
        return Span.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def pairs(texts: Iterable[str], option: str, form: str) -> list[tuple[str, str]]:
    """Split "a=b" texts. A text without "=" or without a left side is a usage error."""
    split = [text.partition("=") for text in texts]
    for text, (left, equals, _) in zip(texts, split, strict=True):
        if not left or not equals:
            raise typer.BadParameter(f"{text!r}: write {form}", param_hint=option)
    return [(left, right) for left, _, right in split]


Service = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="ADDRESS",
        help="Where the service listens: a unix socket or host:port.",
        callback=_service,
        show_default=False,
    ),
]
Lang = Annotated[Language, typer.Option("--lang", help="Language of titles and sentences.")]
Zone = Annotated[
    ZoneInfo, typer.Option("--tz", metavar="ZONE", parser=zone, help="Time zone of times shown.")
]
Timeout = Annotated[
    Span | None,
    typer.Option(
        "--timeout",
        metavar="SPAN",
        parser=_span,
        help="How long one host may take, such as 500ms, 10s or 2m.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one line each.")]
JunitFile = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit file.")
]
Customer = Annotated[
    str | None, typer.Option("--customer", metavar="EMAIL", help="Hosts of this customer.")
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="K=V", help="Hosts with this label; repeat for more."),
]
UTC_ZONE = ZoneInfo("UTC")


def examples(*lines: str) -> str:
    """Return the foot of a help text."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
