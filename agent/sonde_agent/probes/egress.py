"""The egress probe: the address that the outside world sees, IPv4 and IPv6 apart.

A whitelist that names an IPv4 address does not help a host whose requests leave over IPv6, so each
echo service is asked over both.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from sonde_agent.probes import Step
from sonde_agent.probes.http import (
    EXPECTED,
    AnswerUnusableError,
    Request,
    failure_of,
    fetch,
    new_client,
    resolve,
)
from sonde_agent.stopwatch import HostClock, Stopwatch, host_clock
from sonde_core.addresses import parse_address
from sonde_core.readings import (
    Address,
    EchoedAddress,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
)

_MOST_BYTES = 4096
_WITHIN = timedelta(seconds=4)
_OK = 200


@dataclass(frozen=True, slots=True)
class _Family:
    """One of the two internet protocols."""

    kind: Kind
    family: socket.AddressFamily
    version: int
    any_address: str
    """Binding to it makes a connection take this protocol."""


_FAMILIES = (
    _Family(Kind.ECHO_IPV4, socket.AF_INET, 4, "0.0.0.0"),  # noqa: S104 - outgoing
    _Family(Kind.ECHO_IPV6, socket.AF_INET6, 6, "::"),
)


class NoAddressError(Exception):
    """Neither end of a path may lack an address of the protocol, and one does."""


class _Echoed(msgspec.Struct):
    """The JSON form of an echo service's answer."""

    ip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressProbe:
    """Asks echo services which address they saw."""

    urls: Sequence[str]
    tls: ssl.SSLContext
    proxy: str | None = None
    """The engine's own path, where it has one: then its outbound address is the proxy's."""
    now: HostClock = host_clock

    def steps(self) -> Sequence[Step]:
        """Return one step with two readings per echo service."""
        return ([(family.kind, _subject(url)) for url in self.urls for family in _FAMILIES],)

    async def measure(self) -> AsyncIterator[Reading]:
        """Return one reading per echo service and protocol, the quickest first."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._ask(url, family))
                for url in self.urls
                for family in _FAMILIES
            ]
            for task in asyncio.as_completed(tasks):
                yield await task

    async def _ask(self, url: str, family: _Family) -> Reading:
        stopwatch = Stopwatch.start(self.now)
        value: EchoedAddress | Failure
        try:
            value = EchoedAddress(await self._echoed(url, family, stopwatch))
        except NoAddressError as error:
            value = Failure(FailureReason.NO_ADDRESS, str(error))
        except EXPECTED as error:
            value = failure_of(error, _WITHIN)
        return Reading(
            kind=family.kind,
            subject=_subject(url),
            time=stopwatch.began,
            elapsed=stopwatch.elapsed,
            value=value,
        )

    async def _echoed(self, url: str, family: _Family, stopwatch: Stopwatch) -> Address:
        if self.proxy is None:
            async with asyncio.timeout(_WITHIN.total_seconds()):
                await _check_path(url, family)
        bound = None if self.proxy else family.any_address
        async with new_client(tls=self.tls, proxy=self.proxy, local_address=bound) as client:
            request = Request("GET", url)
            answer = await fetch(client, request, stopwatch, most=_MOST_BYTES, within=_WITHIN)
        if answer.status != _OK:
            raise AnswerUnusableError(f"the echo service answered HTTP {answer.status}")
        address = _read(answer.body)
        if address.version != family.version:
            if self.proxy:
                raise NoAddressError(f"the proxy's requests leave over IPv{address.version}")
            raise AnswerUnusableError(f"asked over IPv{family.version}, answered with {address}")
        return address


def _subject(url: str) -> Subject:
    parts = urlsplit(url)
    return Subject("echo", parts.netloc + parts.path.rstrip("/"))


def _read(body: bytes) -> Address:
    """Read an address in plain text or as the JSON object {"ip": "…"}."""
    try:
        text = (
            msgspec.json.decode(body, type=_Echoed).ip
            if body.lstrip()[:1] == b"{"
            else body.decode("ascii").strip()
        )
        # The zone of an IPv6 address may be any text, and means nothing outside of its host.
        return parse_address("" if "%" in text else text)
    except (ValueError, RecursionError) as error:
        raise AnswerUnusableError("the echo service's answer holds no address") from error


async def _check_path(url: str, family: _Family) -> None:
    """Raise `NoAddressError` where the protocol is missing at either end. Sends nothing."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = await resolve(host, port)
    addresses = [address for version, address in found if version == family.family]
    if not addresses:
        raise NoAddressError(f"{host} has no IPv{family.version} address")
    try:
        # Connecting a datagram socket only looks for a route.
        with socket.socket(family.family, socket.SOCK_DGRAM) as probe:
            probe.connect(addresses[0])
    except OSError as error:
        raise NoAddressError(f"this host has no way out over IPv{family.version}") from error
