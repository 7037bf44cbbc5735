"""By which addresses a host leaves, and whether that changed since the diagnoses before.

An observer is an echo service, or the exchange when it names the address that it refused. Each
family (IPv4, IPv6) is followed by itself. Two observers may see two addresses for ever, because
the ways to them differ: so each one is only compared with itself.

| what came                                                | what it means                        |
| -------------------------------------------------------- | ------------------------------------ |
| an observer sees another address than it saw before      | moved, unless observers only trade   |
|                                                          | the addresses that they see          |
| an observer sees one where it saw that there is none     | moved                                |
| an observer sees that there is none where it saw one     | moved                                |
| an observer tells that never told before                 | nothing: ways may differ             |
| an observer does not answer                              | nothing                              |
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sonde_core.evidence import Evidence, once
from sonde_core.readings import (
    SIGNED_KINDS,
    Address,
    Answer,
    EchoedAddress,
    Failure,
    FailureReason,
    Kind,
    Reading,
)

FAMILIES = {"ipv4": Kind.ECHO_IPV4, "ipv6": Kind.ECHO_IPV6}
"""With what asks the echo services for them."""
_EXCHANGE = "exchange"
_MOST_OBSERVERS = 16
"""Of one family. An agent asks two or three."""

Seen = Mapping[str, tuple[Reading, str]]
"""The address by observer, and the reading that told it; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Move:
    """What the addresses of one family were, and what they are now."""

    reading: Reading
    """The first that told of it."""
    before: tuple[str, ...]
    """Empty where there was none."""
    after: tuple[str, ...]


def moves(evidence: Evidence) -> list[Move]:
    """Return what moved since the diagnoses before this one: at most one move per family."""
    known = evidence.memory.observers if evidence.memory else {}
    seen = observed(evidence)
    found = (move(known, of_family(family, seen)) for family in FAMILIES)
    return [one for one in found if one]


@once
def observed(evidence: Evidence) -> Seen:
    """Return what each observer says. An observer of two families counts as two."""
    seen: dict[str, tuple[Reading, str]] = {}
    for family, kind in FAMILIES.items():
        for reading in evidence.of(kind):
            told = _echoed(reading)
            if told is not None:
                seen[f"{family} {reading.subject.name}"] = reading, told
    for reading, address in _named_by_exchange(evidence):
        seen.setdefault(f"ipv{address.version} {_EXCHANGE}", (reading, str(address)))
    return seen


def seen_now(evidence: Evidence) -> list[set[Address]]:
    """Return the IPv4 and the IPv6 addresses that anybody saw, the exchange included."""
    echoes = [e.address for k in FAMILIES.values() for _, e in evidence.values(k, EchoedAddress)]
    everywhere = {*echoes, *(address for _, address in _named_by_exchange(evidence))}
    return [{each for each in everywhere if each.version == version} for version in (4, 6)]


def _named_by_exchange(evidence: Evidence) -> Iterator[tuple[Reading, Address]]:
    """Return the addresses that the exchange named when it refused a signed call."""
    for kind in SIGNED_KINDS:
        for reading, answer in evidence.values(kind, Answer):
            if answer.request_ip:
                yield reading, answer.request_ip


def _echoed(reading: Reading) -> str | None:
    """Return the address; empty where the host has none; None where nobody told."""
    value = reading.value
    if isinstance(value, EchoedAddress):
        return str(value.address)
    none = isinstance(value, Failure) and value.reason is FailureReason.NO_ADDRESS
    return "" if none else None


def echoed(seen: Seen) -> tuple[str, ...]:
    """Return the addresses that the echo services alone see."""
    kinds = FAMILIES.values()
    return addresses([address for reading, address in seen.values() if reading.kind in kinds])


def of_family(family: str, seen: Seen) -> Seen:
    """Return what the observers of one family say."""
    chosen = [(name, told) for name, told in seen.items() if name.startswith(family)]
    return dict(chosen[:_MOST_OBSERVERS])


def differing(known: Mapping[str, str], seen: Seen) -> list[Reading]:
    """Return the readings of the observers that see another address than before."""
    return [reading for name, (reading, a) in seen.items() if known.get(name, a) != a]


def move(known: Mapping[str, str], seen: Seen) -> Move | None:
    """Return how one family moved, in the eyes of the observers that told before."""
    others = differing(known, seen)
    if not others:
        return None
    both = known.keys() & seen.keys()
    before = addresses(known[name] for name in both)
    after = addresses(seen[name][1] for name in both)
    if before == after:
        return None
    return Move(min(others, key=lambda reading: reading.time), before, after)


def addresses(told: Iterable[str]) -> tuple[str, ...]:
    """Return addresses in order, each once, without those that are none."""
    return tuple(sorted({*told} - {""}))
