"""One diagnosis: plan, ask, decide, keep, and hand on what is kept."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from sonde_core.errors import NotFoundError
from sonde_service.deciding import Decided, Decider, Judged
from sonde_service.fanout import Fanout, Outcome
from sonde_service.hosts import Host, HostFilter
from sonde_service.keeping import keep
from sonde_service.known import require_known
from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.history import HistoryStore
from sonde_service.store.hosts import HostsStore
from sonde_service.store.store import Store

_SHORTEST_NAME = 3
"""Random bytes. People read the name out on the telephone."""
_TURN = timedelta(milliseconds=10)
"""How long deciding may hold up the calls that are under way."""
_GROUPED = timedelta(milliseconds=100)
"""How long a result waits for others to be committed with: each commit waits for the disk. The last
one that is expected waits for none, and so a single host does not."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be diagnosed."""

    name: str
    hosts: Sequence[Host]
    """Every expected host, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnoser:
    """Diagnoses hosts. A result is handed on when it is durable, never before."""

    store: Store
    fanout: Fanout
    decider: Decider
    now: Callable[[], datetime]
    random_name: Callable[[int], str] = secrets.token_hex
    keep: Callable[[Sequence[Judged], Connection], None] = keep

    async def plan(self, wanted: HostFilter) -> Plan:
        """Record which hosts are expected.

        Raises `NotFoundError` where a name is unknown, or where no host matches.
        """
        created = self.now()

        def begin(transaction: Connection) -> Plan:
            require_known(wanted.names, transaction)
            hosts = HostsStore(transaction).find(wanted)
            if not hosts:
                raise NotFoundError("no host matches: `sonde hosts list` shows which there are")
            name = self._unused_name(transaction, created, [host.name for host in hosts])
            return Plan(name, _with_memories(hosts, transaction))

        return await self.store.write(begin)

    def _unused_name(self, transaction: Connection, created: datetime, hosts: list[str]) -> str:
        size = _SHORTEST_NAME
        while not DiagnosesStore(transaction).begin(name := self.random_name(size), created, hosts):
            size += 1
        return name

    async def run(self, plan: Plan, limit: timedelta) -> AsyncGenerator[Decided, None]:
        """Diagnose every host of a plan and return the results as they become durable.

        `limit` is for one host. Leaving the iterator stops all of it.
        """
        kept: asyncio.Queue[Decided | None] = asyncio.Queue()
        # A task of its own: a task group must not stay open across a yield.
        task = asyncio.create_task(self._ask_decide_keep(plan, limit, kept.put_nowait))
        task.add_done_callback(lambda _: kept.put_nowait(None))
        try:
            while (result := await kept.get()) is not None:
                yield result
            await task
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            task.cancel()

    async def _ask_decide_keep(
        self, plan: Plan, limit: timedelta, hand_on: Callable[[Decided], None]
    ) -> None:
        outcomes: asyncio.Queue[Outcome] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.fanout.ask_all(plan.hosts, limit, outcomes.put_nowait))
            group.create_task(self._decide_keep(plan, outcomes, hand_on))

    async def _decide_keep(
        self, plan: Plan, outcomes: asyncio.Queue[Outcome], hand_on: Callable[[Decided], None]
    ) -> None:
        """Commit in groups, and decide nothing meanwhile: both need the interpreter.

        In two threads they take turns at it, which costs more than it gains. Asking goes on.
        """
        expected = len(plan.hosts)
        while expected:
            batch = await self._decide(expected, plan.name, outcomes)
            await self.store.write(partial(self.keep, batch))
            for one in batch:
                hand_on(one.decided)
            expected -= len(batch)

    async def _decide(
        self, expected: int, name: str, outcomes: asyncio.Queue[Outcome]
    ) -> Sequence[Judged]:
        """Decide what comes until a group is due, or all that is expected, where that is there."""
        batch = [self.decider.decide(await outcomes.get(), name)]
        began = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GROUPED.total_seconds()):
                while len(batch) < expected:
                    batch.append(self.decider.decide(await outcomes.get(), name))
                    # Deciding can wait, asking cannot: let the calls go on before long. One by one
                    # costs more: other work drives the rules out of the processor's caches.
                    if time.monotonic() - began > _TURN.total_seconds():
                        await asyncio.sleep(0)
                        began = time.monotonic()
        return batch


def _with_memories(hosts: Sequence[Host], transaction: Connection) -> Sequence[Host]:
    memories = HistoryStore(transaction).memories([host.name for host in hosts])
    return [replace(host, memory=memories.get(host.name)) for host in hosts]
