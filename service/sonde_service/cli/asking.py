"""Options that say which service is asked about which hosts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from sonde_core.errors import ConfigInvalidError
from sonde_core.settings import Span
from sonde_service.cli.client import ServiceAddress
from sonde_terminal.options import span
from sonde_wire.addresses import TcpAddress, parse_address
from sonde_wire.tls import TlsFiles

DEFAULT_SERVICE = "unix:/run/sonde/service.sock"


def service_address(address: str, tls: Mapping[str, Path | None], tls_name: str) -> ServiceAddress:
    """Return where the service is. Raises a usage error for half an identity.

    `tls` has the files by the options that name them.
    """
    missing = [option for option, path in tls.items() if path is None]
    if not missing:
        ca_file, cert_file, key_file = (path for path in tls.values() if path)
        files = TlsFiles(ca_file=ca_file, cert_file=cert_file, key_file=key_file)
        return ServiceAddress(address=address, tls=files, tls_name=tls_name)
    if len(missing) < len(tls) or tls_name:
        raise typer.BadParameter(f"TLS needs all of {', '.join(tls)}; give {missing[0]}")
    return ServiceAddress(address=address)


def _parse(text: str) -> ServiceAddress:
    return ServiceAddress(address=text)


def _service(context: typer.Context, given: ServiceAddress) -> ServiceAddress:
    """Return the option of the command, else of `sonde` itself."""
    whole: ServiceAddress = context.obj
    text = given.address or whole.address
    try:
        address = parse_address(f"unix:{text}" if text.startswith("/") else text)
    except ConfigInvalidError as error:
        raise typer.BadParameter(str(error)) from error
    if isinstance(address, TcpAddress) and not (address.local or whole.tls):
        raise typer.BadParameter(
            f"{address} is another machine, and plain text is for this one: give `sonde` "
            "--tls-ca, --tls-cert and --tls-key, or bring the service's socket here with "
            f"`ssh -N -L 7443:/run/sonde/service.sock {address.host}` and give "
            "--service 127.0.0.1:7443"
        )
    return replace(whole, address=str(address))


def pairs(texts: Iterable[str], option: str, form: str) -> list[tuple[str, str]]:
    """Split "a=b" texts. A text without "=" or without a left side is a usage error."""
    split = [text.partition("=") for text in texts]
    for text, (left, equals, _) in zip(texts, split, strict=True):
        if not left or not equals:
            raise typer.BadParameter(f"{text!r}: write {form}", param_hint=option)
    return [(left, right) for left, _, right in split]


Service = Annotated[
    ServiceAddress,
    typer.Option(
        "--service",
        metavar="ADDRESS",
        help="Where the service listens: a unix socket, or host:port.",
        parser=_parse,
        callback=_service,
        default_factory=str,  # not given: the one of `sonde` itself
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
