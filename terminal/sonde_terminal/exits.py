"""How a command ends: one line about what went wrong, and an exit code.

Imports no library, so that a command that serves for months can end in the same way without one.
"""

import errno
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from sonde_core.errors import (
    AlreadyExistsError,
    ConfigInvalidError,
    NotFoundError,
    RequestInvalidError,
    SondeError,
)
from sonde_core.exits import Exit
from sonde_terminal.screen import Page


class StoppedError(SondeError):
    """Somebody pressed Ctrl-C. The message says what stays."""

    reason = "STOPPED"


# Most specific first: what the caller can put right is a wrong input, anything else is not.
_CODES: tuple[tuple[type[SondeError], Exit], ...] = (
    (StoppedError, Exit.INTERRUPTED),
    (AlreadyExistsError, Exit.USAGE),
    (ConfigInvalidError, Exit.USAGE),
    (NotFoundError, Exit.USAGE),
    (RequestInvalidError, Exit.USAGE),
    (SondeError, Exit.COULD_NOT_RUN),
)


_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Why something that is open cannot be written: for a command that is its standard output."""


def leave(
    name: str,
    run: Callable[[], int],
    package: str = "sonde",
    clean: Callable[[str], str] = str,
) -> NoReturn:
    """Run a command and leave with its exit code: 2 for a wrong input, 1 where it could not run.

    `package` is what has to be installed for it, extras included; `clean` takes out of a message
    what nobody may see.
    """
    try:
        code = run()
    except ModuleNotFoundError as error:
        if (error.name or "sonde").startswith("sonde"):
            raise
        complain(name, f"{error.name} is not installed; mend it with: pip install '{package}'")
        code = Exit.COULD_NOT_RUN
    except SondeError as error:
        complain(name, clean(str(error)))
        code = next(code for class_, code in _CODES if isinstance(error, class_))
    except BrokenPipeError:  # whoever read has gone
        _forget_output()
        code = Exit.COULD_NOT_RUN
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename:
            raise
        complain(name, f"standard output cannot be written: {error.strerror}")
        _forget_output()
        code = Exit.COULD_NOT_RUN
    except KeyboardInterrupt:
        complain(name, "interrupted")
        code = Exit.INTERRUPTED
    sys.exit(code)


def _forget_output() -> None:
    """Drop what was not written: without this, Python complains once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(name: str, message: str) -> None:
    """Say on standard error, in one line, what went wrong and how to mend it."""
    sys.stderr.write(f"{name}: {Page().say(message, limit=2_000)}\n")
