"""What is noted down while a diagnosis is compared with what earlier ones came to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sonde_core.evidence import Evidence
from sonde_core.findings import Item
from sonde_core.readings import Reading
from sonde_core.records import record


@record(frozen=True, slots=True)
class Change:
    """Something that became different on a host."""

    time: datetime
    """When it was first seen so, by the service's clock."""
    item: Item
    """What changed. The catalogue holds its sentence."""


_AT_ONCE = timedelta()


@dataclass(slots=True)
class Notes:
    """The changes that one diagnosis shows, and the axis of time that they stand on."""

    evidence: Evidence
    asked: datetime
    """When the host was asked, by the service's clock."""
    changes: list[Change] = field(default_factory=list)
    _began: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        times = [reading.time for group in self.evidence.readings.values() for reading in group]
        self._began = min(times, default=None)

    def instant(self, reading: Reading) -> datetime:
        """Return when a reading was taken, by the service's clock.

        The host's clock may be wrong or be set meanwhile: no reading of this diagnosis was taken
        before it was asked for, or after it came.
        """
        return self.moved(reading.time, _AT_ONCE)

    def first(self, readings: Iterable[Reading]) -> datetime:
        """Return when the first of some readings was taken, by the service's clock."""
        return self.moved(min([reading.time for reading in readings]), _AT_ONCE)

    def moved(self, time: datetime, earliest: timedelta) -> datetime:
        """Return an instant of the host's clock by the service's clock.

        `earliest` says how long before this diagnosis it may lie, as a negative span.
        """
        since_began = time - self._began if self._began else _AT_ONCE
        if since_began <= earliest:
            return self.asked + earliest
        # Compared before it is added: the host's clock may run up to the last year there is.
        return self.asked + min(since_began, self.evidence.now - self.asked)

    def note(self, time: datetime, item: Item) -> None:
        """Note a change."""
        self.changes.append(Change(time, item))


@dataclass(slots=True)
class Told:
    """When each fact was last told: what a late answer says of it counts no more."""

    times: dict[str, datetime]

    @classmethod
    def of(cls, times: Mapping[str, datetime]) -> "Told":
        """Return a copy that may be added to."""
        return cls(dict(times))

    def is_news(self, fact: str, time: datetime) -> bool:
        """Note when a fact was told. Return False where something as late is known of it."""
        known = self.times.get(fact)
        if known is not None and known >= time:
            return False
        self.times[fact] = time
        return True
