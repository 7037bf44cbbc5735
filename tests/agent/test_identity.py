"""What the smoke test says of a server that it cannot meet over TLS."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from sonde_agent.smoke.flaws import NotRunError
from sonde_agent.smoke.identity import Identity
from sonde_wire.addresses import TcpAddress, parse_address
from tests.wire.certificates import authority


async def test_a_closed_port_is_told_in_the_systems_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken and not listening: every connection is refused
        address = parse_address(f"127.0.0.1:{taken.getsockname()[1]}")
        assert isinstance(address, TcpAddress)
        identity = Identity(
            address, authority(tmp_path).issue("agent"), "agent", timedelta(seconds=20)
        )

        with pytest.raises(NotRunError) as told:
            await identity.carries_its_name()

    assert str(told.value) == "Connection refused"
