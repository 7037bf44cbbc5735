"""A refusal that an engine reports, as the text that it was."""

from sonde.engine.v1.order_pb2 import OrderFacts
from sonde.engine.v1.report_pb2 import FailureReport
from sonde_wire.times import from_duration

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
