"""What changed on a host from one diagnosis to the next, on one axis of time.

"Did you change the key, the address or the account lately?" is answered by comparing what a host's
agent tells now with what is remembered of it. Each module compares one area; a table in words
stands at its top. Three rules hold for all of them:

* What is not told did not change: a silent echo service is not a new address.
* A change has the instant of the reading that shows it, by the service's clock.
* An answer that comes late, after a later one, changes only what the later one did not tell.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sonde_core import egress
from sonde_core.evidence import Evidence
from sonde_core.findings import Finding
from sonde_core.history import accounts, addresses, host
from sonde_core.history.notes import Change, Notes, Told
from sonde_core.memory import Memory

__all__ = ["Change", "remember"]

_MOST_CHANGES = 64
"""Of one diagnosis: a host that makes up accounts must not flood the history."""


def remember(
    before: Memory | None, evidence: Evidence, findings: Sequence[Finding], asked: datetime
) -> tuple[Memory, tuple[Change, ...]]:
    """Return what to remember of a host that answered, and what changed, oldest first.

    `before` is what is remembered when this is kept. It may hold more than `evidence.memory`, on
    which the findings rest, and even the answer to a later question. `asked` is when the host was
    asked, by the service's clock; the evidence's own instant is when the answer was complete.
    """
    known = before or Memory(time=asked)
    notes = Notes(evidence, asked)
    told = Told.of(known.told)
    now = host.follow_agent(known, notes, told)
    now = host.follow_clock(now, notes, told, findings)
    now = host.follow_closures(now, notes)
    seen = egress.observed(evidence)
    now = addresses.follow(now, notes, told, seen)
    now = replace(
        now,
        time=max(asked, known.time),
        accounts=accounts.follow(known.accounts, notes, egress.echoed(seen)),
        told=told.times,
    )
    changes = sorted(notes.changes, key=lambda change: change.time)
    return now, tuple(changes[:_MOST_CHANGES])
