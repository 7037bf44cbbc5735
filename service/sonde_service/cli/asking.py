"""Options that say which service is asked about which hosts."""

from collections.abc import Iterable
from typing import Annotated

import typer

from sonde_core.errors import ConfigInvalidError
from sonde_core.settings import Span
from sonde_terminal.options import span
from sonde_wire.addresses import TcpAddress, parse_address

DEFAULT_SERVICE = "unix:/run/sonde/service.sock"


def _service(context: typer.Context, given: str | None) -> str:
    """Return the option of the command, else of `sonde` itself."""
    text = given or str(context.obj)
    try:
        address = parse_address(f"unix:{text}" if text.startswith("/") else text)
    except ConfigInvalidError as error:
        raise typer.BadParameter(str(error)) from error
    if isinstance(address, TcpAddress) and not address.loopback:
        raise typer.BadParameter(
            f"{address} is another machine, and `sonde` calls a service on this one; bring its "
            f"socket here with `ssh -N -L 7443:/run/sonde/service.sock {address.host}`, then "
            "give --service 127.0.0.1:7443"
        )
    return str(address)


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
        help="Where the service listens: a unix socket, or host:port on this machine.",
        callback=_service,
        show_default=False,
    ),
]
Timeout = Annotated[
    Span | None,
    typer.Option(
        "--timeout",
        metavar="SPAN",
        parser=span,
        help="How long one host may take, such as 500ms, 10s or 2m.",
    ),
]
Customer = Annotated[
    str | None, typer.Option("--customer", metavar="EMAIL", help="Hosts of this customer.")
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="K=V", help="Hosts with this label; repeat for more."),
]
