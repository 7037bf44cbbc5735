"""What engines reported to their hosts' agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection, delete, insert, select, update

from sonde_core.errors import AlreadyExistsError
from sonde_service.store.insertion import insert_into
from sonde_service.store.schema import reports, spools

HEALTH = "health"
"""The kind of report of which only the latest matter."""
FAILURE = "failure"
HEALTH_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """One report of an engine."""

    host: str
    spool: str
    sequence: int
    """Its place in the spool, from 1."""
    time: datetime
    """When the agent acknowledged it, by the host's clock."""
    kind: str
    report: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What a spool had no room for since it began."""

    health: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class ReportsStore:
    """Reports and how far each spool has come, within one transaction."""

    connection: Connection

    def add(self, host: str, spool: str, batch: Sequence[StoredReport], dropped: Dropped) -> int:
        """Keep those reports of a spool that are new, and return the last place that is kept.

        The batch is in order. What comes again changes nothing, nor does an older copy's count of
        what was dropped. Where another report has a place that is kept already, the last place
        before it is returned; raises `AlreadyExistsError` where there is none, for then the spool
        is an older copy that was brought back.
        """
        last = self._last(host, spool)
        again = [one for one in batch if one.sequence <= last]
        same = self._same(again)
        if same < len(again):
            if not same:
                raise AlreadyExistsError(
                    f"spool: another report has place {again[0].sequence} already", host=host
                )
            return again[same - 1].sequence
        new = [one for one in batch if one.sequence > last]
        if not new:
            return last
        self.connection.execute(insert(reports), [_row(one) for one in new])
        self._forget_health(host, new[-1].time - HEALTH_KEPT)
        last = new[-1].sequence
        of_spool = (spools.c.host == host) & (spools.c.spool == spool)
        self.connection.execute(
            update(spools)
            .where(of_spool)
            .values(last=last, dropped_health=dropped.health, dropped_failures=dropped.failures)
        )
        return last

    def _same(self, again: Sequence[StoredReport]) -> int:
        """Return how many of a spool's reports, from the first on, are those that are kept."""
        if not again:
            return 0
        first, last = again[0], again[-1]
        query = select(reports).where(
            (reports.c.host == first.host)
            & (reports.c.spool == first.spool)
            & reports.c.sequence.between(first.sequence, last.sequence)
        )
        kept = {
            row.sequence: StoredReport(**row._mapping) for row in self.connection.execute(query)
        }

        def is_kept(one: StoredReport) -> bool:
            forgotten = one.kind == HEALTH and one.time < last.time - HEALTH_KEPT
            return kept.get(one.sequence) == one or (forgotten and one.sequence not in kept)

        return sum(1 for _ in takewhile(is_kept, again))

    def _forget_health(self, host: str, before: datetime) -> None:
        """Remove what engines said of themselves long ago: there is one every few seconds."""
        old = (reports.c.host == host) & (reports.c.time < before) & (reports.c.kind == HEALTH)
        self.connection.execute(delete(reports).where(old))

    def _last(self, host: str, spool: str) -> int:
        """Return how far a spool has come, and let nobody else move it meanwhile."""
        first = {"host": host, "spool": spool, "last": 0}
        row = {**first, "dropped_health": 0, "dropped_failures": 0}
        self.connection.execute(
            insert_into(self.connection, spools).values(row).on_conflict_do_nothing()
        )
        of_spool = (spools.c.host == host) & (spools.c.spool == spool)
        query = select(spools.c.last).where(of_spool).with_for_update()
        return int(self.connection.execute(query).scalar_one())

    def dropped(self, host: str) -> Dropped:
        """Return what all spools of a host had no room for."""
        query = select(spools.c.dropped_health, spools.c.dropped_failures)
        rows = self.connection.execute(query.where(spools.c.host == host)).all()
        return Dropped(
            health=sum(row.dropped_health for row in rows),
            failures=sum(row.dropped_failures for row in rows),
        )

    def newest(
        self, host: str, kind: str, since: datetime | None, before: datetime | None, limit: int
    ) -> Sequence[StoredReport]:
        """Return reports of one kind from an instant on and before another, newest first."""
        query = select(reports).where(reports.c.host == host, reports.c.kind == kind)
        if since:
            query = query.where(reports.c.time >= since)
        if before:
            query = query.where(reports.c.time < before)
        order = (reports.c.time.desc(), reports.c.spool, reports.c.sequence.desc())
        rows = self.connection.execute(query.order_by(*order).limit(limit))
        return [StoredReport(**row._mapping) for row in rows]

    def of_host(self, host: str) -> Sequence[StoredReport]:
        """Return what a host's engines reported, spool by spool, in order."""
        query = select(reports).where(reports.c.host == host)
        return [
            StoredReport(**row._mapping)
            for row in self.connection.execute(query.order_by(reports.c.spool, reports.c.sequence))
        ]


def _row(one: StoredReport) -> dict[str, object]:
    return {
        "host": one.host,
        "spool": one.spool,
        "sequence": one.sequence,
        "time": one.time,
        "kind": one.kind,
        "report": one.report,
    }
