"""Reads the public half of a key pair, as a user would have handed it to the exchange."""

from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sonde_core.readings import KeyType

RSA_SIZES = (2048, 4096)
"""The sizes in bits that the exchange takes, as its FAQ on key types has it."""

PublicKey = RSAPublicKey | Ed25519PublicKey


@lru_cache
def read_public_key(pem: str, expected: KeyType) -> PublicKey:
    """Return the public key that a PEM text holds.

    Raises:
        ValueError: The text holds something else. No part of it is repeated.
    """
    if "PRIVATE KEY-----" in pem:
        raise ValueError(
            "public_key holds a private key; openssl pkey -in FILE -pubout makes the public one"
        )
    if "-----BEGIN PUBLIC KEY-----" not in pem:
        raise ValueError("public_key must be PEM that starts with -----BEGIN PUBLIC KEY-----")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("public_key is PEM, but no public key can be read from it") from error
    return _checked(key, expected)


def _checked(key: object, expected: KeyType) -> PublicKey:
    match key:
        case RSAPublicKey() if expected is KeyType.RSA:
            if key.key_size in RSA_SIZES:
                return key
            sizes = " or ".join(map(str, RSA_SIZES))
            raise ValueError(f"public_key must be RSA of {sizes} bits, but has {key.key_size}")
        case Ed25519PublicKey() if expected is KeyType.ED25519:
            return key
        case _:
            name = type(key).__name__.removesuffix("PublicKey")
            raise ValueError(f"public_key is of type {name}, but type is {expected}")
