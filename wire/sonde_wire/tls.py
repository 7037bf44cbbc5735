"""TLS material from files: loaded and checked before gRPC sees it."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sonde_core.errors import ConfigInvalidError


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """PEM texts of one identity and of the one authority that it trusts."""

    authority: bytes
    certificate: bytes
    private_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where one identity and the one authority that it trusts are kept.

    The authority is a private one: the system's own list is never used (it would let any public
    certificate in, and costs a megabyte per channel).
    """

    ca_file: Path
    cert_file: Path
    key_file: Path

    def load(self) -> TlsMaterial:
        """Read and check the three files.

        Raises `ConfigInvalidError`, naming the file, where one is missing, is no PEM, or where
        certificate and key do not belong together: gRPC aborts the process on such a pair.
        """
        material = TlsMaterial(
            authority=_read("ca_file", self.ca_file),
            certificate=_read("cert_file", self.cert_file),
            private_key=_read("key_file", self.key_file),
        )
        _certificate("ca_file", self.ca_file, material.authority)
        certificate = _certificate("cert_file", self.cert_file, material.certificate)
        try:
            key = load_pem_private_key(material.private_key, password=None)
        except (ValueError, TypeError) as error:
            raise ConfigInvalidError(
                f"key_file {self.key_file}: not an unencrypted PEM private key"
            ) from error
        if key.public_key() != certificate.public_key():
            raise ConfigInvalidError(
                f"key_file {self.key_file} does not belong to cert_file {self.cert_file}: "
                "write both anew from one issue"
            )
        return material


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigInvalidError(f"{name} {path}: {error.strerror}") from error


def _certificate(name: str, path: Path, pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise ConfigInvalidError(f"{name} {path}: not a PEM certificate") from error
