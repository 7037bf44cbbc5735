"""Configuration files, which may be anything that somebody put there."""

import os
import stat
from pathlib import Path

from sonde_core.errors import ConfigInvalidError

_MOST_BYTES = 1024 * 1024


def read_text(path: Path) -> str:
    """Return what is in a file that people wrote. Raises `ConfigInvalidError` that names it."""
    try:
        with open(
            path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)
        ) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unreadable(path, "it is not a plain file")
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from error
    if len(content) > _MOST_BYTES:
        raise _unreadable(path, f"it is longer than {_MOST_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "it is not UTF-8") from error


def _without_waiting(name: str, flags: int) -> int:
    """Open a file; a pipe would otherwise wait for its writer."""
    return os.open(name, flags | os.O_NONBLOCK)


def _unreadable(path: Path, reason: str) -> ConfigInvalidError:
    return ConfigInvalidError(f"{path}: cannot be read: {reason}", path=str(path))
