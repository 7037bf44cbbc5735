"""What tests of every package may ask for."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import postgresql

# Daemons live in sbin, which is not on everybody's search path; systemd's in a place of their own.
_DAEMONS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/systemd")
_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), *_DAEMONS))


_WHOLE_WORLDS = ("tests/e2e/", "tests/system/")


class Sharing(LoadScopeScheduling):
    """Says which tests one process runs, where several run side by side.

    The tests of a file share what it sets up. Whole worlds of many processes come one after
    another: two at once would wait for each other until their patience ends.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "whole worlds" if file.startswith(_WHOLE_WORLDS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    """Share tests out by what they need; the library's own groups need an older pytest."""
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the worlds: they take one process longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(_WHOLE_WORLDS))


@pytest.fixture
def needs() -> Callable[[str], Path]:
    """Return the way to a system program; without it skip, but under CI fail.

    CI installs every program that a test asks for, so a test that nobody runs is noticed.
    """

    def find(program: str) -> Path:
        found = shutil.which(program, path=_PLACES)
        if found is not None:
            return Path(found)
        reason = f"the program {program} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and .ci/run should have installed it")
        pytest.skip(reason)

    return find


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Return the URL of a PostgreSQL server."""
    with postgresql.server() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Return the URL of an empty PostgreSQL database."""
    with postgresql.schema(postgresql_server, f"sonde_test_{os.getpid()}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, of each kind that is supported."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path}/service.sqlite3"
