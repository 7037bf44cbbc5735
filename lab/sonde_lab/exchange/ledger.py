"""What the exchange counts: request weight per minute, refusals, bans, orders, faults used."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sonde_lab.world import Limits, Surface, World

MINUTE = timedelta(minutes=1)
WEIGHT_LIMITS = {Surface.SPOT: 6000, Surface.SAPI: 12000, Surface.USDM: 2400, Surface.COINM: 6000}
"""The limits that the exchange's documentation shows, per address and minute."""
_SPANS = {"SECOND": timedelta(seconds=1), "MINUTE": MINUTE, "DAY": timedelta(days=1)}


class OrderLimit(NamedTuple):
    """How many orders an account may place within a span of time."""

    interval: str
    number: int
    """Of intervals."""
    limit: int

    @property
    def span(self) -> timedelta:
        """The span of time."""
        return self.number * _SPANS[self.interval]


_OF_FUTURES = (OrderLimit("MINUTE", 1, 1_200), OrderLimit("SECOND", 10, 300))
ORDER_LIMITS: Mapping[Surface, Sequence[OrderLimit]] = {
    Surface.SPOT: (OrderLimit("SECOND", 10, 50), OrderLimit("DAY", 1, 160_000)),
    Surface.USDM: _OF_FUTURES,
    Surface.COINM: _OF_FUTURES,
}
"""The limits on orders that the exchange's documentation shows."""


def weight_limit(limits: Limits, surface: Surface) -> int:
    """Return how much request weight an address may use in a minute."""
    return WEIGHT_LIMITS[surface] if limits.weight_limit is None else limits.weight_limit


class WindowCounter:
    """Counts within fixed windows of the exchange's clock."""

    def __init__(self) -> None:
        self._counts: dict[Hashable, tuple[int, int]] = {}

    def add(self, name: Hashable, amount: int, now: datetime, width: timedelta = MINUTE) -> int:
        """Add to the window that holds an instant and return its sum."""
        window = int(now.timestamp() // width.total_seconds())
        earlier = self._counts.get(name)
        total = amount + (earlier[1] if earlier and earlier[0] == window else 0)
        self._counts[name] = (window, total)
        return total


class Ledger:
    """Everything that changes while a world stands. A new world gets a new ledger."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._weight = WindowCounter()
        self._first_window: dict[Hashable, int] = {}
        self._orders = WindowCounter()
        self._refusals: Counter[Surface] = Counter()
        self._banned_until_ms = {
            surface: world.surface(surface).limits.banned_until_ms for surface in Surface
        }
        self._fault_uses: Counter[int] = Counter()

    def use_weight(self, surface: Surface, path: str, amount: int, now: datetime) -> int:
        """Count a request and return the weight used in its minute, other tools included.

        Wallet endpoints are counted one by one, every other surface as a whole.
        """
        limits = self._world.surface(surface).limits
        name = (surface, path) if surface is Surface.SAPI else surface
        window = int(now.timestamp() // 60)
        first = self._first_window.setdefault(name, window)
        before = limits.weight_used if window == first else 0
        return before + limits.weight_foreign + self._weight.add(name, amount, now)

    def count_orders(
        self, api_key: str, surface: Surface, more: int, span: timedelta, now: datetime
    ) -> int:
        """Count more orders of a key and return all that there are in the span."""
        foreign = self._world.surface(surface).limits.orders_foreign
        return foreign + self._orders.add((api_key, surface, span), more, now, span)

    def banned_until_ms(self, surface: Surface) -> int:
        """Return when the ban of the address ends, in milliseconds since the epoch, or 0."""
        return self._banned_until_ms[surface]

    def count_refusal(self, surface: Surface, now_ms: int) -> bool:
        """Count a request over the limit and return whether it brought on a ban."""
        limits = self._world.surface(surface).limits
        self._refusals[surface] += 1
        if self._refusals[surface] <= limits.refusals_before_ban:
            return False
        self._refusals[surface] = 0
        self._banned_until_ms[surface] = now_ms + limits.ban_ms
        return True

    def forgive(self, surface: Surface) -> None:
        """Forget earlier refusals, because the caller backed off."""
        self._refusals[surface] = 0

    def strikes(self, index: int) -> bool:
        """Return whether the world's fault at an index strikes once more, and count it."""
        times = self._world.faults[index].times
        self._fault_uses[index] += 1
        return times is None or self._fault_uses[index] <= times
