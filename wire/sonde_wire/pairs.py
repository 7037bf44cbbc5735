"""Whether a certificate and a key belong together, and gRPC can work with them."""

from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sonde_core.errors import ConfigInvalidError


class Pem(NamedTuple):
    """What was read from a file that the configuration names."""

    key: str
    """The configuration's, such as ``cert_file``."""
    path: Path
    content: bytes

    def __str__(self) -> str:
        return f"{self.key} {self.path}"


def check(*, authority: Pem, certificate: Pem, private_key: Pem) -> None:
    """Raise `ConfigInvalidError`, naming the file, where what was read from it will not do."""
    _first_certificate(authority)
    own = _first_certificate(certificate)
    try:
        key = load_pem_private_key(private_key.content, password=None)
    except (ValueError, TypeError) as error:
        raise ConfigInvalidError(f"{private_key}: not an unencrypted PEM private key") from error
    if not _works(key):
        raise ConfigInvalidError(
            f"{private_key}: make an EC key (P-256 or P-384) or an RSA key; gRPC's TLS works with "
            "no other kind"
        )
    if key.public_key() != own.public_key():
        raise ConfigInvalidError(
            f"{private_key} does not belong to {certificate}: write both anew from one issue"
        )


def _works(key: PrivateKeyTypes) -> bool:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)
    return isinstance(key, rsa.RSAPrivateKey)


def _first_certificate(chain: Pem) -> x509.Certificate:
    """Return the first certificate of a chain, all of which must be readable."""
    try:
        return x509.load_pem_x509_certificates(chain.content)[0]
    except ValueError as error:
        raise ConfigInvalidError(f"{chain}: not a PEM certificate") from error
