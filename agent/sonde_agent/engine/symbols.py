"""What the exchange demands of orders for the symbols that refusals name.

An engine waits for its answer, so the exchange is not asked meanwhile: what is known is told at
once, and what is not is read afterwards, for the next refusal.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sonde_core.errors import SondeError
from sonde_core.orders import SymbolRules
from sonde_core.readings import Reading

_FRESH = timedelta(minutes=10)
_AGAIN = timedelta(minutes=1)
"""How long a symbol is left alone after it was asked for."""
_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSymbols:
    """Remembers the rules of symbols, and reads those that were asked for in vain."""

    read: Callable[[str, str], Awaitable[Reading]]
    """By endpoint and symbol."""
    now: Callable[[], timedelta]
    """Since the host's start: a clock that is set makes nothing older or younger."""
    _read: dict[tuple[str, str], tuple[timedelta, SymbolRules | None]] = field(default_factory=dict)
    _wanted: asyncio.Queue[tuple[str, str]] = field(default_factory=lambda: asyncio.Queue(_MOST))

    def get(self, endpoint: str, symbol: str) -> SymbolRules | None:
        """Return what is known of a symbol now, and have it read where that is not enough."""
        read, rules = self._read.get((endpoint, symbol), (None, None))
        age = None if read is None else self.now() - read
        if (age is None or age > (_FRESH if rules else _AGAIN)) and not self._wanted.full():
            self._note((endpoint, symbol), rules)
            self._wanted.put_nowait((endpoint, symbol))
        return rules

    async def run(self) -> None:
        """Read what was asked for, one symbol after the other, for ever."""
        while True:
            wanted = await self._wanted.get()
            try:
                reading = await self.read(*wanted)
            except SondeError:
                continue  # what was named is no symbol
            if isinstance(reading.value, SymbolRules):
                self._note(wanted, reading.value)

    def _note(self, symbol: tuple[str, str], rules: SymbolRules | None) -> None:
        self._read.pop(symbol, None)
        self._read[symbol] = self.now(), rules
        while len(self._read) > _MOST:
            del self._read[next(iter(self._read))]
