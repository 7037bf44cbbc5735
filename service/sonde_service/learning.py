"""What a group of results changes in what is remembered of their hosts."""

import logging
from collections.abc import Sequence

from sqlalchemy import Connection

from sonde_core.evidence import Contact
from sonde_core.history import Change, remember
from sonde_core.memory import Memory
from sonde_service.deciding import Decided
from sonde_service.store.history import HistoryStore, StoredChange

logger = logging.getLogger(__name__)


def learn(batch: Sequence[Decided], transaction: Connection) -> None:
    """Keep what answers tell beyond what is remembered in this transaction, and what changed.

    The results are stored already: that holds the hosts' rows until the transaction ends, so that
    no other diagnosis learns of the same hosts meanwhile.
    """
    history = HistoryStore(transaction)
    answers = [one for one in batch if one.report.status is Contact.DIAGNOSED]
    known = history.memories([one.report.host for one in answers])
    memories: dict[str, Memory] = {}
    changes: list[StoredChange] = []
    for one in answers:
        learned = _learned(known.get(one.report.host), one)
        if learned:
            memories[one.report.host] = learned[0]
            changes += _stored(one, learned[1])
    history.remember(memories)
    history.add(changes)


def _learned(known: Memory | None, one: Decided) -> tuple[Memory, tuple[Change, ...]] | None:
    """Return what to remember; None where a bug in the comparison keeps what there is."""
    report = one.report
    try:
        return remember(known, one.read, report.findings, report.time)
    except Exception:
        logger.exception("Comparing failed", extra={"host": report.host})
        return None


def _stored(one: Decided, changes: Sequence[Change]) -> list[StoredChange]:
    return [
        StoredChange(
            host=one.report.host, diagnosis=one.report.diagnosis, number=number, change=change
        )
        for number, change in enumerate(changes)
    ]
