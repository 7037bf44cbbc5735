"""A private authority and what it issues, made anew for each test."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from sonde_wire.tls import TlsFiles

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Authority:
    """Issues certificates into a directory."""

    directory: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def issue(
        self, name: str, shifted: timedelta = timedelta(), key: Key | None = None
    ) -> TlsFiles:
        """Return the files of one identity, good for its name and for loopback.

        `shifted` moves the time of its validity, which is an hour from now on.
        """
        key = key or ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName(
            [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
        )
        certificate = (
            _builder(name, self.certificate.subject, key, shifted)
            .add_extension(alternatives, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return TlsFiles(
            ca_file=_write(self.directory / "ca.pem", _pem(self.certificate)),
            cert_file=_write(self.directory / f"{name}.pem", _pem(certificate)),
            key_file=_write(self.directory / f"{name}.key", _key_pem(key)),
        )


def authority(directory: Path, name: str = "test authority") -> Authority:
    """Return a new authority."""
    directory.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _builder(name, subject, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(directory, key, certificate)


def _builder(
    name: str,
    issuer: x509.Name,
    key: Key,
    shifted: timedelta = timedelta(),
) -> x509.CertificateBuilder:
    now = datetime.now(UTC) + shifted
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
