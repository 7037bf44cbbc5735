"""Which hosts there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, exists, insert, select, update

from sonde_core.addresses import parse_network
from sonde_core.evidence import LastSeen
from sonde_core.readings import WhitelistRecord
from sonde_service.hosts import Customer, Host, HostFilter
from sonde_service.store.insertion import insert_into
from sonde_service.store.schema import host_labels, host_latest, hosts, whitelists


@dataclass(frozen=True, slots=True)
class HostsStore:
    """The hosts, within one transaction."""

    connection: Connection

    def names(self) -> frozenset[str]:
        """Return every host's name."""
        return frozenset(self.connection.scalars(select(hosts.c.name)))

    def add(self, host: Host) -> bool:
        """Add a host. Return False where the name is taken."""
        statement = insert_into(self.connection, hosts).values(_row(host)).on_conflict_do_nothing()
        # Not the row count: for an insertion, PostgreSQL's driver does not know it.
        if not self.connection.scalar(statement.returning(hosts.c.name)):
            return False
        # A late answer of an earlier host of this name says nothing about this one.
        self.connection.execute(delete(host_latest).where(host_latest.c.host == host.name))
        self._add_details(host)
        return True

    def replace(self, host: Host) -> bool:
        """Replace what is recorded about a host. Return False where there is none.

        When it was added stays.
        """
        row = _row(host)
        del row["created"]
        statement = update(hosts).where(hosts.c.name == host.name).values(row)
        if not self.connection.execute(statement).rowcount:
            return False
        for table in (host_labels, whitelists):
            self.connection.execute(delete(table).where(table.c.host == host.name))
        self._add_details(host)
        return True

    def remove(self, name: str) -> bool:
        """Remove a host. Return False where there is none. Its results stay."""
        self.connection.execute(delete(host_latest).where(host_latest.c.host == name))
        return bool(self.connection.execute(delete(hosts).where(hosts.c.name == name)).rowcount)

    def find(
        self, wanted: HostFilter, *, after: str = "", limit: int | None = None
    ) -> Sequence[Host]:
        """Return the hosts of a filter by name, at most `limit` of those after a name."""
        latest = [host_latest.c[name] for name in ("time", "healthy", "agent_version")]
        query = _filtered(
            select(*hosts.c, *latest).outerjoin(host_latest, host_latest.c.host == hosts.c.name),
            wanted,
        )
        rows = self.connection.execute(
            query.where(hosts.c.name > after).order_by(hosts.c.name).limit(limit)
        ).all()
        details = _Details(self.connection, [row.name for row in rows] if limit else None)
        return [details.host(row) for row in rows]

    def _add_details(self, host: Host) -> None:
        labels = [{"host": host.name, "key": k, "value": v} for k, v in host.labels.items()]
        records = [_record_row(host.name, *item) for item in host.whitelists.items()]
        for table, rows in ((host_labels, labels), (whitelists, records)):
            if rows:
                self.connection.execute(insert(table), rows)


class _Details:
    """The labels and recorded IP lists of some hosts, or of all."""

    def __init__(self, connection: Connection, names: Iterable[str] | None) -> None:
        self._labels: dict[str, dict[str, str]] = {}
        self._whitelists: dict[str, dict[str, WhitelistRecord]] = {}
        for row in connection.execute(_of(host_labels, names)):
            self._labels.setdefault(row.host, {})[row.key] = row.value
        for row in connection.execute(_of(whitelists, names)):
            self._whitelists.setdefault(row.host, {})[row.account] = _record(row)

    def host(self, row: Row[Any]) -> Host:
        """Return the host of a row."""
        customer = Customer(
            email=row.email,
            uid_last6=row.uid_last6,
            language=row.language,
            time_zone=row.time_zone,
        )
        return Host(
            name=row.name,
            address=row.address,
            tls_name=row.tls_name,
            customer=customer,
            labels=self._labels.get(row.name, {}),
            whitelists=self._whitelists.get(row.name, {}),
            created=row.created,
            last_seen=LastSeen(time=row.time, healthy=row.healthy) if row.time else None,
            agent_version=row.agent_version or "",
        )


def _filtered(query: Select[Any], wanted: HostFilter) -> Select[Any]:
    if wanted.names:
        query = query.where(hosts.c.name.in_(sorted(wanted.names)))
    if wanted.customer_email:
        query = query.where(hosts.c.email == wanted.customer_email)
    for key, value in wanted.labels.items():
        label = (host_labels.c.host == hosts.c.name, host_labels.c.key == key)
        query = query.where(exists().where(*label, host_labels.c.value == value))
    return query


def _of(table: Table, names: Iterable[str] | None) -> Select[Any]:
    query = select(table)
    return query if names is None else query.where(table.c.host.in_(list(names)))


def _row(host: Host) -> dict[str, Any]:
    return {
        "name": host.name,
        "address": host.address,
        "tls_name": host.tls_name,
        "email": host.customer.email,
        "uid_last6": host.customer.uid_last6,
        "language": host.customer.language,
        "time_zone": host.customer.time_zone,
        "created": host.created,
    }


def _record_row(host: str, account: str, record: WhitelistRecord) -> Mapping[str, Any]:
    return {
        "host": host,
        "account": account,
        "entries": [str(entry) for entry in record.entries],
        "recorded": record.recorded,
        "recorded_by": record.recorded_by,
    }


def _record(row: Row[Any]) -> WhitelistRecord:
    return WhitelistRecord(
        entries=tuple(parse_network(entry) for entry in row.entries),
        recorded=row.recorded,
        recorded_by=row.recorded_by,
    )
