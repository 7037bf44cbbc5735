"""What the engines on this host last said of themselves.

The running agent remembers it; beside the spool it is kept, so that a command that is typed on the
host, or the agent after a restart, knows an engine that has gone silent. When it was is told by the
time since the host's start, which nobody can set.
"""

import asyncio
import logging
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec

from sonde_agent.engine import rows
from sonde_agent.probes.clock_watch import Clocks
from sonde_core.errors import NoRoomError
from sonde_core.readings import EngineState, EngineWeight

logger = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
_MINUTES = 3
"""For how many minutes of the past weights are kept."""
_FORGOTTEN = timedelta(days=30)
"""An engine that has said nothing for so long was taken away."""
_TICK, _LONGEST_TICK = timedelta(seconds=1), timedelta(seconds=2.5)


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


@dataclass(frozen=True, slots=True)
class _Word:
    """The last word of an engine."""

    boot: str
    """The start of the host that `at` counts from."""
    at: timedelta
    state: EngineState
    """With its instants as the host's clock had them then."""


@dataclass(frozen=True, slots=True)
class _Listening:
    """Since when the agent listens."""

    boot: str
    since: timedelta


_ENCODER = msgspec.msgpack.Encoder()
_WORD = msgspec.msgpack.Decoder(_Word)
_LISTENING = msgspec.msgpack.Decoder(_Listening)


class Engines:
    """Remembers the latest report of health of each engine, and since when the agent hears them."""

    def __init__(self, spool: Path, socket: Path, clocks: Clocks | None = None) -> None:
        self._spool = spool
        self._socket = socket
        self._clocks = clocks or Clocks()
        self._heard: dict[str, _Word] = {}
        self._since: timedelta | None = None
        self._looked = timedelta()

    async def listen(self, keep: Callable[[bytes], Awaitable[None]]) -> None:
        """Know since when reports are heard, for as long as the agent runs, and keep it."""
        kept: timedelta | None = None
        self._since = self._looked = self._clocks.boottime()
        while True:
            self._look()
            if kept != self._since:
                with suppress(NoRoomError):  # another time, then
                    await keep(_ENCODER.encode(_Listening(self._clocks.boot, self._since)))
                    kept = self._since
            await asyncio.sleep(_TICK.total_seconds())

    def _look(self) -> timedelta:
        """Begin to listen anew where the process or the host slept; return the present moment."""
        at = self._clocks.boottime()
        if at - self._looked > _LONGEST_TICK:
            self._since = at
        self._looked = at
        return at

    def note(self, beat: Heartbeat) -> bytes:
        """Take in a report of health and return what is to be kept beside it.

        Where there are more engines than a host has, the longest silent one gives way.
        """
        at = self._look()
        earlier = self._heard.pop(beat.engine, None)
        known = self._as_of(earlier, beat.received, at).weights if earlier else ()
        state = EngineState(
            version=beat.version,
            reported=beat.received,
            heartbeat_interval=beat.interval,
            uptime=beat.uptime,
            last_order=beat.last_order,
            weights=(*_weights(beat), *_past(known, beat)),
        )
        word = self._heard[beat.engine] = _Word(self._clocks.boot, at, state)
        while len(self._heard) > rows.MOST_ENGINES:
            del self._heard[next(iter(self._heard))]
        return _ENCODER.encode(word)

    def states(self, now: datetime) -> Mapping[str, EngineState]:
        """Return the state of each engine that has been heard of lately. Reads a file."""
        at = self._clocks.boottime() if self._since is None else self._look()
        kept, since = self._kept()
        listening = at - since if since is not None else timedelta()
        words = {**kept, **self._heard}
        states = {
            name: replace(self._as_of(word, now, at), listening=listening)
            for name, word in words.items()
        }
        return {name: each for name, each in states.items() if now - each.reported < _FORGOTTEN}

    def _as_of(self, word: _Word, now: datetime, at: timedelta) -> EngineState:
        """Return a state with its instants as the host's clock, which may be set, has them now."""
        if word.boot != self._clocks.boot:
            return word.state
        silence = at - word.at
        shift = now - silence - word.state.reported
        return replace(
            word.state,
            reported=now - silence,
            silence=silence,
            weights=tuple(replace(each, time=each.time + shift) for each in word.state.weights),
        )

    def _kept(self) -> tuple[dict[str, _Word], timedelta | None]:
        """Return what is kept of each engine, and since when the agent listens, if it does."""
        try:
            if not self._spool.exists():
                return {}, self._since
            with closing(
                sqlite3.connect(f"file:{quote(str(self._spool))}?mode=ro", uri=True)
            ) as db:
                words, listening = rows.engines(db), rows.listening(db)
        except (sqlite3.Error, OSError) as error:  # as where another user types the command
            logger.warning("Engines unread", extra={"file": str(self._spool), "error": str(error)})
            return {}, self._since
        since = self._agents(listening) if self._since is None else self._since
        return _readable(words), since

    def _agents(self, kept: bytes) -> timedelta | None:
        """Return since when another process, the agent, listens; None where none does."""
        try:
            told = _LISTENING.decode(kept)
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(0)  # one that stands still may take nobody
                probe.connect(str(self._socket))
        except (msgspec.DecodeError, OSError):
            return None
        return told.since if told.boot == self._clocks.boot else None


def _readable(words: Mapping[str, bytes]) -> dict[str, _Word]:
    readable = {}
    for name, word in words.items():
        with suppress(msgspec.DecodeError):  # written by another version
            readable[name] = _WORD.decode(word)
    return readable


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
