"""Threads that nobody waits for.

The system's resolver can be silent for half a minute and cannot be cancelled. asyncio would wait
for it before a command may end; a person who asked for two seconds, or pressed Ctrl-C, would too.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class AbandonedThreads(ThreadPoolExecutor):
    """Runs each call in a daemon thread of its own, and ends without waiting for any."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - the library's signature
        """Begin a call and return its future."""
        future: Future[Any] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever awaits the future
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=run, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the library's signature
        """End at once."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)
