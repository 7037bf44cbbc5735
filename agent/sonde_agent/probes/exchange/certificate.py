"""The certificate that an endpoint shows, where the authorities of the public vouch for it.

The exchange is trusted by them alone. TLS itself has read such a certificate; one that they refuse
is read in `unproven`, with a library that takes several megabytes.
"""

import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sonde_agent.probes.exchange.client import ExchangeSettings
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
_MOST_NAMES = 16
_LONGEST_NAME = 100


def host_of(settings: ExchangeSettings, endpoint: Subject) -> str:
    """Return the name or address that an endpoint is asked for under."""
    return urlsplit(settings.urls[endpoint]).hostname or ""


def proven(shown: Mapping[str, Any], host: str) -> Certificate:
    """Return what a certificate says that was vouched for, as `ssl.SSLSocket.getpeercert` tells."""
    return certificate(
        host,
        tuple(_names(shown)),
        issuer=_called(shown["issuer"]),
        expires=datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC),
        trust=Trust.PUBLIC,
    )


def certificate(
    host: str, names: tuple[str, ...], *, issuer: str, expires: datetime, trust: Trust
) -> Certificate:
    """Return a certificate that was shown for a host, with its texts bounded."""
    names = tuple(name[:_LONGEST_NAME] for name in names)
    return Certificate(
        host=host,
        names=names[:_MOST_NAMES],
        names_host=any(_fits(name, host) for name in names),
        issuer=issuer[:_LONGEST_NAME],
        expires=expires,
        trust=trust,
    )


def _names(shown: Mapping[str, Any]) -> Iterable[str]:
    told = shown.get("subjectAltName", ())
    addresses = [str(ip_address(value.strip())) for kind, value in told if kind == "IP Address"]
    names = [value for kind, value in told if kind == "DNS"]
    return [*names, *addresses] if told else [_called(shown["subject"])]


def _called(name: Iterable[Iterable[tuple[str, str]]]) -> str:
    """Return an organisation, else a common name, else the whole name."""
    parts = [part for parts in name for part in parts]
    for wanted in ("organizationName", "commonName"):
        for kind, value in parts:
            if kind == wanted:
                return value
    return ",".join(f"{kind}={value}" for kind, value in parts)


def _fits(name: str, host: str) -> bool:
    """Tell whether a name is the host's: a star stands for its first label (RFC 6125)."""
    if name.startswith("*."):
        return name[2:].lower() == host.partition(".")[2].lower() != ""
    try:
        return ip_address(name) == ip_address(host)
    except ValueError:
        return name.lower() == host.lower()
