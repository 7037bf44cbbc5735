"""Decides whether the host's agent answered.

| contact                              | verdict                                    |
| ------------------------------------ | ------------------------------------------ |
| the agent answered                   | clear                                      |
| unreachable, silent, refused, no address | AGENT_UNREACHABLE, confirmed           |
"""

from collections.abc import Iterable

from sonde_core.evidence import Contact, Evidence
from sonde_core.findings import Confidence, Finding, Item, Verdict, item
from sonde_core.readings import HOST

CAUSES = ("AGENT_UNREACHABLE",)


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide AGENT_UNREACHABLE."""
    if evidence.contact is Contact.DIAGNOSED:
        yield Finding(cause="AGENT_UNREACHABLE", subject=HOST, verdict=Verdict.CLEAR)
        return
    yield Finding(
        cause="AGENT_UNREACHABLE",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED,
        supporting=tuple(_supporting(evidence)),
    )


def _supporting(evidence: Evidence) -> Iterable[Item]:
    yield item(f"contact_{evidence.contact.value}", detail=evidence.contact_detail)
    seen = evidence.last_seen
    if seen is None:
        yield item("never_seen")
    else:
        yield item("last_seen_healthy" if seen.healthy else "last_seen_unhealthy", time=seen.time)
