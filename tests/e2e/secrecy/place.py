"""A host whose agent is watched on every side."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
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
PEM = private_pem(ed25519_key())
_SEED = ed25519_key().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
SECRETS = {
    "the secret": needles(SECRET.encode()),
    "the private key": needles(_SEED) | needles(PEM.splitlines()[1].encode()),
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
_CONFIG = """\
[agent]
socket = "{home}/agent.sock"
state_dir = "{home}"
[clock]
servers = ["{ntp}"]
samples = 1
timeout = "500ms"
synchronizer = "elsewhere"
[egress]
echo_urls = ["{url}/_sonde/ip"]
[exchange]
environment = "custom"
[exchange.urls]
spot = "{url}"
usdm = "{url}"
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


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of one agent, and what it left there."""

    home: Path

    def furnish(self, *, exchange: str, ntp: str, centre: Path, weight: int = 6000) -> None:
        """Write the configuration and the keys."""
        self.home.mkdir(mode=0o700)
        text = _CONFIG.format(home=self.home, url=exchange, ntp=ntp, centre=centre, weight=weight)
        (self.home / "agent.toml").write_text(text)
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
        return {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and path.name not in KEY_FILES
        }

    def witnessed(self) -> Iterator[tuple[str, list[object]]]:
        """Return where it connected, and what it looked up, ran and wrote."""
        for line in (self.home / "witness.jsonl").read_text().splitlines():
            event, told = json.loads(line)
            yield event, told


@dataclass(slots=True)
class Nursery:
    """Starts agents quickly."""

    process: asyncio.subprocess.Process
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self, place: Place, level: str) -> "Running":
        """Start an agent and wait until it serves."""
        assert self.process.stdin
        assert self.process.stdout
        async with self.turn:
            self.process.stdin.write(json.dumps([str(place.home), level]).encode() + b"\n")
            running = Running(place, int(await self.process.stdout.readline()))
        async with asyncio.timeout(30):
            while not running.metrics:  # noqa: ASYNC110 - nothing tells when it appears
                await asyncio.sleep(0.02)
        return running


@dataclass(slots=True)
class Running:
    """An agent that runs."""

    place: Place
    pid: int

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

    async def stop(self) -> None:
        """Let it end as systemd does."""
        os.kill(self.pid, signal.SIGTERM)
        async with asyncio.timeout(20):
            while self.alive:  # noqa: ASYNC110 - it is nobody's child
                await asyncio.sleep(0.02)


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Start what starts agents."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.secrecy.witness"),
        cwd=ROOT,
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
