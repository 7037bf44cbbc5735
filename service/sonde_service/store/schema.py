"""The tables. Migrations make them; a test keeps the two equal."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970: exact and sortable in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return what is kept."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return what was kept."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


# Names make constraints removable: SQLite's batch mode and PostgreSQL must agree on them.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NAME = String(63)

hosts = Table(
    "hosts",
    METADATA,
    Column("name", _NAME, primary_key=True),
    Column("address", String(300), nullable=False),
    Column("tls_name", String(253), nullable=False),
    Column("email", String(254), nullable=False, index=True),
    Column("uid_last6", String(6), nullable=False),
    Column("language", String(2), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("created", Instant, nullable=False),
)

host_labels = Table(
    "host_labels",
    METADATA,
    Column("host", _NAME, ForeignKey(hosts.c.name, ondelete="CASCADE"), primary_key=True),
    Column("key", _NAME, primary_key=True),
    Column("value", _NAME, nullable=False),
    Index(None, "key", "value"),
)

whitelists = Table(
    "whitelists",
    METADATA,
    Column("host", _NAME, ForeignKey(hosts.c.name, ondelete="CASCADE"), primary_key=True),
    Column("account", _NAME, primary_key=True),
    Column("entries", JSON, nullable=False),
    Column("recorded", Instant),
    Column("recorded_by", String(254), nullable=False),
)

# What lists show, so that they never search the history. No foreign key: an answer may arrive
# while its host is being removed.
host_latest = Table(
    "host_latest",
    METADATA,
    Column("host", _NAME, primary_key=True),
    Column("time", Instant, nullable=False),
    Column("healthy", Boolean, nullable=False),
    Column("agent_version", String(64), nullable=False),
    Column("diagnosis", String(32), nullable=False),
    Column("memory", LargeBinary),
)

diagnoses = Table(
    "diagnoses",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("created", Instant, nullable=False, index=True),
    Column("expected", Integer, nullable=False),
    Column("hosts", JSON, nullable=False),
)

# Append-only, and without a foreign key to hosts: it outlives them.
results = Table(
    "results",
    METADATA,
    Column("diagnosis", String(32), ForeignKey(diagnoses.c.name), primary_key=True),
    Column("host", _NAME, primary_key=True),
    Column("time", Instant, nullable=False),
    Column("status", String(16), nullable=False),
    Column("healthy", Boolean, nullable=False),
    Column("agent_version", String(64), nullable=False),
    Column("rules_version", String(32), nullable=False),
    Column("result", LargeBinary, nullable=False),
    Column("readings", LargeBinary, nullable=False),
    Index(None, "host", "time"),
)

# Append-only as the results are: a change belongs to the result of the diagnosis that saw it.
changes = Table(
    "changes",
    METADATA,
    Column("diagnosis", String(32), ForeignKey(diagnoses.c.name), primary_key=True),
    Column("host", _NAME, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time", Instant, nullable=False),
    Column("item", LargeBinary, nullable=False),
)

# How far each spool of a host has come. It moves in the transaction that keeps the reports.
spools = Table(
    "spools",
    METADATA,
    Column("host", _NAME, primary_key=True),
    Column("spool", _NAME, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("dropped_health", BigInteger, nullable=False),
    Column("dropped_failures", BigInteger, nullable=False),
)

# Append-only, and without a foreign key to hosts: it outlives them.
reports = Table(
    "reports",
    METADATA,
    Column("host", _NAME, primary_key=True),
    Column("spool", _NAME, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("time", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("report", LargeBinary, nullable=False),
    Index(None, "host", "time"),
)
