"""Small files of state: read whole, replaced whole or not at all."""

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

logger = logging.getLogger(__name__)

T = TypeVar("T")

_ROOT = 0


class StateFile(Generic[T]):
    """One file of JSON. Where it cannot be read or written the log says so, once each."""

    def __init__(self, path: Path, type_: type[T], *, most_bytes: int, called: str) -> None:
        self._path = path
        self._type = type_
        self._most_bytes = most_bytes
        self._called = called
        self._told: set[str] = set()

    def read(self) -> T | None:
        """Return what is kept; None where nothing is, or nothing that makes sense."""
        try:
            with self._path.open("rb") as file:
                return msgspec.json.decode(file.read(self._most_bytes), type=self._type)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            self.ignored(error)
            return None

    def ignored(self, error: Exception) -> None:
        """Say that what is kept is of no use."""
        self._tell_once(f"Kept {self._called} are ignored", error)

    def write(self, value: T) -> None:
        """Keep a value in place of what was kept."""
        try:
            _replace(self._path, msgspec.json.encode(value))
        except OSError as error:
            self._tell_once(f"{self._called.capitalize()} cannot be kept", error)

    def _tell_once(self, message: str, error: Exception) -> None:
        if message not in self._told:
            self._told.add(message)
            logger.warning(message, extra={"file": self._path, "error": error})


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read: whoever the directory belongs to."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            if os.geteuid() == _ROOT:  # a command typed with sudo leaves nothing to root
                owner = path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(content)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
