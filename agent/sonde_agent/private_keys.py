"""RSA and Ed25519 keys, read from PEM. Only `keyring` uses them, once an account has one.

The library behind them takes several megabytes, which an agent with HMAC keys does without.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sonde_core.readings import KeyType

_RSA_BITS = (2048, 4096)
"""https://developers.binance.com/docs/binance-spot-api-docs/faqs/api_key_types"""


class KeyUnusableError(Exception):
    """What is there is no key that the exchange takes. The text says why, and quotes nothing."""


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """The private half of a key pair."""

    _half: RSAPrivateKey | Ed25519PrivateKey

    @property
    def type(self) -> KeyType:
        """How the key signs."""
        return KeyType.RSA if isinstance(self._half, RSAPrivateKey) else KeyType.ED25519

    def signature(self, signed: bytes) -> str:
        """Return a signature in base64."""
        match self._half:
            case RSAPrivateKey() as key:
                return b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode()
            case Ed25519PrivateKey() as key:
                return b64encode(key.sign(signed)).decode()


def read(content: bytes, path: Path) -> PrivateKey:
    """Return the key that is in a file. Raises `KeyUnusableError`.

    Either kind of line end will do (RFC 7468 section 2).
    """
    flaw = _flaw(content, path)
    if flaw:
        raise KeyUnusableError(flaw)
    try:
        # The whole check of 4096 bits takes a third of a second, in which no clock could be
        # compared. The trial below shows what matters.
        key = load_pem_private_key(content, None, unsafe_skip_rsa_key_validation=True)
        return PrivateKey(_usable(key))
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        raise KeyUnusableError("is damaged: copy the whole file anew") from None


def _usable(key: object) -> RSAPrivateKey | Ed25519PrivateKey:
    """Return a key that the exchange takes and that signs."""
    match key:
        case Ed25519PrivateKey():
            return key
        case RSAPrivateKey(key_size=bits) if bits in _RSA_BITS:
            key.public_key().verify(key.sign(b"", PKCS1v15(), SHA256()), b"", PKCS1v15(), SHA256())
            return key
        case RSAPrivateKey(key_size=bits):
            raise KeyUnusableError(f"has {bits} bits: make a key with 2048 or 4096 bits")
        case _:
            raise KeyUnusableError(_OTHER_KIND)


_OTHER_KIND = "is neither an RSA nor an Ed25519 key: the exchange takes no other kind here"
_PKCS8 = "`openssl pkcs8 -topk8 -nocrypt -in {path} -out NEW_FILE`"
_FLAWS = {
    "RSA PRIVATE KEY": f"is in PKCS#1 form, PKCS#8 is due: run {_PKCS8}",
    "ENCRYPTED PRIVATE KEY": f"is encrypted, and nobody is there to decrypt it: run {_PKCS8}",
    "OPENSSH PRIVATE KEY": "is in OpenSSH form, PKCS#8 is due: make a key with `openssl genpkey`",
    "EC PRIVATE KEY": _OTHER_KIND,
    "DSA PRIVATE KEY": _OTHER_KIND,
}
"""By the label of RFC 7468."""


def _flaw(content: bytes, path: Path) -> str | None:
    label = re.search(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----", content)
    if label is None:
        return "holds no PEM key: it must begin with -----BEGIN PRIVATE KEY-----"
    name = label[1].decode()
    if name.endswith(("PUBLIC KEY", "CERTIFICATE")):
        return "holds the public half: the private key is due here, the exchange has the public one"
    flaw = _FLAWS.get(name)
    return flaw.format(path=path) if flaw else None
