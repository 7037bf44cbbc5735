"""Verifies signatures over what was really sent: nothing is decoded, sorted or encoded again."""

import hashlib
import hmac

from sonde_lab.world import Key

NAME = b"signature="


def payload(query: bytes, body: bytes) -> bytes:
    """Return what a client has to sign: query and body, no separator, without the signature."""
    return b"".join(
        b"&".join(pair for pair in part.split(b"&") if not pair.startswith(NAME))
        for part in (query, body)
    )


def matches(key: Key, signed: bytes, signature: str) -> bool:
    """Return whether a key made a signature. Hexadecimal digits may be of either case."""
    expected = hmac.new(key.secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode())
