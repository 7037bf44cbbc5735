"""The ``sonde-lab`` command."""

import asyncio
import errno
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from sonde_core.errors import UnavailableError
from sonde_core.exits import Exit
from sonde_lab.demo.play import play
from sonde_lab.drills import command as drills_command
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from sonde_lab.world import World
from sonde_terminal import commands
from sonde_terminal.exits import leave

app = commands.new_app(
    "sonde-lab", "A stand-in world: simulators of the exchange and of NTP servers."
)

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[
    int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")
]


Served = TypeVar("Served")


@app.command()
def exchange(
    *,
    port: Port,
    host: Host = "127.0.0.1",
    world: Annotated[
        Path | None, typer.Option(help="What the exchange is like: a file as in docs/world.md.")
    ] = None,
) -> None:
    """Serve a simulated exchange until told to stop. The first line is its base URL."""
    described = World.from_file(world) if world else World()
    served = serve_exchange(described, host=host, port=port)
    _serve(served, lambda exchange: exchange.url, f"{host}:{port}")


@app.command()
def ntp(
    *,
    port: Port,
    host: Host = "127.0.0.1",
    behaviour: Annotated[
        Behaviour, typer.Option(help="How the server behaves.")
    ] = Behaviour.HONEST,
    offset_ms: Annotated[
        float, typer.Option(help="The server's clock minus this machine's, in milliseconds.")
    ] = 0,
    delay_ms: Annotated[
        float, typer.Option(min=0, help="How much longer a round trip takes, in milliseconds.")
    ] = 0,
    stratum: Annotated[int, typer.Option(min=0, max=255, help="The server's stratum.")] = 2,
) -> None:
    """Serve simulated NTP until told to stop. The first line is its address."""
    source = Source(
        behaviour=behaviour,
        offset=timedelta(milliseconds=offset_ms),
        delay=timedelta(milliseconds=delay_ms),
        stratum=stratum,
    )
    served = serve_ntp(source, host=host, port=port)
    _serve(served, lambda server: server.address, f"{host}:{port}")


@app.command()
def demo(
    *, keep: Annotated[bool, typer.Option(help="Leave it running until Ctrl-C.")] = False
) -> None:
    """Play ten hosts with ten troubles, and diagnose them for real."""
    raise typer.Exit(asyncio.run(play(Console(), keep=keep)))


@app.command()
def drill(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Which drills; all if none is named."),
    ] = None,
    *,
    list_: Annotated[bool, typer.Option("--list", help="Say which there are.")] = False,
) -> None:
    """Bring about faults and check each verdict.

    Exit codes: 0 all right, 1 something is wrong, 2 an unknown name, 130 Ctrl-C.
    """
    drills = drills_command.chosen(names or ())
    if list_:
        drills_command.show_list(drills)
    else:
        raise typer.Exit(drills_command.drill(drills))


def main() -> None:
    """Run ``sonde-lab``."""
    leave("sonde-lab", lambda: commands.run(app, "sonde-lab"))


def _serve(
    served: AbstractAsyncContextManager[Served], where: Callable[[Served], str], wanted: str
) -> None:
    try:
        code = asyncio.run(_until_signalled(served, where))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"{wanted} is in use. Take another port, or 0 for a free one."
        else:
            message = f"Cannot listen on {wanted}: {error.strerror or error}."
        raise UnavailableError(message) from error
    sys.exit(code)  # not by way of typer: a simulator's Ctrl-C is no news


async def _until_signalled(
    served: AbstractAsyncContextManager[Served], where: Callable[[Served], str]
) -> int:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Queue[int] = asyncio.Queue()
    loop.add_signal_handler(signal.SIGTERM, stopped.put_nowait, 0)
    loop.add_signal_handler(signal.SIGINT, stopped.put_nowait, Exit.INTERRUPTED)
    async with served as server:
        typer.echo(where(server))
        sys.stdout.flush()
        return await stopped.get()
