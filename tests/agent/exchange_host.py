"""A host with an agent's exchange probe."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sonde_agent.keyring import Key
from sonde_agent.probes.exchange.client import ExchangeMemory, ExchangeSettings
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.probe import ExchangeProbe, SignedTestProbe
from sonde_agent.probes.exchange.weight import Budget
from sonde_agent.probes.http import public_tls
from sonde_agent.stopwatch import host_clock
from sonde_core.readings import (
    COINM,
    SIGNED_KINDS,
    SPOT,
    USDM,
    Answer,
    Failure,
    Kind,
    Reading,
    Subject,
)
from sonde_core.secret import Secret
from sonde_lab.world import (
    EXAMPLE_API_KEY,
    EXAMPLE_SECRET,
)

TLS = public_tls()
MAIN = Subject("account", "main")
KEY = Key(Secret(EXAMPLE_API_KEY), Secret(EXAMPLE_SECRET))
FUTURES = {Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST}
SECOND = timedelta(seconds=1)


@dataclass
class Host:
    """An agent's exchange probe, with what it remembers from one diagnosis to the next."""

    usdm: str
    spot: str
    coinm: str = ""
    """Empty: not asked."""
    key: Key | Failure = KEY
    tls: ssl.SSLContext = TLS
    local_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    memory: ExchangeMemory = field(default_factory=lambda: ExchangeMemory(Gate(), Budget(1000)))

    @property
    def settings(self) -> ExchangeSettings:
        return ExchangeSettings(
            urls={USDM: self.usdm, SPOT: self.spot} | ({COINM: self.coinm} if self.coinm else {}),
            tls=self.tls,
            proxy=None,
            recv_window=5 * SECOND,
            now=host_clock,
            local_tls=self.local_tls,
        )

    async def measure(self) -> list[Reading]:
        probe = ExchangeProbe(
            settings=self.settings, memory=self.memory, accounts={"main": lambda: self.key}
        )
        return [reading async for reading in probe.measure()]

    async def test(self, kind: Kind) -> list[Reading]:
        probe = SignedTestProbe(
            settings=self.settings,
            memory=self.memory,
            account=MAIN,
            load=lambda: self.key,
            kind=kind,
        )
        return [reading async for reading in probe.measure()]


def of(readings: list[Reading], kind: Kind, subject: Subject = MAIN) -> list[object]:
    return [r.value for r in readings if r.kind is kind and r.subject == subject]


def statuses(readings: list[Reading]) -> dict[Kind, list[object]]:
    """Return, per signed kind, the HTTP status or the reason of the failure."""
    return {
        kind: [v.status if isinstance(v, Answer) else v.reason for v in of(readings, kind)]  # type: ignore[attr-defined]
        for kind in SIGNED_KINDS
    }
