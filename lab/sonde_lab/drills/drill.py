"""What a drill is: a host, a fault around it, and what must be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from typing import Any

import msgspec

from sonde_core.exits import Exit
from sonde_core.findings import Confidence
from sonde_lab.drills.orders import USUAL, Order
from sonde_lab.host import KeyOnHost, Setup
from sonde_lab.ntp import Source
from sonde_lab.world import Key, Limits, Surface, World

ADDRESS = "203.0.113.21"
"""What the exchange sees of a host, unless the drill says otherwise."""
LISTED = Key(ip_list=(ADDRESS,))
"""A key as it should be."""
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A cause that must be found, how sure, and on what."""

    cause: str
    confidence: Confidence
    subject: str
    """The name alone: the account, the endpoint, or `self` for the host."""

    def __str__(self) -> str:
        place = "" if self.subject in {"main", "self"} else f" ({self.subject})"
        return f"{self.cause} {self.confidence.value}{place}"


def confirmed(cause: str, subject: str = "main") -> Claim:
    """Return a claim that the evidence forces."""
    return Claim(cause, Confidence.CONFIRMED, subject)


def likely(cause: str, subject: str = "main") -> Claim:
    """Return a claim that the evidence points to."""
    return Claim(cause, Confidence.LIKELY, subject)


def possible(cause: str, subject: str = "main") -> Claim:
    """Return a claim that is one of several readings of the evidence."""
    return Claim(cause, Confidence.POSSIBLE, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a diagnosis must come to: these causes, in this order, and no other."""

    found: tuple[Claim, ...] = ()
    exit: Exit
    unknown: tuple[str, ...] = ()
    """Causes that nobody can tell here: neither found nor excluded, on any subject."""
    named: str = ""
    """Whom the evidence for each of these causes must name."""
    tempting: tuple[str, ...] = ()
    """Causes that a hasty reader would name. None that is not in `found` may be found anyway."""


class Incident(Enum):
    """What happens to an agent before it is asked."""

    NOTHING = "nothing"
    DIES = "its process ends"
    FREEZES = "its process stands still"
    LOSES_ENGINE = "an engine beside it reports once and falls silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One diagnosis: what surrounds the host then, and what it must come to."""

    expected: Expected
    under: Mapping[str, Expected] = field(default_factory=dict)
    """By the name of an order of checks that lets the exchange tell something else."""
    about: str = ""
    """What is so now, where a drill has several steps."""
    world: World = field(default_factory=lambda: World(seen_ip=ADDRESS, keys=(LISTED,)))
    sources: tuple[Source, ...] = (Source(), Source(), Source())
    """The NTP servers. Every step of a drill has as many as the first."""
    keys: Mapping[str, KeyOnHost] = field(default_factory=dict)
    """Keys that are put on the host before, in place of what was there."""
    incident: Incident = Incident.NOTHING
    timeout: timedelta = timedelta(seconds=20)
    """How long the host may take to answer."""

    def ahead(self, by: timedelta) -> "Step":
        """Return this step with the host's clock ahead: the world around it is put back."""
        clock = self.world.clock_offset_ms - round(by / _MILLISECOND)
        return replace(
            self,
            world=msgspec.structs.replace(self.world, clock_offset_ms=clock),
            sources=tuple(replace(each, offset=each.offset - by) for each in self.sources),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A host, what goes wrong around it, and what must be found."""

    name: str
    about: str
    """What is wrong, in a few words."""
    steps: tuple[Step, ...]
    setup: Setup = field(default_factory=Setup)
    recorded: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"main": (ADDRESS,)})
    """The IP list that support recorded, by account: addresses or networks."""
    orders: tuple[Order, ...] = (USUAL,)
    """The orders of the exchange's checks under which it must come out the same. With several,
    there is one step."""

    @property
    def shape(self) -> tuple[object, ...]:
        """What an agent is told when it starts. A key in a file is not: it is read each time."""
        told = replace(self.setup, accounts=dict.fromkeys(self.setup.accounts, KeyOnHost()))
        return (repr(told), len(self.steps[0].sources))

    @property
    def needs_own_agent(self) -> bool:
        """Whether it needs an agent of its own.

        It does where the agent ends, where the exchange tells it to stay away, and where both
        count the same requests.
        """
        limits = {step.world.surface(each).limits for step in self.steps for each in Surface}
        return limits != {Limits()} or any(
            step.incident is not Incident.NOTHING for step in self.steps
        )


def world(*keys: Key, **fields: Any) -> World:  # noqa: ANN401 - World checks them
    """Return a world with these keys or the usual one, in which the usual address is seen."""
    return World(**{"seen_ip": ADDRESS, "keys": keys or (LISTED,), **fields})


def listed(**fields: Any) -> Key:  # noqa: ANN401 - Key checks them
    """Return a key that lists the usual address, with something about it otherwise."""
    return msgspec.structs.replace(LISTED, **fields)
