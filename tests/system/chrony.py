"""A real chronyd on loopback: a server that never touches this machine's clock."""

import asyncio
import getpass
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

STRATUM = 5
_SETTLED_S = 0.1
_REQUEST = bytes([4 << 3 | 3]) + bytes(47)
"""Version 4, mode 3 (client), all else zero."""
_CONFIG = """\
port {port}
bindaddress 127.0.0.1
allow 127.0.0.1
cmdport 0
bindcmdaddress /
local stratum {stratum}
pidfile {home}/chronyd.pid
"""


@asynccontextmanager
async def serve_chrony(program: Path, home: Path) -> AsyncIterator[str]:
    """Serve NTP at the address given, in stratum 5, by this machine's clock."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = home / "chrony.conf"
    config.write_text(_CONFIG.format(port=port, stratum=STRATUM, home=home))
    process = await asyncio.create_subprocess_exec(
        program, "-d", "-x", "-U", "-u", getpass.getuser(), "-f", config,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(10):
            await asyncio.to_thread(_wait, port)
        yield f"127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def _wait(port: int) -> None:
    """Wait for an answer. Until the port is open, each request is refused."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(0.1)
        client.connect(("127.0.0.1", port))
        for _ in range(100):
            try:
                client.send(_REQUEST)
                client.recv(len(_REQUEST))
            except OSError:
                time.sleep(0.05)
                continue
            return
    raise TimeoutError("chronyd does not answer")


_FOLLOWING = """\
server {host} port {server} iburst minpoll -2 maxpoll 0
port 0
cmdport {port}
bindcmdaddress 127.0.0.1
pidfile {home}/following.pid
"""


@asynccontextmanager
async def follow_chrony(
    program: Path, tool: Path, home: Path, server: str, *, synchronized: bool = True
) -> AsyncIterator[int]:
    """Have a chronyd follow a server, and give the port where its tool asks it."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    host, _, server_port = server.rpartition(":")
    config = home / "following.conf"
    config.write_text(_FOLLOWING.format(host=host, server=server_port, port=port, home=home))
    process = await asyncio.create_subprocess_exec(
        program, "-d", "-x", "-U", "-u", getpass.getuser(), "-f", config,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    told = _is_settled if synchronized else _is_alone
    try:
        async with asyncio.timeout(20):
            while not told(await _tracking(tool, port)):  # noqa: ASYNC110 - another process tells
                await asyncio.sleep(0.05)
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _is_settled(tracking: bytes) -> bool:
    """Tell whether it follows a server and no longer claims the large error of the start."""
    if b",Normal" not in tracking:
        return False
    *_, root_dispersion, _, _ = tracking.split(b",")
    return float(root_dispersion) < _SETTLED_S


def _is_alone(tracking: bytes) -> bool:
    return b",Not synchronised" in tracking


async def _tracking(tool: Path, port: int) -> bytes:
    asking = await asyncio.create_subprocess_exec(
        tool, "-h", "127.0.0.1", "-p", str(port), "-c", "tracking",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    printed, _ = await asking.communicate()
    return printed
