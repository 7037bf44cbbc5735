"""Who may talk to the agent as an engine: the mode and the group of the sockets' directory decide.

| who                                  | may                                              |
| ------------------------------------ | ------------------------------------------------ |
| the agent's own user, root           | talk                                             |
| members of the directory's group     | talk                                             |
| anybody else                         | not: the sockets are made with mode 0660         |
| whoever may write in the directory   | put a socket of their own there; so not anybody  |
"""

import os
import stat
from pathlib import Path

from sonde_core.errors import ConfigInvalidError


def check_directory(socket: Path) -> None:
    """Raise `ConfigInvalidError` where anybody could stand in for the agent."""
    directory = socket.parent
    try:
        mode = directory.stat().st_mode
    except OSError as error:
        raise ConfigInvalidError(
            f"engine.socket: {directory}: {error.strerror}; make the directory", path=str(directory)
        ) from error
    if mode & stat.S_IWOTH:
        raise ConfigInvalidError(
            f"engine.socket: anybody may write in {directory} and stand in for the agent; "
            f"run `chmod o-w {directory}` or name another directory",
            path=str(directory),
        )


def admit_group(socket: Path) -> None:
    """Let the group of its directory use a socket that was made with mode 0660.

    Raises `ConfigInvalidError` where the agent may not give it to that group.
    """
    group = socket.parent.stat().st_gid
    if socket.stat().st_gid == group:
        return
    try:
        os.chown(socket, -1, group)
    except OSError as error:
        raise ConfigInvalidError(
            f"engine.socket: {socket} cannot be given to group {group}, which its directory "
            f"belongs to: {error.strerror}; put the agent's user into that group",
            path=str(socket),
        ) from error
