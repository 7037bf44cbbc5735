"""What earlier diagnoses of a host came to, as far as a later one may lean on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """From when on the host left by these addresses."""

    time: datetime
    addresses: tuple[str, ...]
    """Sorted; several where they differ by path or family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMemory:
    """What is remembered of one account's key."""

    fingerprint: str = ""
    """Of the key that was seen last. What follows is about this key alone."""
    granted: frozenset[str] | None = None
    """The permissions that it had when apiRestrictions last answered."""
    ip_restricted: bool | None = None
    accepted: datetime | None = None
    """When the exchange last accepted a signed call with it."""
    accepted_from: tuple[str, ...] = ()
    """The host's addresses then."""
    futures_accepted: datetime | None = None
    """When the exchange last accepted a signed futures call with it."""
    refused: datetime | None = None
    """The first refusal since it was last accepted."""
    refusal: int | None = None
    """Its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureMemory:
    """The exchange told the host to stay away from an endpoint."""

    endpoint: str
    status: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of one host. Instants are by the service's clock."""

    time: datetime
    """Of the latest diagnosis that it answered."""
    agent_version: str = ""
    sightings: tuple[Sighting, ...] = ()
    """One per change of the outbound address, oldest first, the newest 32."""
    accounts: Mapping[str, AccountMemory] = field(default_factory=dict)
    closures: tuple[ClosureMemory, ...] = ()
    """Newest last, one per endpoint and closure, the newest 8."""
    clock: str = ""
    """"right", "ahead" or "behind"; empty where it was never told."""
    clock_source: str = ""
    """"ntp" or "exchange"; empty where it was never told."""
