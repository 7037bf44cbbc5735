"""Finding a secret in what left, whatever it was made into."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

_PIECE = 16


def disguises(secret: bytes) -> dict[str, str]:
    """Return what a secret may be made into, by name."""
    groups = {f"behind {n} bytes": bytes(n) + secret for n in range(3)}
    return {
        "plain": secret.decode(),
        "half of it": secret[20:].decode(),
        "hex": secret.hex(),
        "HEX": secret.hex().upper(),
        **{f"base64 {name}": base64.b64encode(each).decode() for name, each in groups.items()},
        **{
            f"of URLs {name}": base64.urlsafe_b64encode(each).decode()
            for name, each in groups.items()
        },
        "quoted": "".join(f"%{byte:02X}" for byte in secret),
        "quoted small": "".join(f"%{byte:02x}" for byte in secret),
    }


def needles(secret: bytes) -> frozenset[bytes]:
    """Return what tells a secret, or half of one, in plain, hex, base64, URLs and JSON."""
    return frozenset(form for piece in pieces(secret) for form in _forms(piece))


def pieces(secret: bytes) -> list[bytes]:
    """Return a secret in pieces that are long enough to tell it."""
    return [secret[at : at + _PIECE] for at in range(0, len(secret) - _PIECE + 1, _PIECE)]


def _forms(piece: bytes) -> Iterator[bytes]:
    yield piece
    yield piece.hex().encode()
    yield piece.hex().upper().encode()
    for encoded in _base64(piece):
        yield encoded
        yield encoded.replace(b"+", b"-").replace(b"/", b"_")
    text = piece.decode("latin-1")
    for quoted in (quote(piece, safe=""), quote_plus(piece), json.dumps(text)[1:-1]):
        yield quoted.encode()
    every = "".join(f"%{byte:02x}" for byte in piece)
    yield every.encode()
    yield every.upper().encode()
    yield text.replace("/", "\\/").encode()


def _base64(piece: bytes) -> Iterator[bytes]:
    """Return what stands in base64 wherever the piece begins: at any of three places in a group."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + piece + bytes(2))
        first, behind = -(-shift * 8 // 6), (shift + len(piece)) * 8 // 6
        yield encoded[first:behind]


def found(sought: Mapping[str, Iterable[bytes]], left: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """Return which secret was found in what."""
    return {
        (name, where)
        for name, forms in sought.items()
        for where, content in left.items()
        if any(form in content for form in forms)
    }
