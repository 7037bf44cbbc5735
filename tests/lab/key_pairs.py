"""Key pairs as users make them: the private half to sign with, the public half to hand in."""

import base64
from functools import cache
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from sonde_core.readings import KeyType
from sonde_lab.world import Key

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
"""What a client signs with."""


@cache
def rsa_key(bits: int = 2048, copy: int = 0) -> rsa.RSAPrivateKey:  # noqa: ARG001
    """Return the same key for the same arguments: large ones take a second to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public_pem(key: PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def private_pem(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def key_of(private: PrivateKey) -> Key:
    """Return what the exchange knows of a key pair."""
    kind = KeyType.RSA if isinstance(private, rsa.RSAPrivateKey) else KeyType.ED25519
    return Key(type=kind, public_key=public_pem(private))


def sign(private: PrivateKey, payload: str) -> str:
    """Return a signature in base64, not yet percent-encoded."""
    if isinstance(private, rsa.RSAPrivateKey):
        proof = private.sign(payload.encode(), PKCS1v15(), SHA256())
    else:
        proof = private.sign(payload.encode())
    return base64.b64encode(proof).decode()


def sent(signature: str) -> str:
    """Return a signature as it stands in a request."""
    return quote(signature, safe="")
