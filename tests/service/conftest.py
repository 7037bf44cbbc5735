"""The service over a real socket, with links of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store
from tests.service.links import FakeLink
from tests.service.serving import serving

if TYPE_CHECKING:
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/service.sqlite3") as opened:
        upgrade(opened)
        yield opened


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest_asyncio.fixture
async def service(
    store: Store, link: FakeLink, tmp_path: Path
) -> AsyncIterator[SupportServiceAsyncStub]:
    async with serving(store, link, tmp_path) as stub:
        yield stub
