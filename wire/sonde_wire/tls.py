"""TLS material from files: loaded and checked before gRPC sees it."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sonde_core.errors import ConfigInvalidError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """PEM texts of one identity and of the one authority that it trusts."""

    authority: bytes
    certificate: bytes
    private_key: bytes


class TlsSource(Protocol):
    """Where one identity comes from."""

    def load(self) -> TlsMaterial:
        """Return it as it is now. Raises `ConfigInvalidError` where there is none to be had."""
        ...


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
        from sonde_wire import pairs  # noqa: PLC0415 - megabytes that plain text does without

        material = TlsMaterial(
            authority=_read("ca_file", self.ca_file),
            certificate=_read("cert_file", self.cert_file),
            private_key=_read("key_file", self.key_file),
        )
        pairs.check(
            authority=pairs.Pem("ca_file", self.ca_file, material.authority),
            certificate=pairs.Pem("cert_file", self.cert_file, material.certificate),
            private_key=pairs.Pem("key_file", self.key_file, material.private_key),
        )
        return material


class RenewedTls:
    """An identity that follows its files.

    Three files are not replaced in one instant. As long as they do not fit together, the identity
    stays what it was.
    """

    def __init__(self, files: TlsFiles) -> None:
        """Load the files. Raises `ConfigInvalidError` where they cannot be used."""
        self._files = files
        self._age = _age(files)
        self._material = files.load()

    def load(self) -> TlsMaterial:
        """Return the newest identity that was whole: the same object as long as it is the same."""
        age = _age(self._files)
        if age != self._age:
            try:
                self._material = self._files.load()
                logger.info("TLS files renewed", extra={"cert_file": str(self._files.cert_file)})
            except ConfigInvalidError as error:
                logger.warning("TLS files left aside", extra={"error": str(error)})
            self._age = age
        return self._material


def _age(files: TlsFiles) -> object:
    """Return what changes whenever one of the files does; None while one is missing."""
    try:
        stats = [path.stat() for path in (files.ca_file, files.cert_file, files.key_file)]
    except OSError:
        return None
    return tuple((one.st_mtime_ns, one.st_size, one.st_ino) for one in stats)


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigInvalidError(f"{name} {path}: {error.strerror}") from error
