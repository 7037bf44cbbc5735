"""Reports on their way to the agent, carried by one thread of the process.

| what happens                     | what becomes of the reports                           |
| -------------------------------- | ----------------------------------------------------- |
| no agent is there                | the newest wait, in memory, until one is              |
| the agent is slow or has no room | the same                                              |
| more come than are carried off   | the oldest are dropped, and counted                   |
| the agent goes away unanswered   | they are sent once more: it knows them by their ids   |
| agents go away again and again   | what was sent three times is dropped, and counted     |
| the agent refuses one            | it is dropped, and counted                            |
| somebody waits for advice        | that one goes first; unanswered, it waits like all    |
| the process forks                | the parent sends what it had; the child begins anew   |
| the process ends                 | it waits a quarter of a second for what is still here |
"""

import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from queue import Empty, SimpleQueue

from sonde_reporter.advice import Advice
from sonde_reporter.conversation import Conversation, line
from sonde_reporter.ending import Ending
from sonde_reporter.letters import Letter, advice_in, is_for_later
from sonde_reporter.requests import Failure, Health, LeftFailure, method_of

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
_MOST_FAILURES = 3
_AT_EXIT_S = 0.25

_Mark = Future[bool]
"""Stands after what a flush waits for: whether all of that was answered."""
_Waiting = Health | LeftFailure | Letter | _Mark


class _NoPlaceError(Exception):
    """As many engines are connected as the agent has places for."""


class Outbox:
    """Takes reports from any thread, at once, and brings them to the agent."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._begin()

    def _begin(self) -> None:
        self._queue: SimpleQueue[_Waiting] = SimpleQueue()
        self._asked: SimpleQueue[Letter] = SimpleQueue()
        """Letters that go first. They are in the queue too, in case they are not answered."""
        self._marks: set[_Mark] = set()
        """Those in the queue: they take no report's place there."""
        self._first: list[Letter] = []
        """What the thread took of those."""
        self._conversation: Conversation | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._name = os.urandom(8).hex()
        self._numbers = count(1)
        self.away = False
        """No agent could be reached when that was last tried."""
        self.dropped = 0
        """Reports that were lost: too many waited, or the agent would not have them."""

    def put(self, report: _Waiting) -> None:
        """Leave a report. It takes microseconds, and may be done in a signal handler."""
        if self._queue.qsize() >= MOST:
            self._make_room()
        self._queue.put(report)
        if self._thread is None:
            self._start()

    def ask(self, failure: Failure) -> Future[Advice | None]:
        """Leave a failure, and return the advice that is to come. None: there will be none."""
        answer: Future[Advice | None] = Future()
        letter = Letter(failure, answer)
        if self._asked.qsize() >= MOST:
            with suppress(Empty):
                self._asked.get_nowait()
        self._asked.put(letter)
        self.put(letter)
        return answer

    def flush(self, timeout_s: float) -> bool:
        """Wait until what was left before has been answered; False where it was not in time."""
        if self._thread is None:
            return self._queue.empty()
        if len(self._marks) >= MOST:  # as many waited in vain
            return False
        mark: _Mark = Future()
        self._marks.add(mark)
        self._queue.put(mark)
        try:
            return mark.result(timeout_s)
        except TimeoutError:
            return False

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
                    _ending.watch()
            finally:
                self._starting.release()

    def _make_room(self) -> None:
        while self._queue.qsize() >= MOST + len(self._marks):
            with suppress(Empty):
                self._drop(self._queue.get_nowait())

    def _drop(self, waiting: _Waiting) -> None:
        if isinstance(waiting, Future):
            self._reach(waiting, answered=False)
        elif isinstance(waiting, Letter):
            self._lose(waiting)
        else:
            self.dropped += 1

    def _reach(self, mark: _Mark, *, answered: bool) -> None:
        self._marks.discard(mark)
        mark.set_result(answered)

    def _lose(self, letter: Letter) -> None:
        self.dropped += not letter.settled
        letter.settled = True
        letter.tell(None)

    # -- in the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            batch = [self._queue.get()]
            for _ in range(_TURNS):
                while (batch := self._filled(batch)) or self._first:
                    self._deliver(batch)
                    batch = []
                self._rest(_TURN_S)
            self._hang_up()  # an engine that is well takes up no place at the agent

    def _filled(self, batch: list[_Waiting]) -> list[_Waiting]:
        with suppress(Empty):
            while len(batch) < _BATCH:
                batch.append(self._queue.get_nowait())
        return batch

    def _rest(self, seconds: float) -> None:
        """Do nothing, until somebody asks."""
        with suppress(Empty):
            self._first.append(self._asked.get(timeout=seconds))

    def _deliver(self, batch: list[_Waiting]) -> None:
        """Send a batch until all of it is settled, and on the way whatever is asked."""
        letters = [self._letter(each) for each in batch if not isinstance(each, Future)]
        pause = _FIRST_PAUSE_S
        while letters or self._first:
            asked = [self._letter(each) for each in self._taken_first()]
            self._send({each.number: each for each in (*asked, *letters) if not each.settled})
            for each in (*asked, *letters):
                each.tell(None)  # who still waits need not
            letters = [each for each in letters if not each.settled]
            if letters:
                self._rest(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
        for mark in batch:
            if isinstance(mark, Future):
                self._reach(mark, answered=True)

    def _taken_first(self) -> list[Letter]:
        with suppress(Empty):
            while len(self._first) < _BATCH:
                self._first.append(self._asked.get_nowait())
        taken, self._first = self._first, []
        return taken

    def _letter(self, waiting: Health | LeftFailure | Letter) -> Letter:
        """Return a report as a letter, with its line: to make that takes no caller's time."""
        if isinstance(waiting, Letter):
            letter = waiting
        else:
            letter = Letter(waiting if isinstance(waiting, Health) else Failure(*waiting))
        if not letter.number:
            number = letter.number = next(self._numbers)
            try:
                told = {**letter.report.request(), "id": f"{self._name}-{number}"}
                letter.line = line(number, method_of(letter.report), told)
            except Exception:  # noqa: BLE001 - what an engine hands over may be anything
                self._lose(letter)
        return letter

    def _send(self, letters: dict[int, Letter]) -> None:
        """Send letters, and settle those that the agent took, or never will."""
        conversation = self._reached() if letters else None
        if conversation is None:
            return
        deadline = time.monotonic() + _LIMIT_S
        try:
            conversation.send(b"".join(each.line for each in letters.values()), deadline)
            while letters:
                self._settle(conversation.receive(deadline), letters)
        except (TimeoutError, _NoPlaceError):
            self._hang_up()  # it is slow, or has no place for one more: no report is the reason
        except Exception:  # noqa: BLE001 - what comes from a socket may be anything
            self._hang_up()
            for each in letters.values():
                each.failures += 1
                if each.failures == _MOST_FAILURES:
                    self._lose(each)

    def _settle(self, answer: Mapping[str, object], letters: dict[int, Letter]) -> None:
        number, error = int(str(answer["id"])), answer.get("error")
        later = is_for_later(error)
        if not number and later:
            raise _NoPlaceError
        letter = letters.pop(number)  # an answer to nothing ends the conversation
        if not later:
            letter.settled = True
            self.dropped += error is not None
        if letter.answer is not None:
            letter.tell(advice_in(answer))

    def _reached(self) -> Conversation | None:
        if self._conversation is None:
            try:
                self._conversation = Conversation(self._path, time.monotonic() + _LIMIT_S)
            except OSError:
                self.away = True
                return None
        self.away = False
        return self._conversation

    def _hang_up(self) -> None:
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None


_outboxes: dict[str, Outbox] = {}


def outbox_to(path: str) -> Outbox:
    """Return the process's only outbox to a socket."""
    return _outboxes.get(path) or _outboxes.setdefault(path, Outbox(path))


def _after_fork() -> None:
    _ending.begin_anew()
    for outbox in _outboxes.values():
        outbox.begin_anew()


def _at_exit() -> None:
    end = time.monotonic() + _AT_EXIT_S
    for outbox in _outboxes.values():
        if not outbox.away:
            outbox.flush(max(end - time.monotonic(), 0))


_ending = Ending(_at_exit)
os.register_at_fork(after_in_child=_after_fork)
