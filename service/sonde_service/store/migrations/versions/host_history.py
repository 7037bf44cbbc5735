"""What is remembered of a host, and what changed on it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make room for memories, and the table of changes."""
    with op.batch_alter_table("host_latest") as table:
        table.add_column(sa.Column("memory", sa.LargeBinary))
    op.create_table(
        "changes",
        sa.Column("diagnosis", sa.String(32), nullable=False),
        sa.Column("host", sa.String(63), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("item", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("diagnosis", "host", "number", name="pk_changes"),
        sa.ForeignKeyConstraint(["diagnosis"], ["diagnoses.name"], name="fk_changes_diagnosis"),
    )


def downgrade() -> None:
    """Forget memories and changes."""
    op.drop_table("changes")
    with op.batch_alter_table("host_latest") as table:
        table.drop_column("memory")
