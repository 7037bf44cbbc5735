"""Whether the host leaves by another address than before.

An observer is an echo service, or the exchange when it names the address that it refused. Each
family (IPv4, IPv6) is followed by itself.

| what came                                                | what it means                        |
| -------------------------------------------------------- | ------------------------------------ |
| an observer sees another address than it saw before      | changed, unless observers only trade |
|                                                          | the addresses that they see          |
| an observer sees one where it saw that there is none     | appeared                             |
| an observer sees that there is none where it saw one     | gone                                 |
| an observer tells that never told before                 | nothing: paths may differ            |
| an observer does not answer                              | nothing                              |

What a silent observer saw before a change is forgotten: it was about another time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sonde_core.evidence import Evidence
from sonde_core.findings import item
from sonde_core.history.notes import Notes, Told
from sonde_core.memory import Memory, Sighting
from sonde_core.readings import (
    SIGNED_KINDS,
    Answer,
    EchoedAddress,
    Failure,
    FailureReason,
    Kind,
    Reading,
)

_ECHOES = {"ipv4": Kind.ECHO_IPV4, "ipv6": Kind.ECHO_IPV6}
_EXCHANGE = "exchange"
_MOST_SIGHTINGS = 32
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
    after: tuple[str, ...]


def moves(evidence: Evidence) -> list[Move]:
    """Return what changed since the diagnoses before this one: at most one move per family."""
    known = evidence.memory.observers if evidence.memory else {}
    seen = _observed(evidence)
    found = (_move(known, _of(family, seen)) for family in _ECHOES)
    return [move for move in found if move]


def follow(before: Memory, notes: Notes, told: Told) -> Memory:
    """Return the memory with the sightings and observers of this diagnosis; note what changed."""
    observers = dict(before.observers)
    sightings = before.sightings
    everywhere = _observed(notes.evidence)
    for family in _ECHOES:
        seen = _of(family, everywhere)
        if not seen or not told.is_news(family, min(notes.instant(r) for r, _ in seen.values())):
            continue
        move = _move(observers, seen)
        if _differing(observers, seen):
            observers = {name: a for name, a in observers.items() if not name.startswith(family)}
        observers |= {name: address for name, (_, address) in seen.items()}
        sightings = _sighted(sightings, observers, move, notes)
        if move:
            _note(move, notes)
    if observers == before.observers:
        return before
    return replace(before, observers=observers, sightings=sightings)


def _observed(evidence: Evidence) -> Seen:
    """Return what each observer says, an observer of two families twice."""
    seen: dict[str, tuple[Reading, str]] = {}
    for family, kind in _ECHOES.items():
        for reading in evidence.of(kind):
            address = _echoed(reading)
            if address is not None:
                seen[f"{family} {reading.subject.name}"] = reading, address
    for kind in SIGNED_KINDS:
        for reading, answer in evidence.values(kind, Answer):
            if answer.request_ip:
                name = f"ipv{answer.request_ip.version} {_EXCHANGE}"
                seen.setdefault(name, (reading, str(answer.request_ip)))
    return seen


def _echoed(reading: Reading) -> str | None:
    """Return the address; empty where the host has none; None where nobody told."""
    match reading.value:
        case EchoedAddress(address):
            return str(address)
        case Failure(FailureReason.NO_ADDRESS):
            return ""
        case _:
            return None


def _of(family: str, seen: Seen) -> Seen:
    of_family = [(name, told) for name, told in seen.items() if name.startswith(family)]
    return dict(of_family[:_MOST_OBSERVERS])


def _differing(observers: Mapping[str, str], seen: Seen) -> list[Reading]:
    """Return the readings of observers that see another address than before."""
    return [reading for name, (reading, a) in seen.items() if observers.get(name, a) != a]


def _move(observers: Mapping[str, str], seen: Seen) -> Move | None:
    """Return how the addresses of one family changed, in the eyes of those who told before."""
    differing = _differing(observers, seen)
    both = observers.keys() & seen.keys()
    before = _addresses(observers[name] for name in both)
    after = _addresses(seen[name][1] for name in both)
    if not differing or before == after:
        return None
    return Move(min(differing, key=lambda reading: reading.time), before, after)


def _addresses(told: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({address for address in told if address}))


def _sighted(
    sightings: tuple[Sighting, ...],
    observers: Mapping[str, str],
    move: Move | None,
    notes: Notes,
) -> tuple[Sighting, ...]:
    addresses = _addresses(observers.values())
    if not sightings:
        return (Sighting(time=notes.asked, addresses=addresses),) if addresses else ()
    if move:
        newest = Sighting(time=notes.instant(move.reading), addresses=addresses)
        return (*sightings, newest)[-_MOST_SIGHTINGS:]
    if addresses == sightings[-1].addresses:
        return sightings
    # Another observer answered: more is known of the same time.
    return (*sightings[:-1], replace(sightings[-1], addresses=addresses))


def _note(move: Move, notes: Notes) -> None:
    time = notes.instant(move.reading)
    if not move.before:
        notes.note(time, item("address_appeared", move.reading, address=move.after))
    elif not move.after:
        notes.note(time, item("address_gone", move.reading, address=move.before))
    else:
        change = item("address_changed", move.reading, before=move.before, after=move.after)
        notes.note(time, change)
