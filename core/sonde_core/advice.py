"""What a program that was refused should do next."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What an engine can do about a refusal."""

    RETRY = "RETRY"
    """Send it again, with growing pauses."""
    RETRY_AFTER = "RETRY_AFTER"
    """Send nothing until a time has passed, then go on."""
    RECALIBRATE_AND_RETRY = "RECALIBRATE_AND_RETRY"
    """Measure the clock's offset anew and send it once more."""
    QUERY_ORDER = "QUERY_ORDER"
    """Ask for the order by its client order id. Never send it again before that is answered."""
    FIX_REQUEST = "FIX_REQUEST"
    """The same request will be refused again: change it."""
    STOP_AND_PAGE = "STOP_AND_PAGE"
    """Stop and call a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do, when, and whether the same order may be sent twice."""

    action: Action
    after: timedelta | None = None
    """How long to wait. None where waiting changes nothing or the time is not known."""
    safe_to_resend: bool
    """The order was surely not placed. False also where that is unknown."""

    def to_json(self) -> dict[str, Any]:
        """Return what programs get of it. A time to wait is in seconds, or null."""
        return {
            "action": self.action.value,
            "after_s": None if self.after is None else in_seconds(self.after),
            "safe_to_resend": self.safe_to_resend,
        }


def in_seconds(span: timedelta) -> int | float:
    """Return a span as programs read it, a whole number where it is one."""
    seconds = span / timedelta(seconds=1)
    return int(seconds) if seconds.is_integer() else seconds
