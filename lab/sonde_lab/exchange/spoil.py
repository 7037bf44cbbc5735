"""What hostile or broken things between an exchange and its caller make of an answer."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import msgspec

from sonde_lab.exchange.reply import JSON, Delivery, Reply
from sonde_lab.world import Answer

HTML = "text/html"
PAGE = b"""<!doctype html>
<html><head><title>Welcome</title></head>
<body><h1>Sign in to use this network</h1></body></html>
"""
DEPTH = 20_000
NUMBERS: Mapping[Answer, bytes] = {
    Answer.NOT_A_NUMBER: b"NaN",
    Answer.INFINITE_NUMBER: b"1e999",
    Answer.LARGEST_NUMBER: b"9223372036854775807",
    Answer.ENDLESS_DIGITS: b"9" * 5000,
}
"""What stands in the place of each number, as it is written."""

DELIVERIES: Mapping[Answer, Delivery] = {
    Answer.ENDLESS_BODY: Delivery.ENDLESS,
    Answer.DRIPPING_BODY: Delivery.DRIPPING,
    Answer.CUT_SHORT: Delivery.CUT_SHORT,
    Answer.OVERLONG: Delivery.OVERLONG,
    Answer.NO_ANSWER: Delivery.NONE,
}
GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
BOMB_BLOCKS = 64
_BLOCK = b" " * (1024 * 1024)
_NUMBER_MARK = "the number that stood here"


def spoil(reply: Reply, answer: Answer, path: str) -> Reply:
    """Return what a fault on the way back makes of a reply to a request for a path."""
    if answer in DELIVERIES:
        return replace(reply, delivery=DELIVERIES[answer])
    match answer:
        case Answer.REDIRECT:
            # To itself: who follows it is seen to, and gets nowhere.
            return Reply(302, b"", HTML, {**reply.headers, "Location": path})
        case Answer.HTML_PAGE:
            return replace(reply, status=200, body=PAGE, content_type=HTML)
        case Answer.GZIP_BOMB:
            headers = {**reply.headers, "Content-Encoding": "gzip"}
            return replace(reply, body=_bomb(), headers=headers)
        case Answer.DEEP_NESTING:
            return replace(reply, body=b"[" * DEPTH + b"]" * DEPTH)
        case _ if reply.content_type == JSON:
            return replace(reply, body=_rewritten(reply.body, answer))
        case _:
            return reply


def _rewritten(body: bytes, answer: Answer) -> bytes:
    value = msgspec.json.decode(body)
    if answer in NUMBERS:
        marked = msgspec.json.encode(_marked(value))
        return marked.replace(msgspec.json.encode(_NUMBER_MARK), NUMBERS[answer])
    return _with_keys_twice(value) if isinstance(value, dict) else body


def _marked(value: object) -> object:
    match value:
        case dict():
            return {name: _marked(inner) for name, inner in value.items()}
        case list():
            return [_marked(inner) for inner in value]
        case bool():
            return value
        case int() | float():
            return _NUMBER_MARK
        case _:
            return value


def _with_keys_twice(value: Mapping[str, object]) -> bytes:
    """Return an object in which each key comes a second time, with 0."""
    pairs = [*value.items(), *((name, 0) for name in value)]
    written = (msgspec.json.encode({name: each})[1:-1] for name, each in pairs)
    return b"{%b}" % b",".join(written)


@cache
def _bomb() -> bytes:
    """Return 64 MiB of white space, packed to a thousandth (RFC 1952).

    One block is packed and repeated: to pack them all would take seconds.
    """
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(_BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(BOMB_BLOCKS):
        checksum = zlib.crc32(_BLOCK, checksum)
    trailer = struct.pack("<II", checksum, BOMB_BLOCKS * len(_BLOCK))
    return GZIP_HEADER + block * BOMB_BLOCKS + packer.flush() + trailer
