"""Two hosts with a cable between them: network namespaces joined by a veth pair."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_REFUSED = tuple(os.strerror(number) for number in (errno.EPERM, errno.EACCES))


@dataclass(frozen=True, slots=True)
class Hosts:
    """Two hosts, `left` and `right`, by the names of their namespaces."""

    ip: Path
    left: str
    right: str
    left_address: str = "192.0.2.1"
    right_address: str = "192.0.2.2"

    def on(self, host: str) -> tuple[str, ...]:
        """Return what a command line begins with to run on a host."""
        return (str(self.ip), "netns", "exec", host)

    def pull_cable(self) -> None:
        """Cut the connection. Neither host is told about the other's end."""
        self._cable("down")

    def plug_in_cable(self) -> None:
        """Mend it."""
        self._cable("up")

    def _cable(self, state: str) -> None:
        _run(self.ip, "-n", self.left, "link", "set", "cable", state)


@contextmanager
def two_hosts(ip: Path) -> Iterator[Hosts]:
    """Make two hosts. Skip where the system refuses to, which no installing could mend."""
    hosts = Hosts(ip, f"sonde-left-{os.getpid()}", f"sonde-right-{os.getpid()}")
    try:
        try:
            _lay_cable(hosts)
        except subprocess.CalledProcessError as error:
            if any(reason in error.stderr for reason in _REFUSED):
                pytest.skip(f"network namespaces are not allowed here: {error.stderr.strip()}")
            raise
        yield hosts
    finally:
        for name in (hosts.left, hosts.right):
            with suppress(subprocess.CalledProcessError):
                _run(ip, "netns", "delete", name)


def _lay_cable(hosts: Hosts) -> None:
    ip = hosts.ip
    for name in (hosts.left, hosts.right):
        _run(ip, "netns", "add", name)
    peer = ("type", "veth", "peer", "name", "cable", "netns", hosts.right)
    _run(ip, "-n", hosts.left, "link", "add", "cable", *peer)
    for name, address in ((hosts.left, hosts.left_address), (hosts.right, hosts.right_address)):
        _run(ip, "-n", name, "address", "add", f"{address}/30", "dev", "cable")
        for link in ("lo", "cable"):
            _run(ip, "-n", name, "link", "set", link, "up")


def _run(*words: str | Path) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True, timeout=10)
