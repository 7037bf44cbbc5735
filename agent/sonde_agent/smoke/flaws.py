"""How a check ends where it does not pass."""


class CheckFailedError(Exception):
    """The agent did something else than it must. The message says what."""


class NotRunError(Exception):
    """The check could not be run. The message says why."""
