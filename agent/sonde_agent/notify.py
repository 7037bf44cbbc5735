"""Telling systemd how the agent is, over the socket that it names (sd_notify(3))."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Whoever started the agent and wants to know. Without one, nothing is said."""

    address: str = ""
    watchdog: timedelta | None = None
    """How long the agent may be silent before it is killed."""

    def tell(self, *states: str) -> None:
        """Say something, such as READY=1. A supervisor that does not listen changes nothing."""
        if not self.address:
            return
        name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as own:
            try:
                own.sendto("\n".join(states).encode(), socket.MSG_DONTWAIT, name)
            except OSError:
                return

    def ready(self) -> None:
        """Say that calls are answered from now on."""
        self.tell("READY=1")

    def stopping(self) -> None:
        """Say that no further call is answered, and that what runs is finished."""
        self.tell("STOPPING=1")

    def reloading(self, reload: Callable[[], None]) -> None:
        """Say that a change is under way, make it, and say that it is done."""
        self.tell("RELOADING=1")
        try:
            reload()
        finally:
            self.ready()

    async def keep_awake(self) -> None:
        """Give a sign of life from the loop that answers, for ever: twice per span."""
        while self.watchdog:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self.watchdog.total_seconds() / 2)


def supervisor(environ: Mapping[str, str]) -> Supervisor:
    """Return the supervisor that the environment names."""
    span, process = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    ours = span.isdecimal() and int(span) > 0 and process in {"", str(os.getpid())}
    return Supervisor(
        address=environ.get("NOTIFY_SOCKET", ""),
        watchdog=timedelta(microseconds=int(span)) if ours else None,
    )
