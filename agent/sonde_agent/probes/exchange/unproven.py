"""Who showed a certificate that the authorities of the public refuse.

The handshake is made once more with those of this host, and then with none, so that who answers has
a name. It ends with that: nothing is sent to whoever nobody vouches for.
"""

import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from sonde_agent.probes.exchange.certificate import certificate, host_of
from sonde_agent.probes.exchange.client import ExchangeSettings
from sonde_agent.probes.http import EXPECTED, Request, Trace, fetch, unproven_tls
from sonde_agent.stopwatch import Stopwatch
from sonde_core.path import Certificate, Trust
from sonde_core.readings import Subject

_WITHIN = timedelta(seconds=1)


class _SeenError(Exception):
    """The handshake with the exchange, or whoever answers in its place, is over."""


class _Handshake(Trace):
    """Ends a connection as soon as its certificate is known."""

    last = "connection.start_tls.complete"
    shown: bytes | None = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Note an event, and end the connection where it is the one that counts."""
        await super().__call__(event, info)
        if event == self.last:
            stream = info["return_value"]
            self.shown = stream.get_extra_info("ssl_object").getpeercert(binary_form=True)
            await stream.aclose()
            raise _SeenError


async def shown_to_this_host(settings: ExchangeSettings, endpoint: Subject) -> Certificate | None:
    """Return the certificate that was refused, and whether this host vouches for it."""
    for trust, tls in ((Trust.LOCAL, settings.local_tls), (Trust.NOBODY, unproven_tls)):
        shown = await _shown(settings, settings.urls[endpoint], tls())
        if shown:
            return read(shown, host_of(settings, endpoint), trust)
    return None


async def _shown(settings: ExchangeSettings, url: str, tls: ssl.SSLContext) -> bytes | None:
    stopwatch = Stopwatch.start(settings.now)
    handshake = _Handshake(stopwatch)
    if settings.proxy:
        handshake.last = "proxy.start_tls.complete"
    async with settings.client(tls) as client:
        with suppress(_SeenError, *EXPECTED):
            await fetch(
                client,
                Request("GET", url),
                stopwatch,
                most=0,
                within=_WITHIN,
                trace=handshake,
            )
    return handshake.shown


def read(der: bytes, host: str, trust: Trust) -> Certificate | None:
    """Return what a certificate says; None where it makes no sense."""
    try:
        shown = x509.load_der_x509_certificate(der)
        names, issuer = tuple(_names(shown)), _called(shown.issuer)
        expires = shown.not_valid_after_utc
    except ValueError:
        return None
    return certificate(host, names, issuer=issuer, expires=expires, trust=trust)


def _names(shown: x509.Certificate) -> Iterable[str]:
    try:
        told = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [_called(shown.subject)]
    addresses = told.get_values_for_type(x509.IPAddress)
    return [*told.get_values_for_type(x509.DNSName), *map(str, addresses)]


def _called(name: x509.Name) -> str:
    """Return an organisation, else a common name, else the whole name."""
    for part in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for each in name.get_attributes_for_oid(part):
            return str(each.value)
    return name.rfc4514_string()
