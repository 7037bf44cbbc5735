"""What an engine on the host said of itself."""

from collections.abc import Callable
from typing import Any

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_wire.readings.texts import MAX_TEXT
from sonde_wire.times import (
    from_duration,
    from_timestamp,
    optional_time,
    to_duration,
    to_timestamp,
)


def _encode_engine(value: core.EngineState, message: pb.Reading) -> None:
    interval, uptime, order = value.heartbeat_interval, value.uptime, value.last_order
    message.engine.CopyFrom(
        pb.EngineState(
            version=value.version[:MAX_TEXT],
            report_time=to_timestamp(value.reported),
            heartbeat_interval=None if interval is None else to_duration(interval),
            uptime=None if uptime is None else to_duration(uptime),
            last_order_time=to_timestamp(order) if order else None,
            weights=[
                pb.EngineWeight(
                    endpoint=each.endpoint, time=to_timestamp(each.time), weight=each.weight
                )
                for each in value.weights
            ],
            silence=None if value.silence is None else to_duration(value.silence),
            listening=to_duration(value.listening),
        )
    )


def _decode_engine(message: pb.EngineState) -> core.EngineState:
    has = message.HasField
    return core.EngineState(
        version=message.version[:MAX_TEXT],
        reported=from_timestamp(message.report_time),
        heartbeat_interval=(
            from_duration(message.heartbeat_interval) if has("heartbeat_interval") else None
        ),
        uptime=from_duration(message.uptime) if has("uptime") else None,
        last_order=optional_time(message, "last_order_time"),
        weights=tuple(
            core.EngineWeight(
                endpoint=each.endpoint[:MAX_TEXT],
                time=from_timestamp(each.time),
                weight=each.weight,
            )
            for each in message.weights
        ),
        silence=from_duration(message.silence) if has("silence") else None,
        listening=from_duration(message.listening),
    )


ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {core.EngineState: _encode_engine}

DECODERS: dict[str, Callable[[Any], core.Value]] = {"engine": _decode_engine}
