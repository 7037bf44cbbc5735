"""Hosts, diagnoses and their results."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_hosts()
    _make_host_details()
    _make_diagnoses()


def _make_hosts() -> None:
    op.create_table(
        "hosts",
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("tls_name", sa.String(253), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("uid_last6", sa.String(6), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hosts"),
    )
    op.create_index("ix_hosts_email", "hosts", ["email"])
    op.create_table(
        "host_latest",
        sa.Column("host", sa.String(63), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("healthy", sa.Boolean, nullable=False),
        sa.Column("agent_version", sa.String(64), nullable=False),
        sa.Column("diagnosis", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_host_latest"),
    )


def _make_host_details() -> None:
    op.create_table(
        "host_labels",
        sa.Column("host", sa.String(63), nullable=False),
        sa.Column("key", sa.String(63), nullable=False),
        sa.Column("value", sa.String(63), nullable=False),
        sa.PrimaryKeyConstraint("host", "key", name="pk_host_labels"),
        sa.ForeignKeyConstraint(
            ["host"], ["hosts.name"], name="fk_host_labels_host", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_host_labels_key_value", "host_labels", ["key", "value"])
    op.create_table(
        "whitelists",
        sa.Column("host", sa.String(63), nullable=False),
        sa.Column("account", sa.String(63), nullable=False),
        sa.Column("entries", sa.JSON, nullable=False),
        sa.Column("recorded", sa.BigInteger),
        sa.Column("recorded_by", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("host", "account", name="pk_whitelists"),
        sa.ForeignKeyConstraint(
            ["host"], ["hosts.name"], name="fk_whitelists_host", ondelete="CASCADE"
        ),
    )


def _make_diagnoses() -> None:
    op.create_table(
        "diagnoses",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expected", sa.Integer, nullable=False),
        sa.Column("hosts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_diagnoses"),
    )
    op.create_index("ix_diagnoses_created", "diagnoses", ["created"])
    op.create_table(
        "results",
        sa.Column("diagnosis", sa.String(32), nullable=False),
        sa.Column("host", sa.String(63), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("healthy", sa.Boolean, nullable=False),
        sa.Column("agent_version", sa.String(64), nullable=False),
        sa.Column("rules_version", sa.String(32), nullable=False),
        sa.Column("result", sa.LargeBinary, nullable=False),
        sa.Column("readings", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("diagnosis", "host", name="pk_results"),
        sa.ForeignKeyConstraint(["diagnosis"], ["diagnoses.name"], name="fk_results_diagnosis"),
    )
    op.create_index("ix_results_host_time", "results", ["host", "time"])


def downgrade() -> None:
    """Remove the tables."""
    for table in ("results", "diagnoses", "whitelists", "host_labels", "host_latest", "hosts"):
        op.drop_table(table)
