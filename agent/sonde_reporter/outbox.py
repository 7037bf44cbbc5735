"""Reports on their way to the agent, carried by one thread of the process.

| what happens                     | what becomes of the reports                              |
| -------------------------------- | -------------------------------------------------------- |
| no agent is there                | the newest wait, in memory, until one is                 |
| more come than are carried off   | the oldest are dropped, and counted                      |
| the agent goes away unanswered   | they are sent once more: they may arrive twice           |
| the agent refuses one            | it is dropped                                            |
| the process forks                | the parent sends what it had; the child begins anew      |
| the process ends                 | it waits a quarter of a second for what is still here    |
"""

import atexit
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue

from sonde_reporter.conversation import Conversation, line
from sonde_reporter.requests import Failure, Health, LeftFailure, Report, method_of

MOST = 512
"""Reports that wait."""
_BATCH = 16
"""Reports under way at once: their answers fit into the socket while nobody reads them."""
_TURN_S = 0.01
_TURNS = 100
"""How often the thread looks again before it sleeps: waking it costs a caller several times what
leaving a report with it does."""
_LIMIT_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 15.0
_ATTEMPTS = 3
_AT_EXIT_S = 0.25
_LATER = frozenset({"RESOURCE_EXHAUSTED", "UNAVAILABLE"})
"""Errors of an agent that may take the same report another time."""

_Waiting = Report | LeftFailure | threading.Event


class Outbox:
    """Takes reports from any thread, at once, and brings them to the agent."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._begin()

    def _begin(self) -> None:
        self._queue: SimpleQueue[_Waiting] = SimpleQueue()
        self._conversation: Conversation | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self.away = False
        """No agent could be reached when that was last tried."""
        self.dropped = 0
        """Reports that were lost: too many waited, or the agent would not have them."""

    def put(self, report: Report | LeftFailure) -> None:
        """Leave a report. It takes microseconds, and may be done in a signal handler."""
        if self._queue.qsize() >= MOST:
            with suppress(Empty):
                self._drop(self._queue.get_nowait())
        self._queue.put(report)
        if self._thread is None:
            self._start()

    def flush(self, timeout_s: float) -> bool:
        """Wait until what was left before has been answered; False where it was not in time."""
        if self._thread is None:
            return self._queue.empty()
        done = threading.Event()
        self._queue.put(done)
        return done.wait(timeout_s)

    def begin_anew(self) -> None:
        """Forget, in a forked child, what is the parent's."""
        self._hang_up()
        self._begin()

    def _start(self) -> None:
        if self._starting.acquire(blocking=False):  # otherwise another thread is about to
            try:
                if self._thread is None:
                    thread = threading.Thread(target=self._run, name="sonde-reporter", daemon=True)
                    thread.start()
                    self._thread = thread
            finally:
                self._starting.release()

    def _run(self) -> None:
        while True:
            batch = [self._queue.get()]
            for _ in range(_TURNS):
                while batch := self._filled(batch):
                    self._deliver(batch)
                    batch = []
                time.sleep(_TURN_S)
            self._hang_up()  # an engine that is well takes up no place at the agent

    def _filled(self, batch: list[_Waiting]) -> list[_Waiting]:
        with suppress(Empty):
            while len(batch) < _BATCH:
                batch.append(self._queue.get_nowait())
        return batch

    def _deliver(self, batch: list[_Waiting]) -> None:
        lines = dict(self._lines(batch))
        pause, attempts = _FIRST_PAUSE_S, 0
        while lines and attempts < _ATTEMPTS:
            if self._reach():
                attempts = 0 if self._hand_over(lines) else attempts + 1
            if lines:
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
        self.dropped += len(lines)
        for each in batch:
            if isinstance(each, threading.Event):
                each.set()

    def _lines(self, batch: list[_Waiting]) -> Iterator[tuple[int, bytes]]:
        for number, each in enumerate(batch, 1):
            if not isinstance(each, threading.Event):
                report = each if isinstance(each, Failure | Health) else Failure(*each)
                try:
                    yield number, line(number, method_of(report), report.request())
                except Exception:  # noqa: BLE001 - what an engine hands over may be anything
                    self._drop(each)

    def _reach(self) -> bool:
        if self._conversation is None:
            try:
                self._conversation = Conversation(self._path, time.monotonic() + _LIMIT_S)
            except OSError:
                self.away = True
                return False
        self.away = False
        return True

    def _hand_over(self, lines: dict[int, bytes]) -> bool:
        """Send lines and forget those that are settled; tell whether each was answered."""
        conversation = self._conversation
        if conversation is None:
            return False
        deadline = time.monotonic() + _LIMIT_S
        unanswered = set(lines)
        try:
            conversation.send(b"".join(lines.values()), deadline)
            while unanswered:
                answer = conversation.receive(deadline)
                number, error = int(str(answer["id"])), answer.get("error")
                unanswered.remove(number)  # an answer to nothing ends the conversation
                if not isinstance(error, Mapping) or error.get("code") not in _LATER:
                    del lines[number]
                    self.dropped += error is not None
        except Exception:  # noqa: BLE001 - what comes from a socket may be anything
            self._hang_up()
            return False
        return True

    def _hang_up(self) -> None:
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    def _drop(self, waiting: _Waiting) -> None:
        if isinstance(waiting, threading.Event):
            waiting.set()
        else:
            self.dropped += 1


_outboxes: dict[str, Outbox] = {}


def outbox_to(path: str) -> Outbox:
    """Return the process's only outbox to a socket."""
    return _outboxes.get(path) or _outboxes.setdefault(path, Outbox(path))


def _after_fork() -> None:
    for outbox in _outboxes.values():
        outbox.begin_anew()


def _at_exit() -> None:
    for outbox in _outboxes.values():
        if not outbox.away:
            outbox.flush(_AT_EXIT_S)


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
