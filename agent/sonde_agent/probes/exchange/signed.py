"""The signed tests of one account: one after the other, and no more than the exchange allows.

Each goes out with the host's own clock first, because that is what the engine does. After -1021,
which hides whatever else is wrong, it is repeated once with the exchange's clock.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

from sonde_agent.keyring import CALLS, Key
from sonde_agent.probes.exchange.answers import order_counts
from sonde_agent.probes.exchange.client import Call, ExchangeClient, Outcome
from sonde_agent.probes.exchange.gate import ORDER_RATE
from sonde_agent.probes.exchange.scout import (
    TURNED_AWAY,
    OrderCounts,
    Scouted,
    gate,
    outcome_text,
    reading,
)
from sonde_agent.probes.exchange.weight import COUNTED, surface
from sonde_agent.stopwatch import Stopwatch
from sonde_core.readings import (
    ENDPOINT_OF,
    Answer,
    Failure,
    FailureReason,
    Kind,
    Reading,
    SigningClock,
    Subject,
)

TIMESTAMP_REJECTED = -1021
_PATH_WHOLE = frozenset({FailureReason.ANSWER, FailureReason.WITHHELD})
"""What may happen to one call and says nothing about the next one."""

LoadKey = Callable[[], Key | Failure]


@dataclass(frozen=True, slots=True)
class SignedTests:
    """Runs the signed tests of one account."""

    client: ExchangeClient
    so_far: Scouted
    account: Subject
    load: LoadKey

    async def run(self, kinds: Iterable[Kind]) -> AsyncIterator[Reading]:
        """Return the key's facts and then each test, in the order given."""
        stopwatch = Stopwatch.start(self.client.now)
        key = self.load()
        yield Reading(
            kind=Kind.KEY,
            subject=self.account,
            time=stopwatch.began,
            elapsed=stopwatch.elapsed,
            value=key if isinstance(key, Failure) else key.facts,
        )
        for kind in kinds:
            if isinstance(key, Failure):
                yield self._skipped(kind, f"the key cannot be used: {key.detail}")
            else:
                async for result in self._test(kind, key):
                    yield result

    async def _test(self, kind: Kind, key: Key) -> AsyncIterator[Reading]:
        endpoint = ENDPOINT_OF[kind]
        refusal = self.so_far.refusals.get(endpoint)
        if refusal and self.client.closure(endpoint) is None:
            yield self._skipped(kind, refusal)
            return
        outcome = await self._send(kind, key, SigningClock.HOST)
        yield reading(kind, self.account, outcome)
        if _clock_refused(outcome):
            self.client.memory.timestamp_refused.set()
            if endpoint in self.so_far.offsets:
                outcome = await self._send(kind, key, SigningClock.EXCHANGE)
                yield reading(kind, self.account, outcome)
        self._note(kind, endpoint, outcome)
        if isinstance(outcome.value, Answer):
            async for closed in gate(self.client, endpoint):
                yield closed

    async def _send(self, kind: Kind, key: Key, clock: SigningClock) -> Outcome:
        return await self.client.send(lambda: self._call(kind, key, clock))

    def _call(self, kind: Kind, key: Key, clock: SigningClock) -> Call:
        """Sign a call with the present instant of one of the two clocks."""
        endpoint = ENDPOINT_OF[kind]
        at = self.client.now()
        if clock is SigningClock.EXCHANGE:
            at = self.so_far.clocks[endpoint].now - self.so_far.offsets[endpoint]
        call = CALLS[kind]
        signed = key.sign(call, at=at, recv_window=self.client.settings.recv_window)
        return Call(
            kind=kind,
            endpoint=endpoint,
            method=signed.method,
            path=signed.path,
            weight=call.value.weight,
            query=signed.query,
            headers=signed.headers(),
            clock=clock,
            timestamp=at,
        )

    def _note(self, kind: Kind, endpoint: Subject, outcome: Outcome) -> None:
        """Remember what a test tells about the tests after it."""
        value = outcome.value
        if isinstance(value, Failure):
            broken = value.reason not in _PATH_WHOLE
        else:
            broken = value.status in TURNED_AWAY and value.code != ORDER_RATE
            # /sapi counts by itself, so what it says is not the spot endpoint's weight.
            if value.used_weight is not None and surface(CALLS[kind].value.path) in COUNTED:
                self.so_far.used_weight[endpoint] = value.used_weight
        if outcome.fetched and (counts := order_counts(outcome.fetched)):
            self.so_far.orders[self.account, endpoint] = OrderCounts(outcome.began, counts)
        if broken:
            self.so_far.refusals[endpoint] = f"{kind.value} before it failed: {outcome_text(value)}"

    def _skipped(self, kind: Kind, why: str) -> Reading:
        return Reading(
            kind=kind,
            subject=self.account,
            time=self.client.now(),
            value=Failure(FailureReason.SKIPPED, why),
        )


def _clock_refused(outcome: Outcome) -> bool:
    return isinstance(outcome.value, Answer) and outcome.value.code == TIMESTAMP_REJECTED
