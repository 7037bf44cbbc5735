"""Whether the host leaves by another address than before, and since when by which.

| what moved                         | change           |
| ---------------------------------- | ---------------- |
| from some addresses to others      | address_changed  |
| from none in this family to some   | address_appeared |
| from some to none in this family   | address_gone     |

What an observer that is silent now saw before a move is forgotten: it was about another time.
"""

from collections.abc import Mapping
from dataclasses import replace

from sonde_core import egress
from sonde_core.egress import Move, Seen
from sonde_core.findings import item
from sonde_core.history.notes import Notes, Told
from sonde_core.memory import Memory, Sighting

_MOST_SIGHTINGS = 32


def follow(before: Memory, notes: Notes, told: Told, everywhere: Seen) -> Memory:
    """Return the memory with the sightings and observers of this diagnosis; note what changed."""
    observers = dict(before.observers)
    sightings = before.sightings
    for family in egress.FAMILIES:
        seen = egress.of_family(family, everywhere)
        if not seen or not told.is_news(family, notes.first([r for r, _ in seen.values()])):
            continue
        if all(observers.get(name) == address for name, (_, address) in seen.items()):
            continue
        move = egress.move(observers, seen)
        if egress.differing(observers, seen):
            observers = {name: a for name, a in observers.items() if not name.startswith(family)}
        observers |= {name: address for name, (_, address) in seen.items()}
        sightings = _sighted(sightings, observers, move, notes)
        if move:
            _note(move, notes)
    if observers == before.observers:
        return before
    return replace(before, observers=observers, sightings=sightings)


def _sighted(
    sightings: tuple[Sighting, ...],
    observers: Mapping[str, str],
    move: Move | None,
    notes: Notes,
) -> tuple[Sighting, ...]:
    addresses = egress.addresses(observers.values())
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
