"""The play: set up ten hosts and a service, diagnose them, show the table, clear up."""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from shutil import which

from rich.console import Console

from sonde.support.v1 import host_pb2, support_service_pb2, support_service_pb2_grpc
from sonde_core.exits import Exit
from sonde_core.readings import WhitelistRecord
from sonde_lab.demo.cast import Player, cast
from sonde_lab.exchange import serve_exchange
from sonde_lab.host import Around, KeyOnHost, Setup
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.stage import Agent, Stage, command, end_on_signals, ready, run, stage
from sonde_lab.world import EXAMPLE_SECRET
from sonde_wire.channels import open_channel
from sonde_wire.readings.setup import encode_whitelist

NTP_SERVERS = 3
_PLAYED = 0
_FAILED = 1


async def play(console: Console, *, keep: bool) -> int:
    """Play the demo and return an exit code. `keep` leaves it running until Ctrl-C.

    Raises `UnavailableError` where it cannot be set up.
    """
    end_on_signals()
    players = cast(datetime.now(UTC))
    try:
        with tempfile.TemporaryDirectory(prefix="sonde-demo-") as home:
            async with stage(Path(home)) as here:
                return await _scenes(here, players, console, keep=keep)
    except asyncio.CancelledError:
        return _PLAYED if keep else Exit.INTERRUPTED


async def _scenes(here: Stage, players: Sequence[Player], console: Console, *, keep: bool) -> int:
    console.print(
        f"Starting a stand-in exchange and NTP servers, the service, and {len(players)} hosts ..."
    )
    await here.set_up_service()
    agents = {player.name: await _set_up(here, player) for player in players}
    await ready([here.service, *(agent.address for agent in agents.values())])
    await _record(here, players, agents)
    await _let_some_die(here, players, agents)
    console.print("$ sonde diagnose --all\n", style="bold", markup=False, highlight=False)
    code = await run(command("sonde", "diagnose", "--all"), SONDE_SERVICE=here.service)
    _teach(here, console, keep=keep)
    if keep:
        await asyncio.Event().wait()
    return _PLAYED if code == Exit.FAILURE else _FAILED


async def _set_up(here: Stage, player: Player) -> Agent:
    """Start one host: its world, and a real agent in it."""
    exchange = await here.stack.enter_async_context(serve_exchange(player.world()))
    source = Source(offset=-player.clock_ahead)
    sources = [await here.stack.enter_async_context(serve_ntp(source)) for _ in range(NTP_SERVERS)]
    around = Around(url=exchange.url, sources=[each.address for each in sources])
    key = KeyOnHost(secret=player.secret or EXAMPLE_SECRET)
    return await here.set_up_host(player.name, Setup(accounts={"main": key}), around)


async def _record(here: Stage, players: Sequence[Player], agents: Mapping[str, Agent]) -> None:
    """Tell the service which hosts there are, and which IP list support recorded for each."""
    async with open_channel(here.service) as channel:
        stub = support_service_pb2_grpc.SupportServiceStub(channel)
        for player in players:
            record = WhitelistRecord(
                entries=(ip_network(player.listed),),
                recorded=datetime.now(UTC),
                recorded_by="support",
            )
            host = host_pb2.Host(
                name=player.name,
                address=agents[player.name].address,
                whitelists={"main": encode_whitelist(record)},
            )
            await stub.CreateHost(support_service_pb2.CreateHostRequest(host=host))


async def _let_some_die(
    here: Stage, players: Sequence[Player], agents: Mapping[str, Agent]
) -> None:
    """Diagnose the doomed once, so that it is known when they were last seen; then kill them."""
    doomed = [player.name for player in players if player.dies]
    async with open_channel(here.service) as channel:
        request = support_service_pb2.DiagnoseHostsRequest()
        request.filter.names.extend(doomed)
        call = support_service_pb2_grpc.SupportServiceStub(channel).DiagnoseHosts(request)
        async for _ in call:
            pass
    for name in doomed:
        agents[name].process.kill()
        await agents[name].process.wait()


def _teach(here: Stage, console: Console, *, keep: bool) -> None:
    print_line = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    print_line()
    if keep:
        print_line("It stays until Ctrl-C. In another terminal:")
        if not which("sonde"):
            print_line(f"  export PATH={Path(sys.executable).parent}:$PATH")
        print_line(f"  export SONDE_SERVICE={here.service}")
    else:
        print_line(
            "That was the whole demo. `make demo KEEP=1` leaves it running to play with; then try:"
        )
    for words, why in (
        ("sonde diagnose sgp-04", "one host, with the evidence and what to do"),
        ("sonde diagnose --all --lang zh", "the same table in Chinese"),
        ("sonde history tyo-02", "what was found on it before"),
    ):
        print_line(f"  {words:32} {why}")
