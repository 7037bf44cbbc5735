"""All commands of `sonde` together."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sonde_service.cli import asking, diagnose, explain, hosts, live, stored
from sonde_terminal.commands import new_app
from sonde_terminal.options import Version, examples

app = new_app(
    "sonde",
    epilog=examples(
        "sonde hosts add sgp-01 --address unix:/run/sonde/agent.sock",
        "sonde diagnose sgp-01",
        "sonde diagnose --all --json",
        "sonde explain '-2015 Invalid API-key, IP, or permissions for action.'",
    ),
)
app.add_typer(hosts.app)
diagnose.register(app)
stored.register(app)


@app.command(
    "explain",
    help=explain.ABOUT,
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def explain_(context: typer.Context, *, service: asking.Service) -> None:
    """Read its own arguments, because it mostly runs without this module."""
    raise typer.Exit(explain.run(context.args, partial(live.numbers, service)))


TlsCa = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="SONDE_TLS_CA",
        help="For a service on another machine: the authority of its certificate, as PEM.",
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="SONDE_TLS_CERT", help="Your own certificate."),
]
TlsKey = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="SONDE_TLS_KEY", help="The key of your certificate."),
]
TlsName = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        envvar="SONDE_TLS_NAME",
        help="The name in the service's certificate, where it is not the address's own.",
        show_default=False,
    ),
]


@app.callback()
def root(
    context: typer.Context,
    service: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            envvar="SONDE_SERVICE",
            help="Where the service listens: a unix socket, or host:port.",
        ),
    ] = asking.DEFAULT_SERVICE,
    *,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_name: TlsName = "",
    _: Version = False,
) -> None:
    """Find out why a trading host is refused by Binance.

    Exit codes: 0 healthy, 1 could not run, 2 usage or unknown host, 3 a failure was found,
    4 a warning or something unknown, 5 a host gave no answer, 130 Ctrl-C.
    """
    files = {"--tls-ca": tls_ca, "--tls-cert": tls_cert, "--tls-key": tls_key}
    context.obj = asking.service_address(service, files, tls_name)
