"""Ask many agents at once. Every host yields exactly one outcome, whatever happens."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceResponse
from sonde_core.evidence import Contact
from sonde_core.records import record
from sonde_service.hosts import Host
from sonde_service.links import AgentLink, LinkError

logger = logging.getLogger(__name__)

STREAMED_HOSTS = 20
"""Up to this many hosts send readings as they come, so that one that falls silent half-way leaves
what it had. Beyond it one message per host costs less."""

MOST_BYTES = 512 * 1024
"""Of readings from one host, serialized. A client receives 1 MiB in one message, and the findings
come with them."""

MOST_READINGS = 500
"""From one host. A message without any counts as one. A host with 32 accounts sends some 300; while
they are decided on, nobody else is served."""

_GRACE = timedelta(milliseconds=250)
"""How much later than the link's own deadline the fan-out gives up on the link."""


@record(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of asking one host."""

    host: Host
    asked: datetime
    """By the service's clock."""
    elapsed: timedelta
    contact: Contact
    detail: str = ""
    """Why there is no complete answer."""
    evidence: CollectEvidenceResponse
    """What was read, even where the answer is not complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fanout:
    """Asks hosts side by side, at most `width` at once, each with a deadline of its own."""

    link: AgentLink
    width: int
    now: Callable[[], datetime]

    async def ask_all(
        self, hosts: Sequence[Host], limit: timedelta, deliver: Callable[[Outcome], None]
    ) -> None:
        """Hand one outcome per host to `deliver`, as they come. Cancelling stops at once."""
        waiting = iter(hosts)
        at_once = len(hosts) > STREAMED_HOSTS
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.width, len(hosts))):
                group.create_task(self._ask_waiting(waiting, limit, deliver, at_once=at_once))

    async def _ask_waiting(
        self,
        waiting: Iterator[Host],
        limit: timedelta,
        deliver: Callable[[Outcome], None],
        *,
        at_once: bool,
    ) -> None:
        for host in waiting:
            deliver(await self._ask(host, limit, at_once=at_once))

    async def _ask(self, host: Host, limit: timedelta, *, at_once: bool) -> Outcome:
        asked = self.now()
        start = time.monotonic()
        taken = _Taken()
        contact, detail = Contact.DIAGNOSED, ""
        try:
            async with asyncio.timeout((limit + _GRACE).total_seconds()):
                # Closed here: a call that is left half-way ends now, not when it is collected.
                async with aclosing(self.link.collect(host, limit, at_once=at_once)) as parts:
                    async for part in parts:
                        taken.add(part)
        except LinkError as error:
            contact, detail = error.contact, error.detail
        except TimeoutError:
            contact, detail = Contact.TIMEOUT, "the call did not end in time"
        except Exception:
            incident = secrets.token_hex(4)
            logger.exception("Asking failed", extra={"host": host.name, "incident": incident})
            contact, detail = Contact.UNREACHABLE, f"internal error, incident {incident}"
        return Outcome(
            host=host,
            asked=asked,
            elapsed=timedelta(seconds=time.monotonic() - start),
            contact=contact,
            detail=detail,
            evidence=taken.evidence,
        )


@dataclass(slots=True)
class _Taken:
    """What one host sent, up to a bound: a host that floods must not cost the others theirs."""

    evidence: CollectEvidenceResponse = field(default_factory=CollectEvidenceResponse)
    _bytes: int = 0
    _readings: int = 0

    def add(self, part: CollectEvidenceResponse) -> None:
        """Keep a part. Raises `LinkError` on the one that goes beyond the bound, and drops it."""
        first = not self._readings
        self._bytes += part.ByteSize()
        self._readings += max(1, len(part.readings))
        if self._bytes > MOST_BYTES:
            detail = f"it sent more than {MOST_BYTES // 1024} KiB of readings"
            raise LinkError(Contact.REFUSED, detail)
        if self._readings > MOST_READINGS:
            raise LinkError(Contact.REFUSED, f"it sent more than {MOST_READINGS} readings")
        if first:
            self.evidence = part
        else:
            self.evidence.readings.extend(part.readings)
