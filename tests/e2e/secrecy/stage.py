"""Plays scenes: an agent in each, of which everything is asked and all that leaves it kept."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import unquote_to_bytes
from urllib.request import urlopen

import grpc.aio
from google.protobuf import json_format

from sonde_lab.exchange import serve_exchange
from sonde_lab.interceptor import INTERCEPTOR, authority_beside, issue
from sonde_wire.channels import open_channel
from tests.agent.between import interceptor, meddling
from tests.agent.test_second_resolver import name_server
from tests.e2e.secrecy.asking import Words, sensible
from tests.e2e.secrecy.canary import pieces
from tests.e2e.secrecy.contract import Rpc, call, served_at
from tests.e2e.secrecy.place import Around, Place, Running
from tests.e2e.secrecy.scenes import HALF, PROXIED, Resolve, Scene
from tests.e2e.secrecy.tap import Ear, Tap, TappedNtp, ear, tapped_ntp, tapped_port, tapped_socket
from tests.lab.certificates import shown

WITHIN_S, ENDLESS_S = 4, 0.2
AT_ONCE = 6
"""Agents."""
CALLS = 12
"""Of one agent at once: it allows 16."""
ROUNDS = 5
WATCH = "/grpc.health.v1.Health/Watch"
SOCKETS = ("agent.sock", "engine.sock")
NOBODY = 9
"""A port that nobody listens on."""
Start = Callable[[Place, Mapping[str, str]], Awaitable[Running]]


@dataclass(slots=True, kw_only=True)
class Taps:
    """Whatever an agent can say something to, but for its callers."""

    exchange: Tap
    proxied: list[bytes]
    """What a proxy was asked."""
    ntp: Sequence[TappedNtp]
    resolved: list[bytes]
    """What the other name server was asked."""
    systemd: Ear

    @property
    def heard(self) -> dict[str, bytes]:
        """All that was said, by the kind of listener."""
        return {
            "http": b"\0".join([*self.exchange.asked, *self.proxied]),
            "ntp": b"\0".join(packet for each in self.ntp for packet in each.heard),
            "dns": b"\0".join(self.resolved),
            "systemd": b"\0".join(self.systemd.heard),
        }

    def met(self, scene: Scene) -> bool:
        """Return whether the agent came upon all that is special about a scene."""
        tunnelled = b"".join(self.proxied)
        return (
            all(each.heard for each in self.ntp)
            and bool(self.resolved) == (scene.resolver is not None)
            and bool(self.proxied) == (scene.setup.proxy == PROXIED)
            and (
                scene.setup is not HALF or (b"signature=" in tunnelled and b"CONNECT" in tunnelled)
            )
        )


@dataclass(slots=True)
class Recorder:
    """Asks everything of one agent, and keeps all that left it."""

    running: Running
    taps: Taps
    sockets: Mapping[str, Tap]
    words: Words
    left: dict[str, bytes] = field(default_factory=dict)
    ended: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def ask(self, rpcs: Mapping[str, Sequence[Rpc]]) -> None:
        """Call every method of every socket, the engine's as JSON lines too, and read metrics."""
        home = self.running.place.home
        for name, some in rpcs.items():
            turns = asyncio.Semaphore(CALLS)
            async with open_channel(f"unix:{home}/{name}.tap") as channel:
                calls = (
                    self._call(channel, rpc, each.SerializeToString(), turns)
                    for rpc in some
                    for each in sensible(rpc.takes, self.words)
                )
                await asyncio.gather(*calls)
        engine = [each for each in rpcs["engine.sock"] if each.service.startswith("sonde.")]
        self.left["lines"] = await self._lines(home / "engine.jsonl", engine)
        self.left["metrics"] = await asyncio.to_thread(scraped, self.running.metrics)
        # What SQLite has not put into its file yet is gone when the agent has ended.
        self.left |= {f"{name}, running": what for name, what in self.running.place.files().items()}
        self.left |= self.running.shown()

    async def _call(
        self, channel: grpc.aio.Channel, rpc: Rpc, request: bytes, turns: asyncio.Semaphore
    ) -> None:
        within_s = WITHIN_S if rpc.path != WATCH else ENDLESS_S
        async with turns:
            answer = await call(channel, rpc, request, within_s)
        self.ended[rpc.path].add(answer.code.name)
        where = f"messages of {rpc.path}"
        self.left[where] = self.left.get(where, b"") + answer.content

    async def _lines(self, path: Path, rpcs: Iterable[Rpc]) -> bytes:
        """Ask an engine's questions as JSON lines and return what came back."""
        reader, writer = await asyncio.open_unix_connection(path)
        answers = []
        for rpc in rpcs:
            for request in sensible(rpc.takes, self.words):
                told = {"id": 1, "method": rpc.name, "request": json_format.MessageToDict(request)}
                writer.write(json.dumps(told).encode() + b"\n")
                answers.append(await reader.readline())
        writer.close()
        await writer.wait_closed()
        return b"".join(answers)

    def finish(self) -> None:
        """Add what was seen on the sockets and what was written."""
        for name, tap in self.sockets.items():
            self.left[f"bytes of {name}"] = b"\0".join(tap.answered)
        self.left |= self.taps.heard
        self.left |= self.running.place.files()

    def signatures(self) -> frozenset[bytes]:
        """Return what tells each signature that was sent, as sent and as it was before."""
        sent = set(re.findall(rb"signature=([^& \r\0]+)", self.left["http"]))
        whole = sent | {unquote_to_bytes(each) for each in sent}
        return frozenset(piece for each in whole for piece in pieces(each))


def scraped(address: str) -> bytes:
    """Return what an agent's metrics are."""
    with urlopen(f"http://{address}/metrics") as response:
        return bytes(response.read())


@dataclass(slots=True)
class Stage:
    """Where agents are put into scenes, a few at a time."""

    directory: Path
    centre: Path
    words: Words
    certificate: Path = field(init=False)
    """Whoever opens TLS shows it."""
    rpcs: dict[str, list[Rpc]] = field(default_factory=dict)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def __post_init__(self) -> None:
        self.certificate = issue(self.directory, name="127.0.0.1", by=INTERCEPTOR)

    async def play_all(self, scenes: Mapping[str, Scene], start: Start) -> dict[str, Recorder]:
        """Ask everything of an agent in each scene, and end it."""
        places = (Place(self.directory / str(number)) for number in range(len(scenes)))
        async with asyncio.TaskGroup() as group:
            plays = {
                name: group.create_task(self._play(place, scene, start))
                for place, (name, scene) in zip(places, scenes.items(), strict=True)
            }
        return {name: play.result() for name, play in plays.items()}

    async def _play(self, place: Place, scene: Scene, start: Start) -> Recorder:
        # To end takes an agent half a second in which it does nothing: that is nobody's turn.
        async with AsyncExitStack() as stack, self.turns:
            taps = await self._furnish(place, scene, stack)
            environ = {"NOTIFY_SOCKET": str(notified(place))}
            if scene.setup.trusting:
                environ["SSL_CERT_FILE"] = str(authority_beside(self.directory))
            running = await start(place, environ)
            stack.push_async_callback(running.stop)
            sockets = {
                name: await stack.enter_async_context(
                    tapped_socket(place.home / f"{name}.tap", place.home / name)
                )
                for name in SOCKETS
            }
            recorder = Recorder(running, taps, sockets, self.words)
            rpcs = await self._discovered(place.home)
            for _ in range(ROUNDS):
                await recorder.ask(rpcs)
                if taps.met(scene):  # on a busy machine a call may end before that
                    break
        recorder.finish()
        return recorder

    async def _discovered(self, home: Path) -> dict[str, list[Rpc]]:
        """Return what each socket serves; each agent serves the same."""
        for name in SOCKETS:
            if name not in self.rpcs:
                self.rpcs[name] = await asyncio.to_thread(served_at, f"unix:{home / name}")
        return self.rpcs

    async def _furnish(self, place: Place, scene: Scene, stack: AsyncExitStack) -> Taps:
        """Set up what is around an agent, and tell the agent of it."""
        enter = stack.enter_async_context
        exchange = await enter(serve_exchange(scene.world))
        tap = await enter(tapped_port(int(exchange.url.rpartition(":")[2])))
        ntp = [await enter(tapped_ntp(source)) for source in scene.sources]
        url = f"http://127.0.0.1:{tap.port}"
        opened = await enter(interceptor(url, shown(self.certificate)))
        proxy, proxied = await enter(meddling(scene.proxy))
        resolver, resolved = await enter(tapped_resolver(scene.resolver))
        filled = partial(
            str.format, url=url, named_url=f"http://localhost:{tap.port}", port=tap.port,
            closed=NOBODY, intercepted=opened, proxy=proxy,
        )  # fmt: skip
        around = Around(
            spot=filled(scene.setup.spot),
            usdm=filled(scene.setup.usdm),
            echo=url,
            ntp=[each.address for each in ntp],
            centre=self.centre if scene.reported else self.directory / "nobody.sock",
            proxy=filled(scene.setup.proxy),
            resolver=resolver,
        )
        place.furnish(around)
        systemd = await enter(ear(notified(place)))
        return Taps(exchange=tap, proxied=proxied, ntp=ntp, resolved=resolved, systemd=systemd)


def notified(place: Place) -> Path:
    """Return where an agent says that it is ready: beside its home, which has its files alone."""
    return place.home.with_suffix(".notify")


@asynccontextmanager
async def tapped_resolver(resolve: Resolve | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve as a name server, if there is one, and tell what it was asked."""
    asked: list[bytes] = []

    def respond(question: bytes) -> list[bytes]:
        asked.append(question)
        return resolve(question) if resolve else []

    async with name_server(respond) as server:
        yield (server if resolve else ""), asked
