"""Customer hosts, as the service knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sonde_core.evidence import LastSeen
from sonde_core.findings import HostState
from sonde_core.memory import Memory
from sonde_core.readings import WhitelistRecord
from sonde_core.records import record


@record(frozen=True, slots=True, kw_only=True)
class Customer:
    """Whose host it is, and how to write to them. Empty means not recorded."""

    email: str = ""
    uid_last6: str = ""
    """The last six digits of the exchange's UID."""
    language: str = ""
    time_zone: str = ""
    """An IANA name."""


@record(frozen=True, slots=True, kw_only=True)
class Host:
    """One customer host."""

    name: str
    address: str = ""
    """Where its agent listens. Empty means that nobody knows."""
    tls_name: str = ""
    customer: Customer = Customer()
    labels: Mapping[str, str] = field(default_factory=dict)
    whitelists: Mapping[str, WhitelistRecord] = field(default_factory=dict)
    """By account."""
    created: datetime
    last_seen: LastSeen | None = None
    """None until its agent has answered once."""
    agent_version: str = ""
    state: HostState | None = None
    """What came of asking it last, where that was asked for. None where nobody asked it."""
    memory: Memory | None = None
    """What earlier diagnoses came to, where it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFilter:
    """Which hosts are meant. Every condition that is set must hold."""

    names: frozenset[str] = frozenset()
    customer_email: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
