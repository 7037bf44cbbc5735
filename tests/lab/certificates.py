"""Certificates for a simulated exchange, right and wrong."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sonde_lab.interceptor import alternative_name

DAY = timedelta(days=1)


def certify(directory: Path, *, name: str = "127.0.0.1", age: timedelta = DAY) -> Path:
    """Return a PEM file with a certificate and its key, which is its own authority.

    It is valid for 30 days from ``age`` ago: more than 30 days is expired, less than none is
    not yet valid. A name that is an address is written as one.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC) - age
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + 30 * DAY)
        .add_extension(x509.SubjectAlternativeName([alternative_name(name)]), critical=False)
        .sign(key, SHA256())
    )
    file = directory / "exchange.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    return file


def shown(certificate: Path) -> ssl.SSLContext:
    """Return what a server needs to show a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def trusted(certificate: Path) -> ssl.SSLContext:
    """Return what a client needs to trust a certificate and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    return context
