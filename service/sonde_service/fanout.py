"""Ask many agents at once. Every host yields exactly one outcome, whatever happens."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceResponse
from sonde_core.evidence import Contact
from sonde_service.hosts import Host
from sonde_service.links import AgentLink, LinkError

logger = logging.getLogger(__name__)

STREAMED_HOSTS = 20
"""Up to this many hosts send readings as they come, so that one that falls silent half-way leaves
what it had. Beyond it one message per host costs less."""

_GRACE = timedelta(milliseconds=250)
"""How much later than the link's own deadline the fan-out gives up on the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
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
        parts: list[CollectEvidenceResponse] = []
        contact, detail = Contact.DIAGNOSED, ""
        try:
            async with asyncio.timeout((limit + _GRACE).total_seconds()):
                async for part in self.link.collect(host, limit, at_once=at_once):
                    parts.append(part)
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
            evidence=_joined(parts),
        )


def _joined(parts: Sequence[CollectEvidenceResponse]) -> CollectEvidenceResponse:
    if len(parts) == 1:
        return parts[0]
    whole = CollectEvidenceResponse()
    for part in parts:
        whole.readings.extend(part.readings)
    return whole
