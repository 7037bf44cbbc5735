"""Alembic runs this. The connection and its transaction belong to whoever migrates."""

from alembic import context

from sonde_service.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=False,  # one transaction around all revisions is open already
)
context.run_migrations()
