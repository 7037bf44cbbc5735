"""What a restart must not forget: until when the exchange said to stay away.

One small file, read before each measurement and written when something closes, so that commands
typed on a host and the agent that serves there know of each other's bans.

Ends are by the time since the host's start. That count says nothing to whoever reads the file after
another start, so each is kept by the wall clock too, which then is all there is to go by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from sonde_agent.probes.clock_watch import Clocks
from sonde_agent.state_file import StateFile

_MOST_BYTES = 64 * 1024
_CENTURY = timedelta(days=36_525)
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure by the time since the host's start."""

    status: int
    since: timedelta
    until: timedelta


class _Kept(msgspec.Struct, frozen=True):
    shut: Shut
    boot: str
    """The start of the host that `shut` counts from."""
    until: _Instant


class ClosureFile:
    """Keeps closures by site, so that a test network's ban is not the exchange's."""

    def __init__(self, path: Path, clocks: Clocks) -> None:
        self._file = StateFile(path, dict[str, _Kept], most_bytes=_MOST_BYTES, called="closures")
        self._clocks = clocks
        self._seen: dict[str, _Kept] = {}

    def news(self) -> dict[str, Shut]:
        """Return what was kept since it was last asked for. A broken file counts as empty.

        What another start of the host left is looked at once: afterwards the wall clock may be set.
        """
        kept, seen = self._file.read() or {}, self._seen
        self._seen = kept
        return {
            site: self._now(each)
            for site, each in kept.items()
            if each != seen.get(site) and _possible(each.shut)
        }

    def write(self, all_: Mapping[str, Shut]) -> None:
        """Keep all closures that are not over. Logs where it cannot."""
        at = self._clocks.boottime()
        self._file.write(
            {
                site: _Kept(shut, self._clocks.boot, self._clocks.shown(shut.until))
                for site, shut in all_.items()
                if shut.until > at
            }
        )

    def _now(self, kept: _Kept) -> Shut:
        """Return a closure by the present count."""
        shut = kept.shut
        if kept.boot == self._clocks.boot:
            return shut
        at = self._clocks.boottime()
        left = min(kept.until - self._clocks.wall(), shut.until - shut.since)
        return Shut(shut.status, since=at + left - (shut.until - shut.since), until=at + left)


def _possible(shut: Shut) -> bool:
    return all(abs(each) < _CENTURY for each in (shut.since, shut.until))
