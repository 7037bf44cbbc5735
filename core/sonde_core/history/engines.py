"""What engines on a host told of themselves, each time the same counted and told once."""

from dataclasses import dataclass
from datetime import datetime

from sonde_core.advice import Advice
from sonde_core.findings import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineReports:
    """What one engine reported again and again."""

    engine: str
    first: datetime
    """By the host's clock."""
    last: datetime
    count: int
    item: Item
    """What was reported. The catalogue holds its sentence."""
    advice: Advice | None = None
    """What the engine should do, by the refusal's text alone. None where it was not refused."""

    @property
    def time(self) -> datetime:
        """Return where it stands on the axis of time."""
        return self.last
