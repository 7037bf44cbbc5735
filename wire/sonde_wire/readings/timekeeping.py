"""What keeps a host's clock right, and what became of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration

from sonde.agent.v1 import reading_pb2 as pb
from sonde_core import readings as core
from sonde_core.timekeeping import (
    ClockDrift,
    ClockStep,
    ClockWatch,
    Keeper,
    KernelClock,
    Synchronizer,
)
from sonde_wire.numbers import members, numbers
from sonde_wire.readings.texts import MAX_TEXT
from sonde_wire.times import (
    from_duration,
    from_timestamp,
    optional_time,
    to_duration,
    to_timestamp,
)

_KEEPERS = numbers("KEEPER", Keeper, pb.Keeper)
_KEEPERS_BACK = members(_KEEPERS)
_MOST_STEPS = 32


def _encode_synchronizer(value: Synchronizer, message: pb.Reading) -> None:
    message.synchronizer.CopyFrom(
        pb.Synchronizer(
            keeper=_KEEPERS[value.keeper],
            synchronized=value.synchronized,
            source=value.source[:MAX_TEXT],
            stratum=value.stratum,
            offset=_told(value.offset),
            root_distance=_told(value.root_distance),
            update_time=to_timestamp(value.updated) if value.updated else None,
            sources=value.sources,
            reachable=value.reachable,
        )
    )


def _decode_synchronizer(message: pb.Synchronizer) -> Synchronizer:
    keeper = _KEEPERS_BACK.get(message.keeper)
    if keeper is None:
        raise ValueError("the program that keeps the clock is not known")
    has = message.HasField
    return Synchronizer(
        keeper=keeper,
        synchronized=message.synchronized if has("synchronized") else None,
        source=message.source[:MAX_TEXT],
        stratum=message.stratum if has("stratum") else None,
        offset=from_duration(message.offset) if has("offset") else None,
        root_distance=from_duration(message.root_distance) if has("root_distance") else None,
        updated=optional_time(message, "update_time"),
        sources=message.sources if has("sources") else None,
        reachable=message.reachable if has("reachable") else None,
    )


def _told(span: timedelta | None) -> Duration | None:
    return None if span is None else to_duration(span)


def _encode_kernel(value: KernelClock, message: pb.Reading) -> None:
    message.kernel_clock.CopyFrom(
        pb.KernelClock(
            synchronized=value.synchronized,
            offset=to_duration(value.offset),
            correction_per_hour=to_duration(value.correction),
            max_error=to_duration(value.max_error),
            estimated_error=to_duration(value.estimated_error),
        )
    )


def _decode_kernel(message: pb.KernelClock) -> KernelClock:
    return KernelClock(
        synchronized=message.synchronized,
        offset=from_duration(message.offset),
        correction=from_duration(message.correction_per_hour),
        max_error=from_duration(message.max_error),
        estimated_error=from_duration(message.estimated_error),
    )


def _encode_watch(value: ClockWatch, message: pb.Reading) -> None:
    message.clock_watch.CopyFrom(
        pb.ClockWatch(
            since=to_timestamp(value.since),
            steps=[
                pb.ClockStep(time=to_timestamp(step.time), size=to_duration(step.size))
                for step in value.steps
            ],
            suspended=to_duration(value.suspended),
        )
    )


def _decode_watch(message: pb.ClockWatch) -> ClockWatch:
    return ClockWatch(
        since=from_timestamp(message.since),
        steps=tuple(
            ClockStep(time=from_timestamp(step.time), size=from_duration(step.size))
            for step in message.steps[-_MOST_STEPS:]
        ),
        suspended=from_duration(message.suspended),
    )


def _encode_drift(value: ClockDrift, message: pb.Reading) -> None:
    message.clock_drift.CopyFrom(
        pb.ClockDrift(
            per_hour=to_duration(value.per_hour),
            bound=to_duration(value.bound),
            over=to_duration(value.over),
            calibrations=value.calibrations,
        )
    )


def _decode_drift(message: pb.ClockDrift) -> ClockDrift:
    return ClockDrift(
        per_hour=from_duration(message.per_hour),
        bound=from_duration(message.bound),
        over=from_duration(message.over),
        calibrations=message.calibrations,
    )


ENCODERS: dict[type, Callable[[Any, pb.Reading], None]] = {
    Synchronizer: _encode_synchronizer,
    KernelClock: _encode_kernel,
    ClockWatch: _encode_watch,
    ClockDrift: _encode_drift,
}

DECODERS: dict[str, Callable[[Any], core.Value]] = {
    "synchronizer": _decode_synchronizer,
    "kernel_clock": _decode_kernel,
    "clock_watch": _decode_watch,
    "clock_drift": _decode_drift,
}
