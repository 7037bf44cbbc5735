"""What a restart must not forget: until when the exchange said to stay away.

One small file, read before each measurement and written when something closes, so that commands
typed on a host and the agent that serves there know of each other's bans.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from sonde_agent.state_file import StateFile
from sonde_core.readings import Closure, Subject

_MOST_BYTES = 64 * 1024
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Closed(msgspec.Struct, frozen=True):
    status: int
    until: _Instant
    since: _Instant


class ClosureFile:
    """Keeps closures by base URL, so that a test network's ban is not the exchange's."""

    def __init__(self, path: Path, urls: Mapping[Subject, str]) -> None:
        self._file = StateFile(path, dict[str, _Closed], most_bytes=_MOST_BYTES, called="closures")
        self._urls = urls

    def read(self) -> dict[Subject, Closure]:
        """Return what is kept. A file that cannot be read or is broken counts as empty."""
        kept = self._file.read() or {}
        return {
            endpoint: Closure(status=closed.status, until=closed.until, since=closed.since)
            for endpoint, url in self._urls.items()
            if (closed := kept.get(url))
        }

    def write(self, closures: Mapping[Subject, Closure], now: datetime) -> None:
        """Keep closures, beside those of other URLs that are not over. Logs where it cannot."""
        ours = {
            self._urls[endpoint]: _Closed(each.status, each.until, each.since)
            for endpoint, each in closures.items()
        }
        all_ = (self._file.read() or {}) | ours
        self._file.write({url: each for url, each in all_.items() if each.until > now})
