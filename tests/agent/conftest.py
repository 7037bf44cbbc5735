"""Key files, and a host beside a simulated exchange."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sonde_agent.keyring import KeyFiles
from sonde_lab.exchange import Exchange, serve_exchange
from sonde_lab.world import (
    World,
)
from tests.agent.exchange_host import Host
from tests.agent.key_files import API_KEY, PEM, SECRET, kept


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    return kept(tmp_path / "secret", SECRET.encode() + b"\n")


@pytest.fixture
def files(tmp_path: Path, secret_file: Path) -> KeyFiles:
    (tmp_path / "key").write_text(API_KEY + "\n")
    return KeyFiles(api_key_file=tmp_path / "key", secret_file=secret_file)


@pytest.fixture
def pem_file(tmp_path: Path) -> Path:
    return kept(tmp_path / "main.pem", PEM.encode())


@pytest.fixture
def pem_files(files: KeyFiles, pem_file: Path) -> KeyFiles:
    return KeyFiles(api_key_file=files.api_key_file, private_key_file=pem_file)


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with serve_exchange(World()) as served:
        yield served


@pytest.fixture
def host(exchange: Exchange) -> Host:
    return Host(exchange.url, exchange.url)
