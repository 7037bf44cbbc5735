"""What engines report, and how far each spool has come."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of spools and reports."""
    op.create_table(
        "spools",
        sa.Column("host", sa.String(63), nullable=False),
        sa.Column("spool", sa.String(63), nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("dropped_health", sa.BigInteger, nullable=False),
        sa.Column("dropped_failures", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("host", "spool", name="pk_spools"),
    )
    op.create_table(
        "reports",
        sa.Column("host", sa.String(63), nullable=False),
        sa.Column("spool", sa.String(63), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("report", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("host", "spool", "sequence", name="pk_reports"),
    )
    op.create_index("ix_reports_host_time", "reports", ["host", "time"])


def downgrade() -> None:
    """Forget what engines reported."""
    op.drop_table("reports")
    op.drop_table("spools")
