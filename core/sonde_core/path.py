"""The way from a host to the exchange: names, connections, certificates, round trips."""

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from sonde_core.records import record


@record(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a name server told of a name."""

    name: str
    addresses: tuple[IPv4Address | IPv6Address, ...]


@record(frozen=True, slots=True, kw_only=True)
class Path:
    """How long each part of the way to one endpoint took, on a connection of its own."""

    host: str
    """The name or address that is asked for."""
    peer: IPv4Address | IPv6Address | None = None
    """Whom the host connected to: the proxy where there is one."""
    proxied: bool = False
    connect: timedelta
    """TCP, without looking up the name."""
    tls: timedelta | None = None
    """None where nothing is encrypted."""
    first_byte: timedelta
    """From the first byte of the first request to the first byte of its answer."""
    round_trip: timedelta
    """The same of a later request, on the connection that was kept."""


class Trust(StrEnum):
    """Who vouches for a certificate."""

    PUBLIC = "public"
    """One of the authorities that the public trusts."""
    LOCAL = "local"
    """Only an authority that somebody added on this host."""
    NOBODY = "nobody"


@record(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate that an endpoint showed to this host."""

    host: str
    """The name or address that was asked for."""
    names: tuple[str, ...]
    """Whom it is for."""
    names_host: bool
    """That is whom was asked for."""
    issuer: str
    expires: datetime
    trust: Trust


@record(frozen=True, slots=True, kw_only=True)
class RoundTrips:
    """Round trips on kept connections to one endpoint over the last hours."""

    since: datetime
    """When the first of them was."""
    count: int
    median: timedelta
    p95: timedelta
    """19 of 20 were at most this long."""
    p99: timedelta
    longest: timedelta
