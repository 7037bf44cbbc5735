"""The reporter: three calls that never raise and never keep an engine waiting."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta
from time import monotonic, time

from sonde_reporter.advice import Advice, read_advice
from sonde_reporter.conversation import MOST_LINE, Conversation, line, parse
from sonde_reporter.errors import capture
from sonde_reporter.orders import capture_order
from sonde_reporter.outbox import outbox_to
from sonde_reporter.requests import Failure, Health, Who, method_of, name_of

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

    def failure(self, error: object, order: object = None) -> None:
        """Leave a refusal with the agent: an exception, or a text or decoded answer.

        An order is a mapping or an object with fields as ccxt or the exchange name them.
        """
        try:  # noqa: SIM105 - the other form takes twice as long
            self._outbox.put((self._who, time(), capture(error), capture_order(order)))
        except Exception:  # noqa: BLE001, S110 - an engine must not fail because of its reporter
            pass

    def health(
        self,
        *,
        version: str = "",
        uptime: timedelta | None = None,
        weights: Mapping[str, int] | None = None,
        last_order: datetime | None = None,
        interval: timedelta | None = None,
    ) -> None:
        """Leave a sign of life with the agent.

        Weights are what the engine sent in the last minute, by endpoint ("spot", "usdm", "coinm",
        "papi"). With an interval (1 s to 1 day), an engine that says nothing for longer is noticed.
        """
        with suppress(Exception):  # an engine must not fail because of its reporter
            known = dict(weights or {})
            self._outbox.put(
                Health(self._who, time(), version, uptime, known, last_order, interval)
            )

    def advise(self, error: object, order: object = None, timeout: float = 0.05) -> Advice | None:
        """Report a refusal as `failure` does, and return what to do.

        None where no answer came within so many seconds: do what you would without an agent.
        """
        try:
            return self._ask(self._failure(error, order), monotonic() + timeout)
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
            async with asyncio.timeout(timeout):
                return await self._ask_async(self._failure(error, order))
        except Exception:  # noqa: BLE001 - an engine must not fail because of its reporter
            return None

    def flush(self, timeout: float = 1.0) -> bool:
        """Wait until the agent has what was left before; False where it has not in time."""
        return self._outbox.flush(timeout)

    @property
    def dropped(self) -> int:
        """How many reports of this process were lost, as when too many waited for an agent."""
        return self._outbox.dropped

    def _failure(self, error: object, order: object) -> Failure:
        return Failure(self._who, time(), capture(error), capture_order(order))

    def _ask(self, failure: Failure, deadline: float) -> Advice | None:
        asked = line(0, method_of(failure), failure.request())
        try:
            conversation = Conversation(self._path, deadline)
        except OSError:
            self._outbox.put(failure)  # for when there is an agent
            return None
        with closing(conversation):
            conversation.send(asked, deadline)
            return _advice(conversation.receive(deadline))

    async def _ask_async(self, failure: Failure) -> Advice | None:
        asked = line(0, method_of(failure), failure.request())
        try:
            reader, writer = await asyncio.open_unix_connection(self._path, limit=MOST_LINE)
        except OSError:
            self._outbox.put(failure)  # for when there is an agent
            return None
        try:
            writer.write(asked)
            return _advice(parse(await reader.readline()))
        finally:
            writer.close()


def _advice(answer: Mapping[str, object]) -> Advice | None:
    response = answer.get("response")
    return read_advice(response) if isinstance(response, Mapping) else None
