"""A PostgreSQL server for tests, and an empty schema of it for each."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

SERVER = "SONDE_TEST_POSTGRESQL_URL"
"""Names a server to use in place of the one that is started here; tests make schemas in it."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server of this process's own on a unix socket and return its URL.

    PostgreSQL does not run as root: for root, pgserver makes a user named pgserver and opens the
    way to its programs for it.
    """
    if given := os.environ.get(SERVER):
        yield given
        return
    with (
        tempfile.TemporaryDirectory(prefix="sonde-pg-", ignore_cleanup_errors=True) as home,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", home)  # pgserver keeps its lock there
        from pgserver.postgres_server import get_server  # noqa: PLC0415 - reads it when imported

        # Only "delete" keeps it from coming back to its lock at exit.
        with _one_at_a_time():
            server = get_server(Path(home) / "data", cleanup_mode="delete")
        with server as running:
            # Nothing here outlives the server, and each test commits many small things.
            running.psql("ALTER SYSTEM SET fsync = off")
            running.psql("SELECT pg_reload_conf()")
            yield running.get_uri()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keep processes that test side by side from making the user named pgserver at once."""
    with Path(tempfile.gettempdir(), f"sonde-pg-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def schema(server_url: str, name: str) -> Iterator[str]:
    """Make an empty schema and return the URL of a database that seems to hold nothing else."""
    url = make_url(server_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {name}"))
        alone = url.set(drivername="postgresql").update_query_dict(
            {"options": f"-csearch_path={name}"}
        )
        yield alone.render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    finally:
        engine.dispose()


def is_postgresql(url: str) -> bool:
    """Tell whether a URL is one of PostgreSQL."""
    return make_url(url).get_backend_name() == "postgresql"
