"""Decides whether the host keeps one outbound address.

An IP list can only hold addresses that stay. Within one family (IPv4, IPv6):

| what came                                                    | verdict                        |
| ------------------------------------------------------------ | ------------------------------ |
| observers see several addresses now, all of them on the      | clear: the list is ready for   |
| recorded lists                                               | each of them                   |
| observers see several addresses now                          | IP_UNSTABLE, confirmed         |
| three or more changes within a week                          | IP_UNSTABLE, confirmed         |
| two changes within a week                                    | IP_UNSTABLE, likely            |
| one address, at most one change: a host that was rebuilt     | clear                          |
| nobody saw an address                                        | unknown                        |
"""

from collections.abc import Iterable
from datetime import timedelta

from sonde_core.egress import moves, seen_now
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, Verdict, item
from sonde_core.memory import Sighting
from sonde_core.readings import HOST, Address
from sonde_core.rules.account import accounts

CAUSES = ("IP_UNSTABLE",)
LATELY = timedelta(days=7)
OFTEN, SEVERAL = 3, 2


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide IP_UNSTABLE for the host."""
    seen = seen_now(evidence)
    several = [family for family in seen if len(family) >= SEVERAL]
    if several and not _all_listed(evidence, several):
        addresses = tuple(sorted(str(address) for family in several for address in family))
        yield _found(Confidence.CONFIRMED, item("addresses_differ", addresses=addresses))
        return
    course = _lately(evidence)
    changes = len(course) - 1
    if changes >= SEVERAL:
        yield _found(
            Confidence.CONFIRMED if changes >= OFTEN else Confidence.LIKELY, _moved(course)
        )
        return
    addresses = tuple(sorted(str(address) for family in seen for address in family))
    yield Finding(
        cause="IP_UNSTABLE",
        subject=HOST,
        verdict=Verdict.CLEAR if addresses else Verdict.UNKNOWN,
        supporting=(item("addresses_kept", addresses=addresses),) if addresses else (),
    )


def _all_listed(evidence: Evidence, families: list[set[Address]]) -> bool:
    """Tell whether every account's recorded list has each of the addresses."""
    records = [account.whitelist() for account in accounts(evidence)]
    return bool(records) and all(
        record and record.lists(address)
        for record in records
        for family in families
        for address in family
    )


def _lately(evidence: Evidence) -> list[Sighting]:
    """Return what the host left by before the first change of the last week, and each change.

    The first sighting of all is no change. Empty where nothing changed lately.
    """
    if evidence.memory is None:
        return []
    sightings = list(evidence.memory.sightings)
    found = moves(evidence)
    if found and sightings:
        now = tuple(address for one in found for address in one.after)
        sightings.append(Sighting(time=evidence.now, addresses=now))
    late = [n for n, one in enumerate(sightings) if n and evidence.now - one.time <= LATELY]
    return sightings[late[0] - 1 :] if late else []


def _moved(course: list[Sighting]) -> Item:
    addresses = dict.fromkeys(address for one in course for address in one.addresses)
    return item(
        "address_moved", count=len(course) - 1, since=course[1].time, addresses=tuple(addresses)
    )


def _found(confidence: Confidence, why: Item) -> Finding:
    return Finding(
        cause="IP_UNSTABLE",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=confidence,
        supporting=(why,),
    )
