"""What another name server tells of an endpoint's name, where one is set up.

Where the way is broken, the way to an address that it tells is tried too, up to the handshake. A
certificate that the public's authorities vouch for proves that the exchange is there, and that the
host's own name server leads elsewhere. Nothing is sent.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from sonde_agent.probes.exchange.certificate import host_of, proven
from sonde_agent.probes.exchange.client import ExchangeSettings
from sonde_agent.probes.http import EXPECTED, failure_of, is_address, resolve
from sonde_agent.probes.name_server import NameServer, NameServerError, ask
from sonde_agent.stopwatch import Stopwatch
from sonde_core.path import Certificate, Resolution
from sonde_core.readings import Address, Failure, FailureReason, Kind, Reading, Subject

_WITHIN = timedelta(seconds=1)
_ELSEWHERE = frozenset(
    {
        FailureReason.CONNECTION,
        FailureReason.TIMEOUT,
        FailureReason.TLS,
        FailureReason.CERTIFICATE_EXPIRED,
        FailureReason.CERTIFICATE_NOT_YET_VALID,
    }
)
"""How a way fails that leads to somebody else."""


async def second_opinion(
    settings: ExchangeSettings, endpoint: Subject, first: object
) -> AsyncIterator[Reading]:
    """Return what another name server tells, and after a failure whether it leads anywhere.

    Nobody is asked where none is set up, or where the host does not look the name up itself.
    """
    name = host_of(settings, endpoint)
    if settings.resolver is None or settings.proxy or is_address(name):
        return
    subject, stopwatch = Subject("resolver", endpoint.name), Stopwatch.start(settings.now)
    second = await _told(settings.resolver, name)
    yield _reading(Kind.RESOLUTION, subject, stopwatch, second)
    if not isinstance(first, Failure) or first.reason not in _ELSEWHERE:
        return
    stopwatch = Stopwatch.start(settings.now)
    own = await _own(settings, endpoint)
    if own is None:
        return
    yield _reading(Kind.RESOLUTION, endpoint, stopwatch, own)
    if isinstance(second, Resolution) and not {*own.addresses} & {*second.addresses}:
        for address in _reachable(settings, second)[:1]:
            stopwatch = Stopwatch.start(settings.now)
            shown = await _shown_at(settings, endpoint, address)
            yield _reading(Kind.CERTIFICATE, subject, stopwatch, shown)


async def _told(server: NameServer, name: str) -> Resolution | Failure:
    try:
        return Resolution(name=name, addresses=await ask(server, name))
    except* (TimeoutError, OSError, NameServerError) as errors:
        error = errors.exceptions[0]
    if isinstance(error, TimeoutError):
        return Failure(FailureReason.TIMEOUT, "no answer from the second name server")
    known = isinstance(error, NameServerError)
    reason = FailureReason.ANSWER if known else FailureReason.CONNECTION
    return Failure(reason, getattr(error, "strerror", None) or str(error))


async def _own(settings: ExchangeSettings, endpoint: Subject) -> Resolution | None:
    """Look the name up as the host does: a connection that was not made tells no addresses."""
    name = host_of(settings, endpoint)
    try:
        found = await resolve(name, _port(settings, endpoint))
    except EXPECTED:
        return None
    addresses = dict.fromkeys(ip_address(place[0]) for _, place in found)
    return Resolution(name=name, addresses=tuple(addresses))


def _reachable(settings: ExchangeSettings, told: Resolution) -> list[Address]:
    """Return the addresses of the family that the engine uses."""
    from_ = ip_address(settings.local_address) if settings.local_address else None
    return [each for each in told.addresses if from_ is None or each.version == from_.version]


async def _shown_at(
    settings: ExchangeSettings, endpoint: Subject, address: Address
) -> Certificate | Failure:
    """Return the certificate at an address, if it proves that the exchange is there."""
    name = host_of(settings, endpoint)
    try:
        async with asyncio.timeout(_WITHIN.total_seconds()):
            _, writer = await asyncio.open_connection(
                str(address), _port(settings, endpoint), ssl=settings.tls, server_hostname=name
            )
    except ssl.SSLError as error:
        return failure_of(error, _WITHIN)
    except TimeoutError:
        return Failure(FailureReason.TIMEOUT, f"no connection within {_WITHIN.seconds} s")
    except OSError as error:
        return Failure(FailureReason.CONNECTION, error.strerror or str(error))
    shown = writer.get_extra_info("peercert")
    writer.transport.abort()
    return proven(shown, name)


def _port(settings: ExchangeSettings, endpoint: Subject) -> int:
    parts = urlsplit(settings.urls[endpoint])
    return parts.port or (443 if parts.scheme == "https" else 80)


def _reading(
    kind: Kind, subject: Subject, since: Stopwatch, value: Resolution | Certificate | Failure
) -> Reading:
    return Reading(kind=kind, subject=subject, time=since.began, elapsed=since.elapsed, value=value)
