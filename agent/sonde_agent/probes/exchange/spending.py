"""What the other processes of this host spend in a minute: the agent, and each command typed there.

One small file, in which each process has an entry that it alone changes. So whoever finds the file
gone, or cannot read or write it, goes on from what it spent itself, and the next entry that it
writes is whole again. Only the last minutes stay in it.

Reading, deciding and writing are one step for the whole host, so that two processes never both take
what is left. That is held by a lock on the directory, which needs no file of its own and ends with
the process. Nobody waits for long: a process that was stopped in that very step keeps no other from
its work.
"""

import fcntl
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from sonde_agent.state_file import StateFile

FILE = "spending.json"
_MOST_BYTES = 64 * 1024
_TRIES, _PAUSE_S = 250, 0.001


class _Entry(msgspec.Struct, frozen=True):
    """What one process spent on each surface in the minute that it last spent anything."""

    minute: int
    spent: dict[str, Annotated[int, msgspec.Meta(ge=0)]]


class SpendingFile:
    """Tells a process what the others spent, and them what it did."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = StateFile(
            directory / FILE, dict[str, _Entry], most_bytes=_MOST_BYTES, called="spendings"
        )
        # A process id comes again: in a container it is the same after each restart.
        self._name = secrets.token_hex(8)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have no other process decide meanwhile, unless one stands still in that."""
        with ExitStack() as stack:
            with suppress(OSError):
                handle = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
                stack.callback(os.close, handle)
                _lock(handle)
            yield

    def others(self) -> "Others":
        """Return what is known of all other processes."""
        entries = self._file.read() or {}
        entries.pop(self._name, None)
        return Others(entries)

    def keep(self, minute: int, spent: Mapping[str, int], others: "Others") -> None:
        """Have the others know what this process spent in a minute. Logs where it cannot."""
        entry = _Entry(minute, dict(spent))
        self._file.write({**others.about(minute), self._name: entry})


@dataclass(frozen=True, slots=True)
class Others:
    """What all other processes of this host spent lately."""

    _entries: Mapping[str, _Entry] = field(default_factory=dict)

    def spent(self, minute: int) -> Counter[str]:
        """Return what they spent in a minute."""
        spent: Counter[str] = Counter()
        for entry in self._entries.values():
            if entry.minute == minute:
                spent.update(entry.spent)
        return spent

    def about(self, minute: int) -> dict[str, _Entry]:
        """Return what still counts: where a minute ends, one process is in the next one already."""
        return {
            name: entry for name, entry in self._entries.items() if abs(entry.minute - minute) <= 1
        }


def _lock(handle: int) -> None:
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_PAUSE_S)
