"""Brings a database to the form that this code reads, and refuses one of another form."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from sonde_core.errors import ConfigInvalidError
from sonde_service.store.store import Store

_LATEST = "head"


def upgrade(store: Store) -> None:
    """Bring a database to the form that this code reads; an empty one gets every table.

    Raises `ConfigInvalidError` where a newer version of this program made the database.
    """
    with store.transaction() as connection:
        _refuse_newer(_revision(connection))
        command.upgrade(_config(connection), _LATEST)


def downgrade(store: Store, revision: str) -> None:
    """Bring a database back to an earlier revision; "base" removes every table.

    What later revisions added is lost. Raises `ConfigInvalidError` for an unknown revision.
    """
    with store.transaction() as connection:
        _refuse_newer(_revision(connection))
        try:
            command.downgrade(_config(connection), revision)
        except CommandError as error:
            raise ConfigInvalidError(f"revision {revision}: {error}", revision=revision) from error


def require_current(store: Store) -> None:
    """Raise `ConfigInvalidError`, naming the fix, unless the database has the right form."""
    with store.transaction(writes=False) as connection:
        current = _revision(connection)
    _refuse_newer(current)
    if current != _script().get_current_head():
        raise ConfigInvalidError(
            "the database is not in the form that this version reads: run `sonde-service migrate`",
            revision=current or "none",
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in _script().walk_revisions()}
    if revision is not None and revision not in known:
        raise ConfigInvalidError(
            f"the database was made by a newer version (revision {revision}): "
            "install that version or name another database",
            revision=revision,
        )


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "sonde_service.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
