"""Requests for any method: those that make sense, and those that make none."""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

Words = Mapping[str, Sequence[object]]
"""Values that make sense, by the name of a field."""
_DEEPEST = 4
_NASTY = (
    "", "hmac", "pem", "usdm", "spot", "BTCUSDT", "ETHUSDT", "settings", "exchange", "egress",
    "grid", "../../etc/passwd", "/api/v3/order", "BTCUSDT&signature=00", "BTCUSDT%26side=BUY",
    "BTC\r\nUSDT", "http://203.0.113.9/", "203.0.113.9", "x" * 70, "\x00", "\x1b[2J", "＂", "𝔅",
    "-1", "1e999", "sonde.agent.v1.AgentService", "{}", "[" * 40, "%s%n", "$(id)",
    "'; drop table reports; --",
)  # fmt: skip
_NUMBERS = (0, 1, -1, 3, 5, 12, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 10**9)
_OTHERS: tuple[object, ...] = (
    None,
    True,
    1.5,
    1e308,
    [],
    [[]],
    ["x"],
    {},
    {"seconds": 1},
    "1.5s",
    "2026-01-01T00:00:00Z",
)


def sensible(takes: Descriptor, words: Words) -> Iterator[Message]:
    """Return requests of every known value at the top, and of the first below.

    A field that the words do not have stays empty; an enum has all its values.
    """
    chosen = [(field, _values(field, words)) for field in takes.fields]
    chosen = [(field, values) for field, values in chosen if values]
    for values in product(*(values for _, values in chosen)):
        request = GetMessageClass(takes)()
        for (field, _), value in zip(chosen, values, strict=True):
            _put(request, field, value)
        yield request


def _values(field: FieldDescriptor, words: Words) -> Sequence[object]:
    if field.name in words:
        return words[field.name]
    if field.enum_type:
        return [value.number for value in field.enum_type.values]
    if field.message_type and not field.message_type.full_name.startswith("google.protobuf."):
        return [next(sensible(field.message_type, words))]
    return ()


def _put(message: Message, field: FieldDescriptor, value: object) -> None:
    if field.is_repeated:
        getattr(message, field.name).extend([value])
    elif isinstance(value, Message):
        getattr(message, field.name).MergeFromString(value.SerializeToString())
    else:
        setattr(message, field.name, value)


def arbitrary(takes: Descriptor, dice: random.Random, depth: int = 0) -> Message:
    """Return a request with any values in any of its fields."""
    request = GetMessageClass(takes)()
    for field in takes.fields:
        if depth < _DEEPEST and dice.random() < 0.6:
            for _ in range(dice.randint(1, 3) if field.is_repeated else 1):
                _put(request, field, _any_value(field, dice, depth))
    return request


def _any_value(field: FieldDescriptor, dice: random.Random, depth: int) -> object:
    if field.message_type:
        return arbitrary(field.message_type, dice, depth + 1)
    kinds = FieldDescriptor
    if field.enum_type:
        return dice.choice((*(value.number for value in field.enum_type.values), 999))
    match field.cpp_type:
        case kinds.CPPTYPE_BOOL:
            return dice.random() < 0.5
        case kinds.CPPTYPE_STRING if field.type == kinds.TYPE_BYTES:
            return dice.randbytes(dice.randint(0, 40))
        case kinds.CPPTYPE_STRING:
            return dice.choice(_NASTY) * dice.choice((1, 1, 1, 1, 1, 1, 1, 50))
        case kinds.CPPTYPE_DOUBLE | kinds.CPPTYPE_FLOAT:
            return dice.choice((0.0, -1.5, float("inf"), float("nan")))
        case kinds.CPPTYPE_INT32:
            return dice.choice([n for n in _NUMBERS if -(2**31) <= n < 2**31])
        case kinds.CPPTYPE_INT64:
            return dice.choice(_NUMBERS)
        case _:
            return dice.choice([n for n in _NUMBERS if 0 <= n < 2**31])


def arbitrary_json(takes: Descriptor, dice: random.Random) -> dict[str, object]:
    """Return the same as JSON, where a field can hold what is not of its type."""
    return {
        dice.choice((field.name, field.json_name)): (
            arbitrary_json(field.message_type, dice)
            if field.message_type and dice.random() < 0.6
            else dice.choice((*_NASTY, *_NUMBERS, *_OTHERS))
        )
        for field in takes.fields
        if dice.random() < 0.6
    }


def spoilt(request: bytes, dice: random.Random) -> bytes:
    """Return a request with some of its bytes changed, lost or added."""
    changed = bytearray(request)
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(changed))
        changed[at : at + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
    return bytes(changed)
