"""Who may talk to the agent on its host: the mode and group of its sockets' directories decide.

| who                                  | may                                              |
| ------------------------------------ | ------------------------------------------------ |
| the agent's own user, root           | talk                                             |
| members of the directory's group     | talk                                             |
| anybody else                         | not: the sockets are made with mode 0660         |
| whoever may write in the directory   | put a socket of their own there; so only those   |
|                                      | two: not the group, nor another owner            |
| whoever may put another directory in | the same; so its parents are as strict, but for  |
| its place, or in that of a parent    | those with a sticky bit, as /tmp has             |
"""

import os
import stat
from pathlib import Path

from sonde_core.errors import ConfigInvalidError


def check_directory(key: str, socket: Path) -> None:
    """Raise `ConfigInvalidError`, naming the key and the fix, where others could be the agent."""
    try:
        directory = socket.parent.resolve(strict=True)
        _check(key, directory, directory.stat(), sticky_will_do=False)
        for parent in directory.parents:
            _check(key, parent, parent.stat(), sticky_will_do=True)
    except OSError as error:
        raise ConfigInvalidError(
            f"{key}: {socket.parent}: {error.strerror}; make the directory", path=str(socket.parent)
        ) from error


def _check(key: str, directory: Path, found: os.stat_result, *, sticky_will_do: bool) -> None:
    if found.st_uid not in (0, os.geteuid()):
        who = f"user {found.st_uid} owns {directory}"
        fix = f"chown {os.geteuid()} {directory}"
    elif sticky_will_do and found.st_mode & stat.S_ISVTX:
        return
    elif found.st_mode & stat.S_IWOTH:
        who, fix = f"anybody may write in {directory}", f"chmod go-w {directory}"
    elif found.st_mode & stat.S_IWGRP:
        who, fix = f"group {found.st_gid} may write in {directory}", f"chmod g-w {directory}"
    else:
        return
    raise ConfigInvalidError(
        f"{key}: {who} and could stand in for the agent; run `{fix}` or name another directory",
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
