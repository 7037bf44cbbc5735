"""What the exchange answers: to one request, in what it counts, by turning an address away."""

from collections.abc import Callable
from typing import Any

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_wire.numbers import members, numbers
from sonde_wire.readings.texts import MAX_TEXT, address
from sonde_wire.times import from_duration, from_timestamp, optional_time, to_duration

_BODIES = numbers("BODY_FORM", core.BodyForm, pb.BodyForm)
_BODIES_BACK = members(_BODIES)
_CLOCKS = numbers("SIGNING_CLOCK", core.SigningClock, pb.SigningClock)
_CLOCKS_BACK = members(_CLOCKS)


def _encode_answer(value: core.Answer, message: pb.Reading) -> None:
    answer = message.answer
    answer.status = value.status
    answer.message = value.message[:MAX_TEXT]
    answer.body = _BODIES[value.body]
    answer.latency.FromTimedelta(value.latency)
    if value.code is not None:
        answer.code = value.code
    if value.clock:
        answer.clock = _CLOCKS[value.clock]
    if value.timestamp:
        answer.timestamp.FromDatetime(value.timestamp)
    if value.used_weight is not None:
        answer.used_weight = value.used_weight
    if value.retry_after is not None:
        answer.retry_after.FromTimedelta(value.retry_after)
    if value.banned_until:
        answer.banned_until.FromDatetime(value.banned_until)
    if value.request_ip:
        answer.request_ip = str(value.request_ip)
    _encode_facts(value.facts, answer)


def _encode_facts(facts: core.Facts | None, answer: pb.Answer) -> None:
    match facts:
        case core.KeyPermissions():
            answer.permissions.ip_restricted = facts.ip_restricted
            answer.permissions.granted.extend(sorted(facts.granted))
            answer.permissions.withheld.extend(sorted(facts.withheld))
            if facts.created:
                answer.permissions.create_time.FromDatetime(facts.created)
            if facts.trading_expires:
                answer.permissions.trading_expire_time.FromDatetime(facts.trading_expires)
        case core.AccountStatus():
            answer.account_status.status = facts.status[:MAX_TEXT]
        case core.TradingFlags():
            answer.trading.can_trade = facts.can_trade
        case None:
            pass


def _decode_answer(message: pb.Answer) -> core.Answer:
    has = message.HasField
    return core.Answer(
        status=message.status,
        code=message.code if has("code") else None,
        message=message.message[:MAX_TEXT],
        body=_BODIES_BACK.get(message.body, core.BodyForm.TEXT),
        latency=from_duration(message.latency),
        clock=_CLOCKS_BACK.get(message.clock),
        timestamp=from_timestamp(message.timestamp) if has("timestamp") else None,
        used_weight=message.used_weight if has("used_weight") else None,
        retry_after=from_duration(message.retry_after) if has("retry_after") else None,
        banned_until=from_timestamp(message.banned_until) if has("banned_until") else None,
        request_ip=address(message.request_ip) if message.request_ip else None,
        facts=_decode_facts(message),
    )


def _decode_facts(message: pb.Answer) -> core.Facts | None:
    match message.WhichOneof("facts"):
        case "permissions":
            return core.KeyPermissions(
                ip_restricted=message.permissions.ip_restricted,
                granted=frozenset(message.permissions.granted),
                withheld=frozenset(message.permissions.withheld),
                created=optional_time(message.permissions, "create_time"),
                trading_expires=optional_time(message.permissions, "trading_expire_time"),
            )
        case "account_status":
            return core.AccountStatus(message.account_status.status[:MAX_TEXT])
        case "trading":
            return core.TradingFlags(message.trading.can_trade)
        case _:
            return None


def _encode_weight(value: core.WeightUse, message: pb.Reading) -> None:
    message.weight.used = value.used
    message.weight.own = value.own
    if value.limit is not None:
        message.weight.limit = value.limit


def _decode_weight(message: pb.WeightUse) -> core.WeightUse:
    limit = message.limit if message.HasField("limit") else None
    return core.WeightUse(used=message.used, own=message.own, limit=limit)


def _encode_orders(value: core.OrderUse, message: pb.Reading) -> None:
    message.orders.endpoint = value.endpoint
    message.orders.windows.extend(
        pb.OrderWindow(span=to_duration(each.span), used=each.used, limit=each.limit)
        for each in value.windows
    )


def _decode_orders(message: pb.OrderUse) -> core.OrderUse:
    return core.OrderUse(
        endpoint=message.endpoint[:MAX_TEXT],
        windows=tuple(
            core.OrderWindow(
                span=from_duration(each.span),
                used=each.used,
                limit=each.limit if each.HasField("limit") else None,
            )
            for each in message.windows
        ),
    )


def _encode_closure(value: core.Closure, message: pb.Reading) -> None:
    message.closure.status = value.status
    message.closure.until.FromDatetime(value.until)
    message.closure.since.FromDatetime(value.since)


def _decode_closure(message: pb.Closure) -> core.Closure:
    return core.Closure(
        status=message.status,
        until=from_timestamp(message.until),
        since=from_timestamp(message.since),
    )


ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {
    core.Answer: _encode_answer,
    core.WeightUse: _encode_weight,
    core.OrderUse: _encode_orders,
    core.Closure: _encode_closure,
}

DECODERS: dict[str, Callable[[Any], core.Value]] = {
    "answer": _decode_answer,
    "weight": _decode_weight,
    "orders": _decode_orders,
    "closure": _decode_closure,
}
