"""What a text means, and causes, as messages."""

from sonde.engine.v1 import order_pb2
from sonde.support.v1 import explanation_pb2 as pb
from sonde_core.answer import Answer
from sonde_core.catalogue import Cause
from sonde_core.explainer import Facts
from sonde_core.orders import Order
from sonde_core.words import Words
from sonde_wire.advice import CONFIDENCES, encode_advice
from sonde_wire.results import SEVERITIES, encode_item
from sonde_wire.times import to_duration, to_timestamp


def encode_answer(answer: Answer) -> pb.Explanation:
    """Return the message for an explained text."""
    explanation = answer.explanation
    return pb.Explanation(
        cause=explanation.cause,
        confidence=CONFIDENCES[explanation.confidence],
        alternatives=explanation.alternatives,
        facts=_encode_facts(explanation.facts),
        title=answer.title,
        explanation=answer.meaning,
        remedy=answer.remedy,
        owner=answer.cause.owner.value,
        advice=encode_advice(answer.advice),
        supporting=[encode_item(item) for item in answer.supporting],
        missing=[encode_item(item) for item in answer.missing],
    )


def encode_cause(cause: Cause, words: Words) -> pb.CauseText:
    """Return the message for a cause, in the language of some words."""
    return pb.CauseText(
        cause=cause.code,
        section=cause.section.value if cause.section else "",
        severity=SEVERITIES[cause.severity],
        owner=cause.owner.value,
        title=words.title_of(cause.code),
        explanation=words.explanation_of(cause.code),
        advice=encode_advice(cause.advice),
        sources=cause.sources,
    )


def _encode_facts(facts: Facts) -> pb.FailureFacts:
    return pb.FailureFacts(
        code=facts.code,
        http_status=facts.http_status,
        surface=facts.surface.value if facts.surface else "",
        request_ip=str(facts.request_ip or ""),
        banned_until=to_timestamp(facts.banned_until) if facts.banned_until else None,
        retry_after=None if facts.retry_after is None else to_duration(facts.retry_after),
        limit=facts.limit or "",
        symbol=facts.symbol or "",
        filter=facts.filter or "",
        order=_encode_order(facts.order) if facts.order else None,
    )


def _encode_order(order: Order) -> order_pb2.OrderFacts:
    return order_pb2.OrderFacts(
        symbol=order.symbol or "",
        side=order.side or "",
        type=order.type or "",
        quantity="" if order.quantity is None else f"{order.quantity:f}",
        price="" if order.price is None else f"{order.price:f}",
        stop_price="" if order.stop_price is None else f"{order.stop_price:f}",
        reduce_only=order.reduce_only,
    )
