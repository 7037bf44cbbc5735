"""The exit codes of every command. By itself, so that knowing them costs a command nothing."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command that diagnoses."""

    HEALTHY = 0
    COULD_NOT_RUN = 1
    USAGE = 2
    FAILURE = 3
    WARNING = 4
    SILENT = 5
    INTERRUPTED = 130
