"""Run an installed command as people do: in a process of its own, on a terminal or off it."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PLAIN = {"LANG": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath), "TERM": "xterm-256color"}
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Command:
    """An installed command and the environment that it runs in."""

    name: str
    environ: Mapping[str, str] = field(default_factory=dict)

    async def start(
        self,
        *arguments: str,
        stdin: int = asyncio.subprocess.DEVNULL,
        stdout: int = asyncio.subprocess.PIPE,
        environ: Mapping[str, str] | None = None,
    ) -> asyncio.subprocess.Process:
        """Start it off a terminal."""
        return await asyncio.create_subprocess_exec(
            self._program(),
            *arguments,
            stdin=stdin,
            stdout=stdout,
            stderr=asyncio.subprocess.PIPE,
            env=self._env(environ or {}),
        )

    async def __call__(self, *arguments: str, **environ: str) -> Ended:
        """Run it off a terminal, to its end."""
        return await ended(await self.start(*arguments, environ=environ))

    async def on_terminal(self, *arguments: str, columns: int = 100, **environ: str) -> Ended:
        """Run it on a terminal of its own, to its end. Everything it says is in `out`."""
        near, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = await asyncio.create_subprocess_exec(
            self._program(), *arguments, stdin=far, stdout=far, stderr=far, env=self._env(environ)
        )
        os.close(far)
        said = await asyncio.to_thread(_read_all, near)
        os.close(near)
        return Ended(await process.wait(), said, "")

    def _program(self) -> str:
        return str(Path(sys.executable).with_name(self.name))

    def _env(self, environ: Mapping[str, str]) -> dict[str, str]:
        return {**_PLAIN, **self.environ, **environ}


async def ended(process: asyncio.subprocess.Process, said: bytes | None = None) -> Ended:
    """Say something to a command that was started, if anything, and wait for its end."""
    out, err = await process.communicate(said)
    return Ended(await process.wait(), (out or b"").decode(), err.decode())


def _read_all(terminal: int) -> str:
    chunks = []
    try:
        while chunk := os.read(terminal, 65_536):
            chunks.append(chunk)
    except OSError:  # Linux says EIO once nobody holds the other end
        pass
    return b"".join(chunks).decode()


def without_escapes(text: str) -> str:
    """Return what stays of a terminal's text when colours and cursor movements are taken out."""
    return _ESCAPE.sub("", text)
