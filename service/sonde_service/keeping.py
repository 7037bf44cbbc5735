"""Keeps results, and what they change in what is remembered of their hosts."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from sonde_core.evidence import Contact, Evidence
from sonde_core.findings import Finding
from sonde_core.history import Change, remember
from sonde_core.memory import Memory
from sonde_service.deciding import Judged
from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.history import HistoryStore, StoredChange

logger = logging.getLogger(__name__)


Learned = tuple[Memory, tuple[Change, ...]]
"""What to remember of a host, and what changed on it."""

Compare = Callable[[Memory | None, Evidence, Sequence[Finding], datetime], Learned]


def keep(batch: Sequence[Judged], transaction: Connection, compare: Compare = remember) -> None:
    """Keep results, what is remembered of the hosts that answered, and what changed on them."""
    results = [one.decided.stored for one in batch]
    # This holds the hosts' rows until the transaction ends, so no other diagnosis changes what is
    # remembered of them between here and its end.
    DiagnosesStore(transaction).add(results, answered=Contact.DIAGNOSED.value)
    answers = [one for one in batch if one.decided.report.status is Contact.DIAGNOSED]
    history = HistoryStore(transaction)
    known = history.memories([one.decided.report.host for one in answers])
    memories: dict[str, Memory] = {}
    changes: list[StoredChange] = []
    for one in answers:
        learned = _learned(known.get(one.decided.report.host), one, compare)
        if learned:
            memories[one.decided.report.host] = learned[0]
            changes += _stored(one, learned[1])
    history.remember(memories)
    history.add(changes)


def _learned(known: Memory | None, one: Judged, compare: Compare) -> Learned | None:
    """Compare one host. A bug in that leaves its memory as it is, and the log has the traceback."""
    report = one.decided.report
    try:
        return compare(known, one.read, report.findings, report.time)
    except Exception:
        logger.exception("Comparing failed", extra={"host": report.host})
        return None


def _stored(one: Judged, changes: Sequence[Change]) -> list[StoredChange]:
    return [
        StoredChange(
            host=one.decided.report.host,
            diagnosis=one.decided.report.diagnosis,
            number=number,
            change=change,
        )
        for number, change in enumerate(changes)
    ]
