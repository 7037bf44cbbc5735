"""What a host knows at the moment of a refusal makes its explanation surer.

| the text says            | and the host knows                   | becomes                     |
| ------------------------ | ------------------------------------ | --------------------------- |
| CLOCK_BEHIND, CLOCK_SKEW | it is ahead, by 1 s at least         | CLOCK_AHEAD, confirmed      |
| the same                 | it is behind by recvWindow or more   | CLOCK_BEHIND, confirmed     |
| the same                 | it is behind by 1 s at least, or by  | CLOCK_BEHIND, likely        |
|                          | half of a recvWindow below 2 s       |                             |
| the same                 | it is neither                        | RECV_WINDOW_LATENCY, likely |
| a limit, a ban           | until when to stay away              | the same, with that time    |
| of an order's numbers    | the exchange has no such symbol      | SYMBOL_INVALID, likely      |
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sonde_core.clock_limits import AHEAD, BEHIND_WARNING
from sonde_core.explainer import Explanation
from sonde_core.findings import Confidence, Item

if TYPE_CHECKING:  # what only explains a text does without the many kinds of readings
    from sonde_core.clock import Estimate

OF_THE_CLOCK = frozenset({"CLOCK_AHEAD", "CLOCK_BEHIND", "CLOCK_SKEW", "RECV_WINDOW_LATENCY"})
_OUTSIDE_THE_WINDOW = frozenset({"CLOCK_BEHIND", "CLOCK_SKEW"})
TOLD_TO_WAIT = frozenset({"RATE_LIMIT_WEIGHT", "IP_BANNED"})
_MOST_ALTERNATIVES = 4
_ABSENT = "symbol_absent"


def by_the_clock(
    explanation: Explanation, clock: "Estimate | None", recv_window: timedelta
) -> Explanation:
    """Return an explanation that takes the host's measured clock into account."""
    if clock is None or explanation.cause not in _OUTSIDE_THE_WINDOW:
        return explanation
    if clock.least >= AHEAD:
        return _as(explanation, "CLOCK_AHEAD", Confidence.CONFIRMED)
    if clock.most <= -recv_window:
        return _as(explanation, "CLOCK_BEHIND", Confidence.CONFIRMED)
    late = min(BEHIND_WARNING, recv_window / 2)
    if clock.most <= -late:
        return _as(explanation, "CLOCK_BEHIND", Confidence.LIKELY)
    if clock.least > -late:
        return _as(explanation, "RECV_WINDOW_LATENCY", Confidence.LIKELY)
    return explanation


def _as(explanation: Explanation, cause: str, confidence: Confidence) -> Explanation:
    others = [each for each in (explanation.cause, *explanation.alternatives) if each != cause]
    # What is confirmed has been measured: it leaves nothing else.
    left = () if confidence is Confidence.CONFIRMED else tuple(others[:_MOST_ALTERNATIVES])
    return replace(explanation, cause=cause, confidence=confidence, alternatives=left)


def by_the_gate(explanation: Explanation, until: datetime | None) -> Explanation:
    """Return an explanation that knows until when the exchange wants to be left alone."""
    if until is None or explanation.cause not in TOLD_TO_WAIT:
        return explanation
    facts = explanation.facts
    ends = [each for each in (facts.banned_until, until) if each]
    return replace(explanation, facts=replace(facts, banned_until=max(ends)))


def by_the_symbol(explanation: Explanation, items: Iterable[Item]) -> Explanation:
    """Return an explanation that knows of items which say that there is no such symbol."""
    if explanation.cause == "SYMBOL_INVALID" or all(item.id != _ABSENT for item in items):
        return explanation
    return replace(_as(explanation, "SYMBOL_INVALID", Confidence.LIKELY), refusal=None, readings=())
