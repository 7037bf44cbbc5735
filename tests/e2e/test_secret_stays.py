"""No call, no fault and no log brings a secret out of the agent."""

import asyncio
import base64
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote_to_bytes
from urllib.request import urlopen

import grpc.aio
import pytest
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from msgspec.structs import replace

from sonde.fleet.v1.fleet_service_pb2_grpc import add_FleetServiceServicer_to_server
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.world import (
    Answer,
    Fault,
    Key,
    Limits,
    Permissions,
    SurfaceState,
    World,
)
from sonde_lab.world import Place as Place_
from sonde_wire.channels import open_channel
from sonde_wire.serving import bind, new_server
from tests.agent_home import AgentHome
from tests.commands import Command
from tests.e2e.secrecy.asking import sensible
from tests.e2e.secrecy.canary import found, needles
from tests.e2e.secrecy.contract import Rpc, call, served_at
from tests.e2e.secrecy.place import (
    HEALTHY,
    HMAC_ID,
    IDS,
    PEM,
    SECRET,
    SECRETS,
    Centre,
    Nursery,
    Place,
    Running,
    nursery,
)
from tests.e2e.secrecy.tap import Tap, tapped_port, tapped_socket

WITHIN_S, ENDLESS_S = 4, 0.2
AT_ONCE = 4
"""Agents."""
CALLS = 12
"""Of one agent at once: it allows 16."""
WATCH = "/grpc.health.v1.Health/Watch"
UNFIT = {WATCH: {"DEADLINE_EXCEEDED"}, "/grpc.health.v1.Health/List": {"UNIMPLEMENTED"}}
"""What goes on until its caller has enough, and what the library has in its contract only."""
SOCKETS = ("agent.sock", "engine.sock")
SIGNED = (
    "/sapi/v1/account/apiRestrictions",
    "/sapi/v1/account/status",
    "/fapi/v1/accountConfig",
    "/fapi/v1/order/test",
    "/api/v3/account",
)
LEAKY = f"secret {SECRET}, key {HMAC_ID}, {PEM} https://x.example/?signature={SECRET[:20]}"
WORDS = {
    "account": ("hmac", "pem"),
    "endpoint": ("usdm", "spot"),
    "symbol": ("BTCUSDT",),
    "timeout": (Duration(seconds=1),),
    "engine": ("grid",),
    "version": (LEAKY,),
    "text": (LEAKY,),
    "exception": (LEAKY,),
    "message": (LEAKY,),
    "code": (-1021,),
    "surface": ("usdm",),
    "side": (LEAKY,),
    "service": ("",),
    "list_services": ("",),
}


def keys(**changes: object) -> World:
    """Return a world in which both keys are different in some way."""
    return replace(HEALTHY, keys=tuple(replace(key, **changes) for key in HEALTHY.keys))


def counting(limits: Limits) -> World:
    """Return a world in which every product counts differently."""
    state = SurfaceState(limits=limits)
    return replace(HEALTHY, spot=state, sapi=state, usdm=state)


def struck(answer: Answer, paths: Iterable[str | None]) -> World:
    """Return a world in which something goes wrong on some paths."""
    return replace(HEALTHY, faults=tuple(Fault(path=path, answer=answer) for path in paths))


WORLDS = {
    "nothing": HEALTHY,
    **{f"{each}, signed": struck(each, SIGNED) for each in Answer},
    **{str(each): struck(each, [None]) for each in Answer if each.place is not Place_.WAY_BACK},
    "delay": replace(HEALTHY, faults=tuple(Fault(path=p, delay_ms=3_000) for p in SIGNED)),
    "the clock": replace(HEALTHY, clock_offset_ms=60_000),
    "no key": keys(deleted=True),
    "the address": keys(ip_list=("203.0.113.7",)),
    "permissions": keys(permissions=Permissions(enable_reading=False, enable_futures=False)),
    "withdrawals": keys(permissions=Permissions(enable_withdrawals=True)),
    "the secret": replace(HEALTHY, keys=(Key(api_key=HMAC_ID, secret="another"), HEALTHY.keys[1])),
    "a ban": counting(Limits(banned_until_ms=9_000_000_000_000)),
    "the weight": counting(Limits(weight_limit=30)),
    "maintenance": replace(HEALTHY, system_maintenance=True),
}


@dataclass(slots=True)
class Recorder:
    """Asks everything of one agent, and keeps all that left it."""

    running: Running
    exchange: Tap
    sockets: Mapping[str, Tap]
    left: dict[str, bytes] = field(default_factory=dict)
    ended: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def ask(self, rpcs: Mapping[str, Sequence[Rpc]]) -> None:
        """Call every method of every socket, the engine's as JSON lines too, and read metrics."""
        home = self.running.place.home
        for name, some in rpcs.items():
            turns = asyncio.Semaphore(CALLS)
            async with open_channel(f"unix:{home}/{name}.tap") as channel:
                calls = (
                    self._call(channel, rpc, each, turns) for rpc in some for each in asked(rpc)
                )
                await asyncio.gather(*calls)
        engine = [each for each in rpcs["engine.sock"] if each.service.startswith("sonde.")]
        self.left["lines"] = await lines(home / "engine.jsonl", engine)
        self.left["metrics"] = await asyncio.to_thread(scraped, self.running.metrics)

    async def _call(
        self, channel: grpc.aio.Channel, rpc: Rpc, request: bytes, turns: asyncio.Semaphore
    ) -> None:
        within_s = WITHIN_S if rpc.path != WATCH else ENDLESS_S
        async with turns:
            answer = await call(channel, rpc, request, within_s)
        self.ended[rpc.path].add(answer.code.name)
        where = f"messages of {rpc.path}"
        self.left[where] = self.left.get(where, b"") + answer.content

    def finish(self) -> None:
        """Add what was seen on the sockets and what was written."""
        for name, tap in self.sockets.items():
            self.left[f"bytes of {name}"] = b"\0".join(tap.answered)
        self.left["http"] = b"\0".join(self.exchange.asked)
        self.left |= self.running.place.files()

    def signatures(self) -> frozenset[bytes]:
        """Return every signature that was sent, as sent and as it was before."""
        sent = set(re.findall(rb"signature=([^& \r\0]+)", self.left["http"]))
        return frozenset(sent | {unquote_to_bytes(each) for each in sent})


def asked(rpc: Rpc) -> list[bytes]:
    return [each.SerializeToString() for each in sensible(rpc.takes, WORDS)]


async def lines(path: Path, rpcs: Iterable[Rpc]) -> bytes:
    """Ask an engine's questions as JSON lines and return what came back."""
    reader, writer = await asyncio.open_unix_connection(path)
    answers = []
    for rpc in rpcs:
        for request in sensible(rpc.takes, WORDS):
            told = {"id": 1, "method": rpc.name, "request": json_format.MessageToDict(request)}
            writer.write(json.dumps(told).encode() + b"\n")
            answers.append(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return b"".join(answers)


def scraped(address: str) -> bytes:
    with urlopen(f"http://{address}/metrics") as response:
        return bytes(response.read())


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    kept, server = Centre(), new_server(max_concurrent_streams=100, max_receive_bytes=1 << 22)
    add_FleetServiceServicer_to_server(kept, server)
    bind(server, f"unix:{tmp_path}/centre.sock")
    await server.start()
    yield kept
    await server.stop(None)


@dataclass(slots=True)
class Stage:
    """Where agents are put into worlds, a few at a time."""

    directory: Path
    nursery: Nursery
    ntp: str
    rpcs: dict[str, list[Rpc]] = field(default_factory=dict)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def play(self, number: int, world: World) -> Recorder:
        """Ask everything of an agent in a world, and end it."""
        place = Place(self.directory / str(number))
        async with self.turns, AsyncExitStack() as stack:
            exchange = await stack.enter_async_context(serve_exchange(world))
            tap = await stack.enter_async_context(tapped_port(int(exchange.url.split(":")[2])))
            url, centre = f"http://127.0.0.1:{tap.port}", self.directory / "centre.sock"
            place.furnish(exchange=url, ntp=self.ntp, centre=centre)
            running = await self.nursery.start(place, "DEBUG")
            sockets = {
                name: await stack.enter_async_context(
                    tapped_socket(place.home / f"{name}.tap", place.home / name)
                )
                for name in SOCKETS
            }
            recorder = Recorder(running, tap, sockets)
            await recorder.ask(await self.discovered(place.home))
            await running.stop()
        recorder.finish()
        return recorder

    async def discovered(self, home: Path) -> dict[str, list[Rpc]]:
        """Return what each socket serves; each agent serves the same."""
        for name in SOCKETS:
            if name not in self.rpcs:
                self.rpcs[name] = await asyncio.to_thread(served_at, f"unix:{home / name}")
        return self.rpcs


async def test_a_secret_never_leaves_the_agent(tmp_path: Path, centre: Centre) -> None:
    async with nursery() as agents, serve_ntp(Source()) as ntp:
        stage = Stage(tmp_path, agents, ntp.address)
        plays = (stage.play(number, world) for number, world in enumerate(WORLDS.values()))
        recorders = dict(zip(WORLDS, await asyncio.gather(*plays), strict=True))

    leaks = {
        (name, *leak) for name, each in recorders.items() for leak in found(SECRETS, each.left)
    }
    for name, each in recorders.items():
        shown = {**IDS, "a signature": each.signatures()}
        elsewhere = {where: content for where, content in each.left.items() if where != "http"}
        leaks |= {(name, *leak) for leak in found(shown, elsewhere)}
    reported = {"centre": b"\0".join(centre.received)}
    leaks |= {("all", *leak) for leak in found({**SECRETS, **IDS}, reported)}

    assert leaks == set()
    check_that_there_was_something_to_find(recorders, centre)


def check_that_there_was_something_to_find(
    recorders: Mapping[str, Recorder], centre: Centre
) -> None:
    """Nothing was found because nothing leaked, and not because nothing was asked or kept."""
    well = recorders["nothing"]
    unfit = {path: codes for path, codes in well.ended.items() if "OK" not in codes}
    assert unfit == UNFIT
    for path in SIGNED:
        assert path.encode() in well.left["http"]
    assert {piece for piece in IDS["an API key"] if piece in well.left["http"]}
    assert b"endpoint" in well.left["messages of /sonde.agent.v1.AgentService/CollectEvidence"]
    assert b'"level": "debug"' in well.left["agent.log"]
    for kept in (b"".join(centre.received), well.left["spool.sqlite3"]):
        assert b"***" in kept
    assert b"sonde_" in well.left["metrics"]
    assert b'"ReportFailure"' not in well.left["lines"]
    assert well.left["lines"].count(b'"response"') == well.left["lines"].count(b"\n") == 3


@pytest.mark.parametrize(
    "made",
    [
        SECRET,
        f"x{SECRET}",
        SECRET[20:],
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        *(base64.b64encode(bytes(n) + SECRET.encode()).decode() for n in range(3)),
        *(base64.urlsafe_b64encode(bytes(n) + SECRET.encode()).decode() for n in range(3)),
        "".join(f"%{byte:02X}" for byte in SECRET.encode()),
    ],
)
def test_whatever_it_is_made_into_it_would_be_found(made: str) -> None:
    assert found(SECRETS, {"log": f"a {made} b".encode()}) == {("the secret", "log")}


def test_a_key_would_be_found_with_its_special_characters_quoted() -> None:
    odd = b"/+=&%/+=&%/+=&%/+=&%/+=&%/+=&%/+=&%"
    text = odd.decode()

    for made in (
        quote(text, safe=""),
        quote_plus(text),
        json.dumps(text),
        text.replace("/", "\\/"),
    ):
        assert found({"odd": needles(odd)}, {"url": made.encode()})


async def test_what_the_system_shows_of_a_process_has_no_secret(tmp_path: Path) -> None:
    home = AgentHome(tmp_path)
    home.furnish(exchange="http://127.0.0.1:9", servers=["127.0.0.1:9"], timeout="50ms")
    (tmp_path / "api.secret").write_text(SECRET)
    process = await Command("sonde-agent").start("run", "--config", str(home.config))
    assert process.stderr
    while b"Serving" not in (line := await process.stderr.readline()):
        assert line, "it ended"
    shown = {
        path.name: await asyncio.to_thread(path.read_bytes)
        for path in (Path(f"/proc/{process.pid}/environ"), Path(f"/proc/{process.pid}/cmdline"))
    }
    process.terminate()
    await process.communicate()

    assert b"agent.toml" in shown["cmdline"]
    assert found(SECRETS, shown) == set()
