"""Whether a certificate and a key belong together, and gRPC can work with them."""

from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sonde_core.errors import ConfigInvalidError

if TYPE_CHECKING:
    from sonde_wire.tls import TlsFiles, TlsMaterial


def check(files: "TlsFiles", material: "TlsMaterial") -> None:
    """Raise `ConfigInvalidError`, naming the file, where what was read from it will not do."""
    _certificate("ca_file", files.ca_file, material.authority)
    certificate = _certificate("cert_file", files.cert_file, material.certificate)
    try:
        key = load_pem_private_key(material.private_key, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigInvalidError(
            f"key_file {files.key_file}: not an unencrypted PEM private key"
        ) from error
    if not _works(key):
        raise ConfigInvalidError(
            f"key_file {files.key_file}: make an EC key (P-256 or P-384) or an RSA key; gRPC's "
            "TLS works with no other kind"
        )
    if key.public_key() != certificate.public_key():
        raise ConfigInvalidError(
            f"key_file {files.key_file} does not belong to cert_file {files.cert_file}: "
            "write both anew from one issue"
        )


def _works(key: PrivateKeyTypes) -> bool:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)
    return isinstance(key, rsa.RSAPrivateKey)


def _certificate(name: str, path: Path, pem: bytes) -> x509.Certificate:
    """Return the first certificate of a chain, all of which must be readable."""
    try:
        return x509.load_pem_x509_certificates(pem)[0]
    except ValueError as error:
        raise ConfigInvalidError(f"{name} {path}: not a PEM certificate") from error
