"""What the centre tells of all that engines report."""

from sonde.engine.v1 import advice_pb2
from sonde.support.v1 import support_service_pb2 as pb
from sonde_core.advice import Action, Advice
from sonde_core.history.engines import EngineReports
from sonde_wire.advice import ACTIONS, encode_advice
from sonde_wire.numbers import members
from sonde_wire.results import decode_items, encode_item
from sonde_wire.times import from_duration, from_timestamp, to_timestamp

_ACTIONS_BACK = members(ACTIONS)


def encode_engine_reports(reports: EngineReports) -> pb.EngineReports:
    """Return the message for what an engine reported."""
    return pb.EngineReports(
        engine=reports.engine,
        first_time=to_timestamp(reports.first),
        last_time=to_timestamp(reports.last),
        count=reports.count,
        item=encode_item(reports.item),
        advice=encode_advice(reports.advice) if reports.advice else None,
    )


def decode_engine_reports(message: pb.EngineReports) -> EngineReports:
    """Return what is in a message."""
    [item] = decode_items([message.item])
    return EngineReports(
        engine=message.engine,
        first=from_timestamp(message.first_time),
        last=from_timestamp(message.last_time),
        count=message.count,
        item=item,
        advice=_decode_advice(message.advice) if message.HasField("advice") else None,
    )


def _decode_advice(message: advice_pb2.Advice) -> Advice | None:
    action: Action | None = _ACTIONS_BACK.get(message.action)
    if action is None:  # of a newer service
        return None
    return Advice(
        action=action,
        after=from_duration(message.after) if message.HasField("after") else None,
        safe_to_resend=message.safe_to_resend,
    )
