"""What engines report: a refusal as the text that it was, and what the centre tells of them all."""

from sonde.engine.v1 import advice_pb2
from sonde.engine.v1.order_pb2 import OrderFacts
from sonde.engine.v1.report_pb2 import FailureReport
from sonde.support.v1 import support_service_pb2 as pb
from sonde_core.advice import Action, Advice
from sonde_core.history.engines import EngineReports
from sonde_wire.advice import ACTIONS, encode_advice
from sonde_wire.numbers import members
from sonde_wire.results import decode_items, encode_item
from sonde_wire.times import from_duration, from_timestamp, to_timestamp

_ACTIONS_BACK = members(ACTIONS)
_SPEAKERS = {
    "spot": "https://api.binance.com/api/v3",
    "usdm": "https://fapi.binance.com/fapi/v1",
    "coinm": "https://dapi.binance.com/dapi/v1",
    "papi": "https://papi.binance.com/papi/v1",
    "sapi": "https://api.binance.com/sapi/v1",
    "ws": "https://ws-api.binance.com/ws-api/v3",
}
"""How each surface is named in a text."""
_ORDER_FIELDS = ("symbol", "side", "type", "quantity", "price", "stop_price")


def as_text(report: FailureReport) -> str:
    """Return all that a report says as one text, as a client would have logged it."""
    parts = [report.exception, _SPEAKERS.get(report.surface, ""), report.text]
    if report.HasField("http_status"):
        parts.append(f"HTTP {report.http_status}")
    if report.HasField("code") and f"{report.code}" not in report.text:
        parts.append(f'{{"code":{report.code},"msg":"{report.message}"}}')
    elif report.message not in report.text:
        parts.append(report.message)
    if report.HasField("retry_after"):
        parts.append(f"Retry-After: {from_duration(report.retry_after).total_seconds():.0f}")
    parts.append(_order_text(report.order))
    return " ".join(part for part in parts if part)


def _order_text(order: OrderFacts) -> str:
    told = [(name, getattr(order, name)) for name in _ORDER_FIELDS]
    if order.HasField("reduce_only"):
        told.append(("reduce_only", str(order.reduce_only).lower()))
    return " ".join(f"{name}={value}" for name, value in told if value)


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
