"""What was found out, when, about which host."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    case,
    func,
    literal,
    select,
    true,
    tuple_,
)

from sonde_core.records import record
from sonde_service.store.insertion import insert_into
from sonde_service.store.schema import diagnoses, host_latest, hosts, results


@record(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """One host's result in one diagnosis, as it is kept."""

    diagnosis: str
    host: str
    time: datetime
    status: str
    healthy: bool
    agent_version: str
    rules_version: str
    result: bytes
    """The report, packed."""
    readings: bytes = b""
    """A serialized CollectEvidenceResponse: findings can be derived again from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDiagnosis:
    """A diagnosis and how far it came."""

    name: str
    created: datetime
    expected: int
    stored: int
    healthy: int


_COLUMNS = tuple(field.name for field in fields(StoredResult))
_WITHOUT_READINGS = tuple(column for column in results.c if column.name != "readings")


@dataclass(frozen=True, slots=True)
class DiagnosesStore:
    """The diagnoses, within one transaction. Results are only ever added."""

    connection: Connection

    def begin(self, name: str, created: datetime, hosts: Sequence[str]) -> bool:
        """Record what will be diagnosed. Return False where the name is taken."""
        row = {"name": name, "created": created, "expected": len(hosts), "hosts": list(hosts)}
        statement = insert_into(self.connection, diagnoses).values(row).on_conflict_do_nothing()
        return bool(self.connection.scalar(statement.returning(diagnoses.c.name)))

    def add(self, batch: Sequence[StoredResult], *, answered: str) -> None:
        """Keep results, and the latest state of the hosts whose status is `answered`.

        Adding a result twice changes nothing.
        """
        rows = [{name: getattr(result, name) for name in _COLUMNS} for result in batch]
        self.connection.execute(
            insert_into(self.connection, results).on_conflict_do_nothing(), rows
        )
        # In one order always: two transactions that hold each other's rows wait for ever.
        by_host = sorted(batch, key=lambda result: result.host)
        latest = [_latest(result) for result in by_host if result.status == answered]
        if latest:
            self.connection.execute(_upsert_latest(self.connection), latest)

    def get(self, name: str) -> StoredDiagnosis | None:
        """Return a diagnosis."""
        found = self._summaries(diagnoses.c.name == name, limit=1)
        return found[0] if found else None

    def page(self, before: tuple[datetime, str] | None, limit: int) -> Sequence[StoredDiagnosis]:
        """Return diagnoses, newest first, from before an instant and name on."""
        key = tuple_(diagnoses.c.created, diagnoses.c.name)
        return self._summaries(key < _pair(before) if before else true(), limit)

    def results(
        self, diagnosis: str, *, host: str = "", after: str = "", limit: int | None = None
    ) -> Sequence[StoredResult]:
        """Return a diagnosis's results by host, from after a name on, or that of one host."""
        query = select(results).where(results.c.diagnosis == diagnosis, results.c.host > after)
        if host:
            query = query.where(results.c.host == host)
        page = query.order_by(results.c.host).limit(limit)
        return [StoredResult(**row) for row in self.connection.execute(page).mappings()]

    def history(
        self, host: str, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[StoredResult]:
        """Return a host's results without their readings, newest first."""
        key = tuple_(results.c.time, results.c.diagnosis)
        query = select(*_WITHOUT_READINGS).where(results.c.host == host)
        if before:
            query = query.where(key < _pair(before))
        newest = query.order_by(results.c.time.desc(), results.c.diagnosis.desc()).limit(limit)
        return [StoredResult(**row) for row in self.connection.execute(newest).mappings()]

    def latest(self, names: Sequence[str]) -> Sequence[StoredResult]:
        """Return the newest result of each of some hosts, without its readings.

        Those of an earlier host of the same name say nothing about this one.
        """
        those = results.alias()
        newest = (
            select(those.c.diagnosis)
            .where(those.c.host == hosts.c.name, those.c.time >= hosts.c.created)
            .order_by(those.c.time.desc(), those.c.diagnosis.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(*_WITHOUT_READINGS)
            .join(hosts, hosts.c.name == results.c.host)
            .where(hosts.c.name.in_(names), results.c.diagnosis == newest)
        )
        return [StoredResult(**row) for row in self.connection.execute(query).mappings()]

    def _summaries(self, condition: ColumnElement[bool], limit: int) -> Sequence[StoredDiagnosis]:
        key = (diagnoses.c.created.desc(), diagnoses.c.name.desc())
        newest = select(diagnoses).where(condition).order_by(*key).limit(limit).subquery()
        columns = [newest.c[name] for name in ("name", "created", "expected")]
        healthy = func.sum(case((results.c.healthy, 1), else_=0))
        query = (
            select(*columns, func.count(results.c.host).label("stored"), healthy.label("healthy"))
            .outerjoin(results, results.c.diagnosis == newest.c.name)
            .group_by(*columns)
            .order_by(newest.c.created.desc(), newest.c.name.desc())
        )
        return [StoredDiagnosis(**row) for row in self.connection.execute(query).mappings()]


def _upsert_latest(connection: Connection) -> Executable:
    statement = insert_into(connection, host_latest)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["host"],
        set_={name: new[name] for name in ("time", "healthy", "agent_version", "diagnosis")},
        where=new.time >= host_latest.c.time,
    )


def _latest(result: StoredResult) -> dict[str, Any]:
    return {
        "host": result.host,
        "time": result.time,
        "healthy": result.healthy,
        "agent_version": result.agent_version,
        "diagnosis": result.diagnosis,
    }


def _pair(position: tuple[datetime, str]) -> ColumnElement[Any]:
    instant, name = position
    return tuple_(literal(instant, results.c.time.type), literal(name))
