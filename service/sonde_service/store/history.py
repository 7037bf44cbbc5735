"""What is remembered of each host, and what changed on it."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from sonde_core.history import Change
from sonde_core.memory import Memory
from sonde_core.records import record
from sonde_service.packing import pack_item, unpack_item
from sonde_service.store.insertion import insert_into
from sonde_service.store.schema import changes, host_latest

logger = logging.getLogger(__name__)

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Memory)
_MOST_NAMED = 500
"""Hosts in one query by name. Beyond it, reading all of them costs less."""


@record(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """What changed on a host, and the diagnosis that saw it."""

    host: str
    diagnosis: str
    number: int
    """Its place among the changes that this diagnosis saw on this host, oldest first."""
    change: Change


@dataclass(frozen=True, slots=True)
class HistoryStore:
    """Memories and changes, within one transaction. Changes are only ever added."""

    connection: Connection

    def memories(self, hosts: Sequence[str]) -> Mapping[str, Memory]:
        """Return what is remembered of some hosts; nothing of one that never answered."""
        query = select(host_latest.c.host, host_latest.c.memory)
        query = query.where(host_latest.c.memory.is_not(None))
        if len(hosts) <= _MOST_NAMED:
            query = query.where(host_latest.c.host.in_(hosts))
        wanted = frozenset(hosts)
        packed = self.connection.execute(query).all()
        read = [(host, _unpack(host, memory)) for host, memory in packed if host in wanted]
        return {host: memory for host, memory in read if memory}

    def remember(self, memories: Mapping[str, Memory]) -> None:
        """Replace what is remembered of hosts whose latest state is kept."""
        if not memories:
            return
        statement = update(host_latest).where(host_latest.c.host == bindparam("named"))
        rows = [{"named": host, "memory": _ENCODER.encode(m)} for host, m in memories.items()]
        self.connection.execute(statement.values(memory=bindparam("memory")), rows)

    def add(self, batch: Iterable[StoredChange]) -> None:
        """Keep changes. Adding one twice changes nothing."""
        rows = [
            {
                "diagnosis": one.diagnosis,
                "host": one.host,
                "number": one.number,
                "time": one.change.time,
                "item": pack_item(one.change.item),
            }
            for one in batch
        ]
        if rows:
            statement = insert_into(self.connection, changes).on_conflict_do_nothing()
            self.connection.execute(statement, rows)

    def changes(self, host: str, diagnoses: Sequence[str]) -> Sequence[StoredChange]:
        """Return what some diagnoses saw change on a host, newest first."""
        query = select(changes).where(changes.c.host == host, changes.c.diagnosis.in_(diagnoses))
        newest = query.order_by(changes.c.time.desc(), changes.c.number.desc())
        return [
            StoredChange(
                host=row.host,
                diagnosis=row.diagnosis,
                number=row.number,
                change=Change(row.time, unpack_item(row.item)),
            )
            for row in self.connection.execute(newest)
        ]


def _unpack(host: str, packed: bytes) -> Memory | None:
    try:
        return _DECODER.decode(packed)
    except msgspec.DecodeError as error:
        # Without it the host is diagnosed as one that is seen for the first time.
        logger.warning("Memory dropped", extra={"host": host, "error": str(error)})
        return None
