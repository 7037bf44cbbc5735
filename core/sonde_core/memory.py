"""What earlier diagnoses of a host came to, as far as a later one may lean on it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from sonde_core.records import record


@record(frozen=True, slots=True, kw_only=True)
class Sighting:
    """From when on the host left by these addresses."""

    time: datetime
    addresses: tuple[str, ...]
    """Sorted; several where they differ by path or family."""


@record(frozen=True, slots=True, kw_only=True)
class AccountMemory:
    """What is remembered of one account's key."""

    fingerprint: str = ""
    """Of the key that was seen last. Permissions, acceptance and refusal are this key's alone."""
    last4: str = ""
    """The end of that key."""
    replaced: datetime | None = None
    """When it was first seen in the place of another. None where none was seen before it."""
    replaced_last4: str = ""
    """The end of the key that was seen before it."""
    granted: frozenset[str] | None = None
    """The permissions that it had when apiRestrictions last answered."""
    ip_restricted: bool | None = None
    accepted: datetime | None = None
    """When the exchange last accepted a signed call with it."""
    accepted_from: tuple[str, ...] = ()
    """The host's addresses then, as the echo services saw them: the exchange names an address only
    when it refuses. Empty where none answered."""
    futures_accepted: datetime | None = None
    """When the exchange last accepted a signed futures call with it."""
    refused: datetime | None = None
    """Since when one of its calls is refused for key, address, signature or permission. None once
    nothing is refused and something is accepted."""
    refusal: int | None = None
    """The code of that first refusal."""
    answers: Mapping[str, int] = field(default_factory=dict)
    """The code of the last refusal by signed test; 0 where it was accepted. Outlives a key."""
    status: str = ""
    """The exchange's word about the account. Outlives a key."""
    trading: Mapping[str, bool] = field(default_factory=dict)
    """Whether the account may trade, by the signed test that says so. Outlives a key."""
    told: Mapping[str, datetime] = field(default_factory=dict)
    """When each of these facts was last told."""


@record(frozen=True, slots=True, kw_only=True)
class ClosureMemory:
    """The exchange told the host to stay away from an endpoint."""

    endpoint: str
    status: int
    since: datetime
    until: datetime
    stated: datetime | None = None
    """`until` by the host's own clock, as it keeps it: the same in every diagnosis."""


@record(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of one host. Instants are by the service's clock."""

    time: datetime
    """Of the latest diagnosis that it answered."""
    agent_version: str = ""
    environment: str = ""
    """Which exchange the agent is set to; empty where it was never told."""
    sightings: tuple[Sighting, ...] = ()
    """One per change of the outbound address, oldest first, the newest 32."""
    observers: Mapping[str, str] = field(default_factory=dict)
    """The address that each observer saw last; empty where it saw that there is none."""
    accounts: Mapping[str, AccountMemory] = field(default_factory=dict)
    closures: tuple[ClosureMemory, ...] = ()
    """Newest last, one per endpoint and closure, the newest 8."""
    clock: str = ""
    """"right", "ahead" or "behind"; empty where it was never told."""
    clock_source: str = ""
    """"ntp" or "exchange"; empty where it was never told."""
    told: Mapping[str, datetime] = field(default_factory=dict)
    """When each fact about the host was last told."""
