"""The reporter: three calls that never raise and never keep an engine waiting."""

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import time

from sonde_reporter.advice import Advice
from sonde_reporter.capturing import (
    MOST_FIELD,
    Captured,
    Raised,
    capture,
    code_of,
    leaves,
)
from sonde_reporter.orders import capture_order
from sonde_reporter.outbox import outbox_to
from sonde_reporter.requests import Failure, Health, Who, name_of, weights_of
from sonde_reporter.taking import taken

VARIABLE = "SONDE_REPORTER_SOCKET"
DEFAULT_SOCKET = "/run/sonde/engine.jsonl"


class Reporter:
    """Tells the agent on this host what the engine meets, and asks what to do.

    All reporters of a process share one connection and one thread, which begins with the first
    report. Use them from any thread, event loop or forked child.
    """

    def __init__(
        self, *, engine: str = "", account: str = "", socket: str | os.PathLike[str] | None = None
    ) -> None:
        """Name the engine, where several run on this host, and the account that it trades for.

        The socket is that of the variable SONDE_REPORTER_SOCKET, else /run/sonde/engine.jsonl.
        """
        self._who = Who(name_of(engine), name_of(account))
        self._path = os.fspath(socket or os.environ.get(VARIABLE) or DEFAULT_SOCKET)
        self._outbox = outbox_to(self._path)
        self._put = self._outbox.put

    def failure(self, error: object, order: object = None) -> None:
        """Leave a refusal with the agent: an exception, or a text or decoded answer.

        An order is a mapping or an object with fields as ccxt or the exchange name them.
        """
        try:
            if isinstance(error, BaseExceptionGroup):
                for each in leaves(error):
                    self.failure(each, order)
            else:
                self._put((self._who, time(), capture(error), capture_order(order)))
        except Exception:  # noqa: BLE001, S110 - an engine must not fail because of its reporter
            pass

    def health(
        self,
        *,
        version: str = "",
        uptime: timedelta | float | None = None,
        weights: Mapping[str, int] | None = None,
        last_order: datetime | None = None,
        interval: timedelta | float | None = None,
    ) -> None:
        """Leave a sign of life with the agent.

        Weights are what the engine sent in the last minute, by endpoint ("spot", "usdm", "coinm",
        "papi"). With an interval (1 s to 1 day; the nearest of those counts for another one), an
        engine that says nothing for longer is noticed. A number is seconds, a datetime without a
        time zone this host's time. What makes no sense is left out.
        """
        with suppress(Exception):  # an engine must not fail because of its reporter
            said = str(taken(version, MOST_FIELD + 1) or "")
            known = weights_of(weights)
            self._put(Health(self._who, time(), said, known, uptime, interval, last_order))

    def advise(self, error: object, order: object = None, timeout: float = 0.05) -> Advice | None:
        """Report a refusal as `failure` does, and return what to do.

        None where no answer came within so many seconds: do what you would without an agent.
        """
        try:
            answer, alone = self._asked(error, order)
            return _safe(answer.result(timeout), alone=alone)
        except Exception:  # noqa: BLE001 - an engine must not fail because of its reporter
            return None

    async def advise_async(
        self,
        error: object,
        order: object = None,
        timeout: float = 0.05,  # noqa: ASYNC109 - as in `advise`
    ) -> Advice | None:
        """Do what `advise` does, while the event loop of asyncio goes on."""
        try:
            answer, alone = self._asked(error, order)
            async with asyncio.timeout(timeout):
                return _safe(await asyncio.wrap_future(answer), alone=alone)
        except Exception:  # noqa: BLE001 - an engine must not fail because of its reporter
            return None

    def flush(self, timeout: float = 1.0) -> bool:
        """Wait until the agent has what was left before; False where it has not in time."""
        try:
            return self._outbox.flush(timeout)
        except Exception:  # noqa: BLE001 - an engine must not fail because of its reporter
            return False

    @property
    def dropped(self) -> int:
        """How many reports of this process were lost, as when too many waited for an agent."""
        return self._outbox.dropped

    def _asked(self, error: object, order: object) -> tuple[Future[Advice | None], bool]:
        """Ask about an error; in a group, about the first that has a code. Leave the others."""
        now, known = time(), capture_order(order)
        errors = leaves(error) if isinstance(error, BaseExceptionGroup) else (error,)
        captured = [capture(each) for each in errors]
        if len(captured) > 1:
            captured.sort(key=_has_no_code)
        for each in captured[1:]:
            self._put((self._who, now, each, known))
        return self._outbox.ask(Failure(self._who, now, captured[0], known)), len(captured) == 1


def _has_no_code(captured: Captured) -> bool:
    return all(code_of(Raised._make(each)) is None for each in captured)


def _safe(advice: Advice | None, *, alone: bool) -> Advice | None:
    """Return advice about one error of several: what it knows of an order holds for no other."""
    return advice if advice is None or alone else replace(advice, safe_to_resend=False)
