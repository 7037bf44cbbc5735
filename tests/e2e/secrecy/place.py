"""A host whose agent is watched on every side."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from sonde.fleet.v1 import fleet_service_pb2 as pb
from sonde.fleet.v1 import fleet_service_pb2_grpc as rpc
from sonde_lab.world import Key, World
from tests.e2e.secrecy.canary import needles
from tests.lab.key_pairs import ed25519_key, key_of, private_pem

ROOT = Path(__file__).parents[3]
SECRET = "CANARYtq7ZrVw2NhXeP9sUb4KmLd6YgFj8Ao3QcHn5BvTx1RkSz0EiWpGyDuMlOfJ"[:64]
HMAC_ID = "CANARYidHmacR8tYw3KpXz6VnBq1LmSd9FgHj4Ao7QcUe2NvTx5RkZi0EbWpGyDuM"[:64]
PEM_ID = "CANARYidPemW5nBx2LqVt8KzRm1YpSd6FgHj3Ao9QcUe4NvTw7RkXi0EbZpGyDuMs"[:64]
PASSWORD = "CANARYpwX4uTr9ZbVn6KsLq2WdHf8GyJ"
"""Of the engine's proxy: too short to be known as a key."""
PEM = private_pem(ed25519_key())
_SEED = ed25519_key().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
SECRETS = {
    "the secret": needles(SECRET.encode()),
    "the private key": needles(_SEED) | needles(PEM.splitlines()[1].encode()),
    "the password": needles(PASSWORD.encode()),
}
IDS = {"an API key": needles(HMAC_ID.encode()) | needles(PEM_ID.encode())}
HEALTHY = World(
    keys=(
        Key(api_key=HMAC_ID, secret=SECRET),
        Key(
            api_key=PEM_ID,
            type=key_of(ed25519_key()).type,
            public_key=key_of(ed25519_key()).public_key,
        ),
    )
)
KEY_FILES = {"hmac.key": HMAC_ID, "hmac.secret": SECRET, "pem.key": PEM_ID, "pem.pem": PEM}
_OURS = {"agent.toml", "witness.jsonl"}
"""What is no agent's."""
_SHOWN = ("environ", "cmdline", "comm", "status", "maps")
_CONFIG = """\
[agent]
socket = "{home}/agent.sock"
state_dir = "{home}"
[clock]
servers = {ntp}
samples = 1
timeout = "500ms"
synchronizer = "elsewhere"
[egress]
echo_urls = ["{echo}/_sonde/ip"]
[exchange]
environment = "custom"
proxy = "{proxy}"
{resolver}
[exchange.urls]
spot = "{spot}"
usdm = "{usdm}"
[budget]
weight_per_minute = {weight}
[metrics]
listen = "127.0.0.1:0"
[reports]
service = "unix:{centre}"
host = "tyo-02"
[[account]]
name = "hmac"
api_key_file = "{home}/hmac.key"
secret_file = "{home}/hmac.secret"
[[account]]
name = "pem"
api_key_file = "{home}/pem.key"
private_key_file = "{home}/pem.pem"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where an agent finds what is around it."""

    spot: str
    usdm: str
    echo: str
    """The URL of what tells the address that it sees."""
    ntp: list[str]
    centre: Path
    proxy: str = ""
    resolver: str = ""
    weight: int = 6000


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of one agent, and what it left there."""

    home: Path

    @property
    def config(self) -> Path:
        """The agent's configuration."""
        return self.home / "agent.toml"

    def furnish(self, around: Around) -> None:
        """Write the configuration and the keys."""
        self.home.mkdir(mode=0o700)
        changed = {
            "home": self.home,
            "ntp": json.dumps(around.ntp),
            "resolver": f'resolver = "{around.resolver}"' if around.resolver else "",
        }
        self.config.write_text(_CONFIG.format_map(asdict(around) | changed))
        for name, content in KEY_FILES.items():
            (self.home / name).write_text(content)
            (self.home / name).chmod(0o600)

    def log(self) -> list[dict[str, str]]:
        """Return what it logged so far."""
        path = self.home / "agent.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def files(self) -> dict[str, bytes]:
        """Return what it wrote: logs, spool, state."""
        left: dict[str, bytes] = {}
        for path in self.home.rglob("*"):
            if path.is_file() and path.name not in {*KEY_FILES, *_OURS}:
                with suppress(FileNotFoundError):  # one that took the place of another
                    left[str(path.relative_to(self.home))] = path.read_bytes()
        return left

    def witnessed(self) -> Iterator[tuple[str, list[object]]]:
        """Return where it connected, and what it looked up, ran and wrote."""
        for line in (self.home / "witness.jsonl").read_text().splitlines():
            event, told = json.loads(line)
            yield event, told


@dataclass(slots=True)
class Running:
    """An agent that runs."""

    place: Place
    pid: int
    process: asyncio.subprocess.Process | None = None
    """Where it is a child of ours."""

    @property
    def metrics(self) -> str:
        """Where it serves metrics; empty before it does."""
        told = (
            line["address"] for line in self.place.log() if line["message"] == "Serving metrics"
        )
        return next(told, "")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return Path(f"/proc/{self.pid}/stat").exists()

    def shown(self) -> dict[str, bytes]:
        """Return what the system shows of it. Of one that is sealed only root sees all."""
        process = Path(f"/proc/{self.pid}")
        shown: dict[str, bytes] = {}
        for name in _SHOWN:
            with suppress(PermissionError):
                shown[f"/proc {name}"] = (process / name).read_bytes()
        with suppress(PermissionError):
            shown["/proc fd"] = "\n".join(_links(process / "fd")).encode()
        return shown

    async def serving(self) -> None:
        """Wait until it serves."""
        async with asyncio.timeout(30):
            while not self.metrics:  # noqa: ASYNC110 - nothing tells when it appears
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Let it end as systemd does."""
        os.kill(self.pid, signal.SIGTERM)
        async with asyncio.timeout(20):
            while self.alive:  # noqa: ASYNC110 - it is nobody's child
                await asyncio.sleep(0.02)


def _links(descriptors: Path) -> Iterator[str]:
    for each in descriptors.iterdir():
        with suppress(FileNotFoundError):  # closed in the meantime
            yield str(each.readlink())


async def installed(place: Place, environ: Mapping[str, str]) -> Running:
    """Start an agent as it is installed, and wait until it serves."""
    program = Path(sys.executable).with_name("sonde-agent")
    with (place.home / "agent.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(program, "run", "--config", place.config),
            stdout=log,
            stderr=log,
            env={**os.environ, **environ},
        )
    running = Running(place, process.pid, process)
    await running.serving()
    return running


@dataclass(slots=True)
class Nursery:
    """Starts agents quickly."""

    process: asyncio.subprocess.Process
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(
        self, place: Place, environ: Mapping[str, str], level: str = "DEBUG"
    ) -> Running:
        """Start an agent and wait until it serves."""
        assert self.process.stdin
        assert self.process.stdout
        async with self.turn:
            line = json.dumps([str(place.home), level, dict(environ)])
            self.process.stdin.write(line.encode() + b"\n")
            running = Running(place, int(await self.process.stdout.readline()))
        await running.serving()
        return running


@asynccontextmanager
async def nursery(planted: str = "") -> AsyncIterator[Nursery]:
    """Start what starts agents, leaking ones where something is planted."""
    leaked = (planted,) if planted else ()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.secrecy.witness", *leaked),
        cwd=ROOT,
        env={**os.environ, **dict.fromkeys(("PLANTED",) * len(leaked), planted)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    yield Nursery(process)
    assert process.stdin
    process.stdin.close()
    await process.wait()


@dataclass(slots=True)
class Centre(rpc.FleetServiceServicer):
    """Takes every report and keeps what was sent."""

    received: list[bytes] = field(default_factory=list)

    async def SubmitReports(  # noqa: N802 - gRPC finds it by this name
        self, request: pb.SubmitReportsRequest, context: object
    ) -> pb.SubmitReportsResponse:
        """Acknowledge all."""
        del context
        self.received.append(request.SerializeToString())
        return pb.SubmitReportsResponse(acknowledged_sequence=request.reports[-1].sequence)
