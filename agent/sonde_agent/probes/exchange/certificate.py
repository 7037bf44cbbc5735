"""The certificate that an endpoint shows, and who vouches for it.

The exchange is trusted by the authorities of the public alone. Where they refuse, it is asked once
more with those of this host, and then with none, so that who answers has a name. Such a question
is a public call, and nothing of its answer is read.
"""

import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.x509.oid import NameOID

from sonde_agent.probes.exchange.client import ExchangeSettings
from sonde_agent.probes.http import EXPECTED, Trace, fetch, new_client, unproven_tls
from sonde_agent.stopwatch import Stopwatch
from sonde_core.path import Certificate, Trust
from sonde_core.readings import FailureReason, Subject

REFUSED = frozenset(
    {
        FailureReason.TLS,
        FailureReason.CERTIFICATE_EXPIRED,
        FailureReason.CERTIFICATE_NOT_YET_VALID,
    }
)
"""Why a certificate may be looked at that the public's authorities do not vouch for."""
_MOST_BYTES = 64 * 1024
_WITHIN = timedelta(seconds=1)
_MOST_NAMES = 16
_LONGEST_NAME = 100


async def shown_to_this_host(
    settings: ExchangeSettings, endpoint: Subject, path: str, local: Callable[[], ssl.SSLContext]
) -> Certificate | None:
    """Return the certificate that was refused, and whether this host vouches for it."""
    for trust, tls in ((Trust.LOCAL, local), (Trust.NOBODY, unproven_tls)):
        stopwatch = Stopwatch.start(settings.now)
        trace = Trace(stopwatch)
        async with new_client(tls=tls(), proxy=settings.proxy) as client:
            url = settings.urls[endpoint] + path
            request = httpx.Request("GET", url, headers=client.headers)
            with suppress(*EXPECTED):
                await fetch(
                    client, request, stopwatch, most=_MOST_BYTES, within=_WITHIN, trace=trace
                )
        connection = trace.connection()
        if connection and connection.certificate:
            return read(connection.certificate, host_of(settings, endpoint), trust)
    return None


def host_of(settings: ExchangeSettings, endpoint: Subject) -> str:
    """Return the name or address that an endpoint is asked for under."""
    return urlsplit(settings.urls[endpoint]).hostname or ""


def read(der: bytes, host: str, trust: Trust) -> Certificate | None:
    """Return what a certificate says; None where it makes no sense."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = tuple(each[:_LONGEST_NAME] for each in _names(certificate))
        return Certificate(
            host=host,
            names=names[:_MOST_NAMES],
            names_host=any(_fits(name, host) for name in names),
            issuer=_called(certificate.issuer)[:_LONGEST_NAME],
            expires=certificate.not_valid_after_utc,
            trust=trust,
        )
    except ValueError:
        return None


def _names(certificate: x509.Certificate) -> Iterable[str]:
    try:
        told = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [_called(certificate.subject)]
    addresses = told.get_values_for_type(x509.IPAddress)
    return [*told.get_values_for_type(x509.DNSName), *map(str, addresses)]


def _called(name: x509.Name) -> str:
    """Return an organisation, else a common name, else the whole name."""
    for part in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for each in name.get_attributes_for_oid(part):
            return str(each.value)
    return name.rfc4514_string()


def _fits(name: str, host: str) -> bool:
    """Tell whether a name is the host's: a star stands for its first label (RFC 6125)."""
    if name.startswith("*."):
        return name[2:].lower() == host.partition(".")[2].lower() != ""
    try:
        return ip_address(name) == ip_address(host)
    except ValueError:
        return name.lower() == host.lower()
