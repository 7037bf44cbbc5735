"""Somebody on the way who opens TLS, with a certificate of an authority of his own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

INTERCEPTOR = "Acme Web Gateway"
_DAY = timedelta(days=1)
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Interceptor:
    """Where he listens, and the authority that a host may trust."""

    url: str
    authority: Path


@asynccontextmanager
async def intercept(directory: Path) -> AsyncIterator[Interceptor]:
    """Show a certificate to whoever comes. Its files are put into a directory."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(issue(directory, name=_LOOPBACK, by=INTERCEPTOR))
    server = await asyncio.start_server(_hang_up, _LOOPBACK, 0, ssl=tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Interceptor(f"https://{_LOOPBACK}:{port}", authority_beside(directory))


async def _hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing: an agent sends nothing to whom the public does not vouch for."""
    writer.close()


def authority_beside(directory: Path) -> Path:
    """Return where the authority's certificate is."""
    return directory / "authority.pem"


def issue(directory: Path, *, name: str, by: str) -> Path:
    """Return a certificate with its key, issued by an organisation's authority.

    The authority's own is put beside it.
    """
    issuer_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, by)])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    alternative = x509.SubjectAlternativeName([alternative_name(name)])
    authority = _unsigned(issuer, issuer, issuer_key, authority=True)
    issued = _unsigned(subject, issuer, key, authority=False).add_extension(
        alternative, critical=False
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = directory / "issued.pem"
    file.write_bytes(_signed(issued, issuer_key) + private)
    authority_beside(directory).write_bytes(_signed(authority, issuer_key))
    return file


def alternative_name(name: str) -> x509.GeneralName:
    """Return a name as certificates have it: one that is an address is written as one."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
