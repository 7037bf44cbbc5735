"""Everything that is known about one host at one moment. All of it is an argument."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import TypeVar, TypeVarTuple, cast

from sonde_core.memory import Memory
from sonde_core.readings import Kind, Reading, Subject, WhitelistRecord
from sonde_core.records import record

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Contact(StrEnum):
    """Whether the host's agent answered."""

    DIAGNOSED = "diagnosed"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    NOT_ENROLLED = "not_enrolled"


@record(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """When the host's agent last answered before now, and what came of it."""

    time: datetime
    healthy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Readings by kind and subject, what was recorded, and the present instant."""

    now: datetime
    contact: Contact = Contact.DIAGNOSED
    contact_detail: str = ""
    """Why the agent could not be asked, in the transport's own words."""
    last_seen: LastSeen | None = None
    whitelists: Mapping[str, WhitelistRecord] = field(default_factory=dict)
    """By account, as the service recorded them. They win over the agent's own."""
    memory: Memory | None = None
    """What earlier diagnoses came to. None where there was none, or nobody keeps them."""
    readings: Mapping[tuple[Kind, Subject], tuple[Reading, ...]] = field(default_factory=dict)
    _by_kind: Mapping[Kind, list[Reading]] = field(init=False, repr=False, compare=False)
    _derived: dict[object, object] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        # Every rule asks for readings by kind: searching them each time is what a diagnosis of
        # many hosts spent most on.
        by_kind: dict[Kind, list[Reading]] = {}
        for (kind, _), readings in self.readings.items():
            by_kind.setdefault(kind, []).extend(readings)
        object.__setattr__(self, "_by_kind", by_kind)

    def of(self, kind: Kind) -> Iterator[Reading]:
        """Return every reading of a kind, in the order in which they came."""
        return iter(self._by_kind.get(kind, ()))

    def values(self, kind: Kind, type_: type[T]) -> Iterator[tuple[Reading, T]]:
        """Return the readings of a kind whose value is of a type, with that value."""
        return iter(
            [
                (reading, reading.value)
                for reading in self._by_kind.get(kind, ())
                if isinstance(reading.value, type_)
            ]
        )

    def last(self, kind: Kind, subject: Subject) -> Reading | None:
        """Return the latest reading of a kind on a subject."""
        readings = self.readings.get((kind, subject))
        return readings[-1] if readings else None

    def value(self, kind: Kind, subject: Subject, type_: type[T]) -> T | None:
        """Return the latest reading's value where it is of a type."""
        reading = self.last(kind, subject)
        return reading.value if reading and isinstance(reading.value, type_) else None

    def subjects(self, kind: str) -> list[Subject]:
        """Return the subjects of a kind that anything was read on."""
        return sorted({subject for _, subject in self.readings if subject.kind == kind})


def once(derive: Callable[[Evidence, *Ts], T]) -> Callable[[Evidence, *Ts], T]:
    """Derive something from the same evidence once, however many rules ask for it.

    They share what they get, and must not change it.
    """

    @wraps(derive)
    def known(evidence: Evidence, /, *args: *Ts) -> T:
        derived, asked = evidence._derived, (derive, *args)
        if asked not in derived:
            derived[asked] = derive(evidence, *args)
        return cast(T, derived[asked])

    return known


def by_kind_and_subject(
    readings: Iterable[Reading],
) -> Mapping[tuple[Kind, Subject], tuple[Reading, ...]]:
    """Group readings, keeping the order in which they came."""
    grouped: dict[tuple[Kind, Subject], list[Reading]] = {}
    for reading in readings:
        grouped.setdefault((reading.kind, reading.subject), []).append(reading)
    return {key: tuple(group) for key, group in grouped.items()}
