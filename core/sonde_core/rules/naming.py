"""What a second name server, where one is set up, says of the host's own.

The exchange stands behind a network that has many addresses, so two honest name servers often tell
different ones. Whether the exchange answers at an address is told by its certificate alone:

| the two tell …            | and                                       | then                     |
| ------------------------- | ----------------------------------------- | ------------------------ |
| an address in common      |                                           | they agree               |
| others each               | the way works                             | no fault: both are right |
| private ones, public ones | the way works                             | NETWORK_DNS, possible, a |
|                           |                                           | warning: by a relay      |
| others each               | the way is broken, the exchange answers   | NETWORK_DNS, likely      |
|                           | where the second one says                 |                          |
| others each               | neither way works                         | the name is not at fault |
| some, no public ones      | the way works                             | the second one errs      |
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Severity, Verdict, item
from sonde_core.path import Certificate, Resolution, Trust
from sonde_core.readings import Address, Failure, FailureReason, Kind, Reading, Subject

_MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """What both name servers tell of an endpoint's name."""

    reading: Reading
    host: str
    own: frozenset[Address]
    """Empty where the host's own told none, or nobody knows what it told."""
    second: frozenset[Address]

    @property
    def values(self) -> dict[str, ItemValue]:
        """What sentences name."""
        told = {"own": self.own, "addresses": self.second}
        return {"host": self.host, **{name: _shown(some) for name, some in told.items() if some}}

    def says(self, id_: str, **also: ItemValue) -> Item:
        """Return a piece of evidence about it."""
        return item(id_, self.reading, **self.values, **also)


def second_opinion(evidence: Evidence, endpoint: Subject) -> SecondOpinion | None:
    """Return what both told, where a second name server was asked and answered."""
    reading = evidence.last(Kind.RESOLUTION, _second(endpoint))
    if reading is None or not isinstance(reading.value, Resolution):
        return None
    own = evidence.value(Kind.RESOLUTION, endpoint, Resolution)
    return SecondOpinion(
        reading=reading,
        host=reading.value.name,
        own=frozenset(own.addresses if own else ()),
        second=frozenset(reading.value.addresses),
    )


def led_astray(evidence: Evidence, endpoint: Subject) -> Item | None:
    """Tell that the exchange answers where the second one says, if so, and not the host's own."""
    told, proof = second_opinion(evidence, endpoint), evidence.last(*_proof(endpoint))
    shown = proof.value if proof else None
    if told is None or not told.own or told.own & told.second:
        return None
    if not isinstance(shown, Certificate) or shown.trust is not Trust.PUBLIC:
        return None
    return told.says("second_resolver_proven", issuer=shown.issuer)


def beside_a_fault(evidence: Evidence, endpoint: Subject, fault: Failure) -> tuple[Item, ...]:
    """Say what the second one tells that the host's own does not, where the way is broken."""
    told, proof = second_opinion(evidence, endpoint), evidence.last(*_proof(endpoint))
    unknown = told and not told.own and fault.reason is not FailureReason.DNS
    if told is None or unknown or told.own & told.second:
        return ()
    if not told.second:
        return (told.says("second_resolver_none"),)
    if proof and isinstance(proof.value, Failure):
        return (told.says("second_resolver_no_better", detail=proof.value.detail),)
    return (told.says("second_resolver_other"),)


def beside_a_good_way(evidence: Evidence, endpoint: Subject) -> tuple[Item, ...]:
    """Say how the two compare, where the way works."""
    reading = evidence.last(Kind.RESOLUTION, _second(endpoint))
    told = second_opinion(evidence, endpoint)
    if reading and isinstance(reading.value, Failure):
        return (item("second_resolver_silent", reading, detail=reading.value.detail),)
    if told is None or not told.own:
        return ()
    if not told.second or (not _public(told.second) and _public(told.own)):
        return (told.says("second_resolver_errs"),)
    if told.own & told.second:
        return (told.says("second_resolver_agrees"),)
    vouched = _vouched(evidence, endpoint)
    return (told.says("second_resolver_vouched" if vouched else "second_resolver_other"),)


def by_a_relay(evidence: Evidence, endpoint: Subject) -> Iterable[Finding]:
    """Warn where the host's own sends to a private address what has a public one."""
    told = second_opinion(evidence, endpoint)
    if told is None or not told.own or _public(told.own) or not _public(told.second):
        return
    yield Finding(
        cause="NETWORK_DNS",
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=Confidence.POSSIBLE,
        severity=Severity.WARNING,
        supporting=(told.says("name_is_private"),),
    )


def _vouched(evidence: Evidence, endpoint: Subject) -> bool:
    shown = evidence.value(Kind.CERTIFICATE, endpoint, Certificate)
    return shown is not None and shown.trust is Trust.PUBLIC


def _second(endpoint: Subject) -> Subject:
    return Subject("resolver", endpoint.name)


def _proof(endpoint: Subject) -> tuple[Kind, Subject]:
    """Return where it stands what was shown at an address that the second one told."""
    return Kind.CERTIFICATE, _second(endpoint)


def _public(addresses: frozenset[Address]) -> bool:
    """Tell whether one of some addresses is anybody's to reach."""
    return any(each.is_global for each in addresses)


def _shown(addresses: frozenset[Address]) -> tuple[str, ...]:
    return tuple(map(str, sorted(addresses, key=str)[:_MOST_ADDRESSES]))
