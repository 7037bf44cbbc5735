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

from sonde_core.egress import moves
from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, Verdict, item
from sonde_core.memory import Sighting
from sonde_core.readings import HOST, Address, Answer, EchoedAddress, Kind
from sonde_core.rules.account import accounts

CAUSES = ("IP_UNSTABLE",)
LATELY = timedelta(days=7)
OFTEN, SEVERAL = 3, 2


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide IP_UNSTABLE for the host."""
    seen = _seen(evidence)
    several = [family for family in seen if len(family) >= SEVERAL]
    if several and not _all_listed(evidence, several):
        addresses = tuple(sorted(str(address) for family in several for address in family))
        yield _found(Confidence.CONFIRMED, item("addresses_differ", addresses=addresses))
        return
    changes = _changes(evidence)
    if len(changes) >= SEVERAL:
        sure = Confidence.CONFIRMED if len(changes) >= OFTEN else Confidence.LIKELY
        yield _found(sure, _moved(changes))
        return
    addresses = tuple(sorted(str(address) for family in seen for address in family))
    yield Finding(
        cause="IP_UNSTABLE",
        subject=HOST,
        verdict=Verdict.CLEAR if addresses else Verdict.UNKNOWN,
        supporting=(item("addresses_kept", addresses=addresses),) if addresses else (),
    )


def _seen(evidence: Evidence) -> list[set[Address]]:
    """Return the IPv4 and the IPv6 addresses that anybody saw, the exchange included."""
    by_family: dict[int, set[Address]] = {4: set(), 6: set()}
    for kind in (Kind.ECHO_IPV4, Kind.ECHO_IPV6):
        for _, echo in evidence.values(kind, EchoedAddress):
            by_family[echo.address.version].add(echo.address)
    for kind in (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST):
        for _, answer in evidence.values(kind, Answer):
            if answer.request_ip:
                by_family[answer.request_ip.version].add(answer.request_ip)
    return list(by_family.values())


def _all_listed(evidence: Evidence, families: list[set[Address]]) -> bool:
    """Tell whether every account's recorded list has each of the addresses."""
    records = [account.whitelist() for account in accounts(evidence)]
    return bool(records) and all(
        record and record.lists(address)
        for record in records
        for family in families
        for address in family
    )


def _changes(evidence: Evidence) -> list[Sighting]:
    """Return the changes of the last week: the first sighting of all is none."""
    if evidence.memory is None:
        return []
    changes = list(evidence.memory.sightings[1:])
    now = tuple(address for move in moves(evidence) for address in move.after)
    if now:
        changes.append(Sighting(time=evidence.now, addresses=now))
    return [change for change in changes if evidence.now - change.time <= LATELY]


def _moved(changes: list[Sighting]) -> Item:
    addresses = dict.fromkeys(address for change in changes for address in change.addresses)
    return item(
        "address_moved", count=len(changes), since=changes[0].time, addresses=tuple(addresses)
    )


def _found(confidence: Confidence, why: Item) -> Finding:
    return Finding(
        cause="IP_UNSTABLE",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=confidence,
        supporting=(why,),
    )
