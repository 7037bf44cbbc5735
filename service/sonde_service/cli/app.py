"""All commands of `sonde` together."""

from typing import Annotated

import typer

from sonde_service.cli import diagnose, hosts, stored
from sonde_service.cli.asking import DEFAULT_SERVICE
from sonde_terminal.commands import new_app
from sonde_terminal.options import Version, examples

app = new_app(
    "sonde",
    epilog=examples(
        "sonde hosts add sgp-01 --address unix:/run/sonde/agent.sock",
        "sonde diagnose sgp-01",
        "sonde diagnose --all --json",
    ),
)
app.add_typer(hosts.app)
diagnose.register(app)
stored.register(app)


@app.callback()
def root(
    context: typer.Context,
    service: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            envvar="SONDE_SERVICE",
            help="Where the service listens: a unix socket, or host:port on this machine.",
        ),
    ] = DEFAULT_SERVICE,
    *,
    _: Version = False,
) -> None:
    """Find out why a trading host is refused by Binance.

    Exit codes: 0 healthy, 1 could not run, 2 usage or unknown host, 3 a failure was found,
    4 a warning or something unknown, 5 a host gave no answer, 130 Ctrl-C.
    """
    context.obj = service
