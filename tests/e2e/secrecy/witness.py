"""Starts an agent for each line that it reads, and says its process id.

The line is JSON: the agent's directory, its level of logging and more for its environment. What the
agent logs goes to agent.log there, and where it connected, what it looked up, ran and wrote to
witness.jsonl. Where there is an argument, each agent leaks it.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

import sonde_agent.metrics  # noqa: F401 - the agent does it late, and here once is enough
from sonde_agent import config, logs, main
from tests.e2e.secrecy.leaky import leak

_NOTED = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.system",
        "sqlite3.connect",
    }
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def start_for_each_line() -> None:
    """Fork an agent per line on standard input. The dead are nobody's business."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        process = os.fork()
        if not process:
            _live(*json.loads(line))
        print(process, flush=True)  # noqa: T201 - the answer


def _live(home: str, level: str, environ: dict[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(environ)
    place = Path(home)
    log = _appending(place / "agent.log")
    os.dup2(log, 1)
    os.dup2(log, 2)
    _watch(_appending(place / "witness.jsonl"))
    logs.configure(logging.getLevelNamesMapping()[level])
    for planted in sys.argv[1:]:
        leak(planted, place)
    read = lambda: config.read(place / "agent.toml", {})  # noqa: E731 - as main.run is given it
    try:
        asyncio.run(main.serve(read))
    except BaseException:
        logging.getLogger().critical("Crashed", exc_info=True)
        os._exit(1)
    os._exit(0)


def _appending(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _watch(notes: int) -> None:
    def note(event: str, args: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(args[2], int) and args[2] & _WRITES
        if writes or event in _NOTED:
            plain = [arg.decode() if isinstance(arg, bytes) else arg for arg in args]
            told = [arg if isinstance(arg, str | int | tuple) else str(arg) for arg in plain]
            os.write(notes, json.dumps([event, told], default=str).encode() + b"\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    start_for_each_line()
