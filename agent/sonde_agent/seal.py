"""Keeping what is in the agent's memory there: keys are among it."""

import logging
import os
import resource

logger = logging.getLogger(__name__)

_SET_DUMPABLE = 4
"""PR_SET_DUMPABLE, prctl(2)."""
_NO_CORE = (0, 0)


def seal() -> None:
    """Leave no core behind, and let no process of the same user look into this one.

    The limit alone would not do: a core that goes to a program knows none (core(5)).
    """
    # Under the unit it is so already, and to set it is forbidden there.
    if resource.getrlimit(resource.RLIMIT_CORE) != _NO_CORE:
        resource.setrlimit(resource.RLIMIT_CORE, _NO_CORE)
    try:
        import ctypes  # noqa: PLC0415 - a strict sandbox may refuse it

        system = ctypes.CDLL(None, use_errno=True)
        refused = system.prctl(_SET_DUMPABLE, 0, 0, 0, 0) and os.strerror(ctypes.get_errno())
    except (ImportError, MemoryError, AttributeError) as error:
        refused = str(error)
    if refused:
        # There is no log yet that would show more than the message.
        logger.warning("Memory not sealed: %s", refused)
