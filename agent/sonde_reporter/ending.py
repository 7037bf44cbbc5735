"""The end of a process: what is still here has a quarter of a second to be carried off.

An interpreter that ends runs what atexit knows, but for the children of multiprocessing that were
forked: those run the finalizers of multiprocessing, and nothing else.
"""

import atexit
import sys
from collections.abc import Callable


class Ending:
    """Calls something once when this process ends, however many ways lead there."""

    def __init__(self, last: Callable[[], None]) -> None:
        self._last = last
        self._begun = False
        self._finalized = False
        atexit.register(self._end)

    def begin_anew(self) -> None:
        """Forget, in a forked child, what was done for the parent."""
        self._begun = self._finalized = False

    def watch(self) -> None:
        """Have multiprocessing call too, once there is something to lose.

        What is told to multiprocessing before a child has begun is forgotten by it.
        """
        finalize = getattr(sys.modules.get("multiprocessing.util"), "Finalize", None)
        if finalize is not None and not self._finalized:
            self._finalized = True
            finalize(None, self._end, exitpriority=0)

    def _end(self) -> None:
        if not self._begun:
            self._begun = True
            self._last()
