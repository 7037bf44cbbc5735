"""Finding a secret in what left, whatever it was made into."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

_PIECE = 16


def needles(secret: bytes) -> frozenset[bytes]:
    """Return what tells a secret, or half of one, in plain, hex, base64, URLs and JSON."""
    pieces = (secret[at : at + _PIECE] for at in range(0, len(secret) - _PIECE + 1, _PIECE))
    return frozenset(form for piece in pieces for form in _forms(piece))


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
