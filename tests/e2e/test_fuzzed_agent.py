"""Requests that nobody would send: the agent answers, goes on, and sends nothing of its own."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

import grpc
import grpc.aio
import pytest
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from sonde_lab.exchange import exchange as lab
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_wire.channels import open_channel
from tests.e2e.secrecy.asking import arbitrary, arbitrary_json, spoilt
from tests.e2e.secrecy.contract import Answer, Rpc, call, served_at
from tests.e2e.secrecy.place import HEALTHY, Around, Place, Running, nursery
from tests.e2e.secrecy.tap import Tap, tapped_port

SOCKETS = ("agent.sock", "engine.sock")
AT_ONCE = 6
WITHIN_S, WATCHED_S = 0.4, 0.02
WEIGHT = 1_500
"""Less than the exchange allows in a minute, so that it goes on answering."""
_TIMED = "recvWindow timestamp"
SIGNED = {
    "GET /sapi/v1/account/apiRestrictions": _TIMED,
    "GET /sapi/v1/account/status": _TIMED,
    "GET /fapi/v1/accountConfig": _TIMED,
    "POST /fapi/v1/order/test": f"symbol side type timeInForce quantity price {_TIMED}",
    "GET /api/v3/account": f"omitZeroBalances {_TIMED}",
}
PUBLIC = {
    "GET /fapi/v1/ping": ("",),
    "GET /api/v3/ping": ("",),
    "GET /fapi/v1/time": ("",),
    "GET /api/v3/time": ("",),
    "GET /fapi/v1/exchangeInfo": ("",),
    "GET /api/v3/exchangeInfo": ("", "symbol"),
    "GET /fapi/v1/ticker/price": ("symbol",),
    "GET /api/v3/ticker/price": ("symbol",),
}
CLOSED = {(request, frozenset(names.split()), True) for request, names in SIGNED.items()} | {
    (request, frozenset(names.split()), False) for request, all_ in PUBLIC.items() for names in all_
}
"""Method and path, the names of its parameters, whether it is signed."""
CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
RUNS = {"subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system"}
SYMBOL = re.compile(r"[A-Z0-9_]{1,32}", re.ASCII)
CLEAR = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "UNAVAILABLE",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
}


@dataclass(slots=True)
class Fuzzer:
    """Sends requests to every method of an agent and counts how they end."""

    home: Path
    rpcs: Mapping[str, Sequence[Rpc]]
    dice: random.Random
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    unclear: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def send(self, count: int) -> None:
        """Send so many requests: two of three over gRPC, the others as lines."""
        for name, some in self.rpcs.items():
            async with open_channel(f"unix:{self.home / name}") as channel:
                await self._spread(count // 3, lambda: self._call(channel, self._pick(some)))  # noqa: B023 - it ends before the next
        engine = [rpc for rpc in self.rpcs["engine.sock"] if rpc.service.startswith("sonde.")]
        await self._spread(count // 3 // 50, lambda: self._converse(engine, 50))

    async def _spread(self, count: int, one: Callable[[], Awaitable[None]]) -> None:
        left = iter(range(count))

        async def some() -> None:
            for _ in left:
                await one()

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(some())

    def _pick(self, rpcs: Sequence[Rpc]) -> Rpc:
        """Return a method; one that takes nothing has little to try."""
        weights = [1 + 4 * len(rpc.takes.fields) for rpc in rpcs]
        return self.dice.choices(rpcs, weights)[0]

    def _request(self, rpc: Rpc) -> bytes:
        request = arbitrary(rpc.takes, self.dice).SerializeToString()
        return spoilt(request, self.dice) if self.dice.random() < 0.3 else request

    async def _call(self, channel: grpc.aio.Channel, rpc: Rpc) -> None:
        request = self._request(rpc)
        within_s = WATCHED_S if rpc.name == "Watch" else WITHIN_S
        answer = await call(channel, rpc, request, within_s)
        self.ended[rpc.path, answer.code.name] += 1
        if not is_clear(rpc, request, answer):
            self.unclear.append((rpc.path, repr(answer), request))

    async def _converse(self, rpcs: Sequence[Rpc], count: int) -> None:
        reader, writer = await asyncio.open_unix_connection(self.home / "engine.jsonl")
        with closing(writer):
            for _ in range(count):
                line = self._line(self.dice.choice(rpcs))
                writer.write(line + b"\n")
                self._note(line, json.loads(await reader.readline()))

    def _note(self, line: bytes, answer: Mapping[str, Mapping[str, str]]) -> None:
        code = answer["error"]["code"] if "error" in answer else "OK"
        self.ended["lines", code] += 1
        if code not in CLEAR:
            self.unclear.append(("lines", repr(answer), line))

    def _line(self, rpc: Rpc) -> bytes:
        request = arbitrary_json(rpc.takes, self.dice)
        told = json.dumps({"id": 1, "method": rpc.name, "request": request}).encode()
        if self.dice.random() < 0.4:
            told = spoilt(told, self.dice)
        return told.replace(b"\n", b" ")


def is_clear(rpc: Rpc, request: bytes, answer: Answer) -> bool:
    """Return whether an answer tells its caller what to do."""
    ours = rpc.service.startswith("sonde.")
    if answer.code is grpc.StatusCode.UNKNOWN:
        # How the library itself tells that the bytes are no message.
        return not ours and not is_message(rpc, request)
    told = answer.reason or answer.code.name in {"OK", "DEADLINE_EXCEEDED"}
    return answer.code.name in CLEAR and bool(told or not ours)


def is_message(rpc: Rpc, request: bytes) -> bool:
    try:
        GetMessageClass(rpc.takes).FromString(request)
    except DecodeError:
        return False
    return True


@dataclass(slots=True)
class Host:
    """A fuzzed agent, and what saw it from outside."""

    running: Running
    exchange: lab.Exchange
    tap: Tap
    ntp: str

    def targets(self) -> list[SplitResult]:
        """Return the target of every HTTP request, as it was on the way."""
        sent = b"\n".join(self.tap.asked)
        return [urlsplit(each.decode()) for each in re.findall(rb"[A-Z]+ (\S+) HTTP/1", sent)]

    def connected(self) -> set[tuple[str, int]]:
        """Return the addresses that the agent's process connected or sent to."""
        found = (told[-1] for event, told in self.running.place.witnessed() if event in CONNECTS)
        return {(address[0], address[1]) for address in found if isinstance(address, list)}

    def did(self, event: str) -> list[list[object]]:
        return [told for noted, told in self.running.place.witnessed() if noted == event]


@asynccontextmanager
async def fuzzed_host(directory: Path) -> AsyncIterator[Host]:
    async with AsyncExitStack() as stack:
        agents = await stack.enter_async_context(nursery())
        ntp = await stack.enter_async_context(serve_ntp(Source()))
        exchange = await stack.enter_async_context(serve_exchange(HEALTHY))
        tap = await stack.enter_async_context(tapped_port(int(exchange.url.split(":")[2])))
        url, nobody = f"http://127.0.0.1:{tap.port}", directory / "nobody.sock"
        place = Place(directory / "host")
        around = Around(
            spot=url, usdm=url, echo=url, ntp=[ntp.address], centre=nobody, weight=WEIGHT
        )
        place.furnish(around)
        running = await agents.start(place, {}, "INFO")
        yield Host(running, exchange, tap, ntp.address)
        await running.stop()


@pytest.mark.parametrize("count", [10_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
async def test_no_request_crashes_the_agent_or_makes_it_send_what_is_not_on_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(lab, "LOG_LENGTH", None)
    async with fuzzed_host(tmp_path) as host:
        home = host.running.place.home
        rpcs = {name: await asyncio.to_thread(served_at, f"unix:{home / name}") for name in SOCKETS}
        fuzzer = Fuzzer(home, rpcs, random.Random(5))
        await fuzzer.send(count)

        assert host.running.alive
    check_answers(fuzzer, count)
    check_what_left(host)
    logged = Counter(line["message"] for line in host.running.place.log())
    assert not {"Call failed", "Probe failed", "Crashed"} & set(logged)


def check_answers(fuzzer: Fuzzer, count: int) -> None:
    """Check that each method was called, and that each call ended with something clear."""
    called = {path for path, _ in fuzzer.ended}
    assert called == {rpc.path for some in fuzzer.rpcs.values() for rpc in some} | {"lines"}
    assert fuzzer.ended.total() >= count * 0.99
    assert fuzzer.unclear == []


def check_what_left(host: Host) -> None:
    """Check that only the exchange was asked, and for what is on the list only."""
    asked = {
        (f"{each.method} {each.path}", frozenset(each.parameters), each.signed)
        for each in host.exchange.requests
    }
    assert asked <= CLOSED
    assert {request for request, _, signed in asked if signed} == set(SIGNED)
    for target in host.targets():
        assert not target.netloc
        for name, value in parse_qsl(target.query):
            assert name != "symbol" or SYMBOL.fullmatch(value)
    address, _, port = host.ntp.rpartition(":")
    assert host.connected() == {("127.0.0.1", host.tap.port), (address, int(port))}
    # No name is looked up: these are addresses already.
    assert {told[0] for told in host.did("socket.getaddrinfo")} <= {"127.0.0.1", "0.0.0.0"}
    assert not [event for event, _ in host.running.place.witnessed() if event in RUNS]
    home = str(host.running.place.home)
    told = [told[0] for event in ("open", "sqlite3.connect") for told in host.did(event)]
    # A number is what the system opened a file as: that was noted before, with its name.
    wrote = {str(name) for name in told if not isinstance(name, int)}
    assert {path for path in wrote if not path.startswith((home, f"file:{home}"))} == set()
