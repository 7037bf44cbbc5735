"""What the engines on this host last said of themselves.

The running agent remembers it; beside the spool it is kept, so that a command that is typed on the
host, or the agent after a restart, knows an engine that has gone silent.
"""

import logging
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec

from sonde_core.errors import RequestInvalidError
from sonde_core.readings import EngineState, EngineWeight

logger = logging.getLogger(__name__)

_MOST = 64
_MINUTE = timedelta(minutes=1)
_MINUTES = 3
"""For how many minutes of the past weights are kept."""
_FORGOTTEN = timedelta(days=30)
"""An engine that has said nothing for so long was taken away."""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(EngineState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """One report of health."""

    engine: str
    version: str
    received: datetime
    interval: timedelta | None
    uptime: timedelta | None
    last_order: datetime | None
    weights: Mapping[str, int]
    """What was sent to each endpoint in the last minute."""


class Engines:
    """Remembers the latest report of health of each engine."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._heard: dict[str, EngineState] = {}

    def note(self, beat: Heartbeat) -> bytes:
        """Take in a report of health and return what is to be kept beside it.

        Raises `RequestInvalidError` where there are more engines than a host has.
        """
        earlier = self._heard.get(beat.engine)
        if earlier is None and len(self._heard) >= _MOST:
            raise RequestInvalidError(f"engine: {_MOST} others report from this host already")
        state = EngineState(
            version=beat.version,
            reported=beat.received,
            heartbeat_interval=beat.interval,
            uptime=beat.uptime,
            last_order=beat.last_order,
            weights=(*_weights(beat), *_past(earlier.weights if earlier else (), beat)),
        )
        self._heard[beat.engine] = state
        return _ENCODER.encode(state)

    def states(self, now: datetime) -> Mapping[str, EngineState]:
        """Return the state of each engine that has been heard of lately. Reads a file."""
        states = {**self._kept(), **self._heard}
        return {name: each for name, each in states.items() if now - each.reported < _FORGOTTEN}

    def _kept(self) -> dict[str, EngineState]:
        if not self._spool.exists():
            return {}
        try:
            with closing(
                sqlite3.connect(f"file:{quote(str(self._spool))}?mode=ro", uri=True)
            ) as db:
                rows = db.execute("SELECT name, state FROM engines LIMIT ?", [_MOST]).fetchall()
            return {name: _DECODER.decode(state) for name, state in rows}
        except (sqlite3.Error, msgspec.DecodeError) as error:
            logger.warning("Engines unread", extra={"file": str(self._spool), "error": str(error)})
            return {}


def _weights(beat: Heartbeat) -> list[EngineWeight]:
    return [
        EngineWeight(endpoint=endpoint, time=beat.received, weight=weight)
        for endpoint, weight in beat.weights.items()
    ]


def _past(earlier: tuple[EngineWeight, ...], beat: Heartbeat) -> list[EngineWeight]:
    """Return what was told before, of each minute by the clock the last word only."""
    present = _minute(beat.received)

    def stays(each: EngineWeight) -> bool:
        age = present - _minute(each.time)
        return 0 < age <= _MINUTES or (age == 0 and each.endpoint not in beat.weights)

    return [each for each in earlier if stays(each)]


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // int(_MINUTE.total_seconds())
