"""What a supervisor hears."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonde_agent.notify import Supervisor


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.bind(str(tmp_path / "notify"))
        own.settimeout(20)
        yield own


def test_a_reload_that_a_bug_ends_is_over_all_the_same(listening: socket.socket) -> None:
    def reload() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        Supervisor(listening.getsockname()).reloading(reload)

    assert [listening.recv(99), listening.recv(99)] == [b"RELOADING=1", b"READY=1"]
