"""Verifies signatures over what was really sent: nothing is decoded, sorted or encoded again."""

import base64
import hashlib
import hmac
from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from sonde_lab.public_key import PublicKey, read_public_key
from sonde_lab.world import Key

NAME = b"signature="


def payload(query: bytes, body: bytes) -> bytes:
    """Return what a client has to sign: query and body, no separator, without the signature."""
    return b"".join(
        b"&".join(pair for pair in part if not pair.startswith(NAME))
        for part in _pairs(query, body)
    )


def is_last(query: bytes, body: bytes) -> bool:
    """Return whether the signature is the last parameter of the query or of the body."""
    return any(part[-1].startswith(NAME) for part in _pairs(query, body))


def _pairs(query: bytes, body: bytes) -> Iterator[list[bytes]]:
    return (part.split(b"&") for part in (query, body))


def matches(key: Key, signed: bytes, signature: str) -> bool:
    """Return whether a key made a signature.

    HMAC-SHA-256 in hexadecimal digits of either case, RSASSA-PKCS1-v1_5 with SHA-256 or Ed25519
    in base64.
    """
    if key.secret is not None:
        expected = hmac.new(key.secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.lower().encode())
    try:
        proof = base64.b64decode(signature, validate=True)
        _verify(read_public_key(key.public_key or "", key.type), proof, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _verify(key: PublicKey, proof: bytes, signed: bytes) -> None:
    if isinstance(key, RSAPublicKey):
        key.verify(proof, signed, PKCS1v15(), SHA256())
    else:
        key.verify(proof, signed)
