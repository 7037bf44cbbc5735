"""What is said about a text that somebody sent: the explanation in words, with what to do.

The command, the service and the mail to the customer all take it from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from sonde_core.advice import Action, Advice, in_seconds
from sonde_core.catalogue import CATALOGUE, Cause
from sonde_core.explainer import Explanation, Facts
from sonde_core.explainer.explanation import LONGEST_PAUSE
from sonde_core.findings import Confidence, Item, ItemValue
from sonde_core.live import by_the_symbol
from sonde_core.orders import Order
from sonde_core.refusals import Refusal
from sonde_core.words import Words

OTHER = "OTHER"
UNREAD = "symbol_rules_unread"
"""The item that says why live limits are missing."""
_NO_TROUBLE = frozenset({"nothing", "once"})
"""Kinds of steps of errors that change nothing."""
_WAITING = frozenset({Action.RETRY, Action.RETRY_AFTER})
"""Actions for which it matters how long the exchange wants to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An explanation in one language."""

    explanation: Explanation
    time: datetime
    """When it was given."""
    cause: Cause
    title: str
    meaning: str
    """What the cause means, in a sentence or two."""
    remedy: tuple[str, ...]
    advice: Advice
    alternatives: tuple[tuple[str, str], ...]
    """Cause and title of what else it can be, best first."""
    supporting: tuple[Item, ...]
    """What else speaks for it, such as the numbers of an order."""
    sentences: tuple[str, ...]
    """The same in words."""
    missing: tuple[Item, ...]
    """What was looked for and could not be read."""
    unread: tuple[str, ...]
    """The same in words."""


def answer(
    explanation: Explanation, words: Words, now: datetime, items: tuple[Item, ...] = ()
) -> Answer:
    """Put an explanation into words, as of now. `items` are what else is known beside the text."""
    explanation = by_the_symbol(believed(explanation, now), items)
    supporting = tuple(item for item in items if item.id != UNREAD)
    missing = tuple(item for item in items if item.id == UNREAD)
    code, facts, refusal = explanation.cause, explanation.facts, explanation.refusal
    cause = CATALOGUE.causes[code]
    own = refusal.title if refusal else None  # the error is known, and is none of the causes
    until = facts.banned_until or (now + facts.retry_after if facts.retry_after else None)
    values, known = values_of(facts, until, now), known_of(facts, now)
    return Answer(
        explanation=explanation,
        time=now,
        cause=cause,
        title=own[words.language] if own else words.title_of(code, known),
        meaning=(explanation.words or refusal.message)
        if refusal and own
        else words.explanation_of(code, known),
        remedy=steps_of(explanation, words) or tuple(words.remedy_of(code, values, known)),
        advice=_advice(_careful(_general(cause, refusal), explanation), facts, now),
        alternatives=tuple(_alternatives(explanation, words)),
        supporting=supporting,
        sentences=tuple(words.sentence(item) for item in supporting),
        missing=missing,
        unread=tuple(words.sentence(item) for item in missing),
    )


def believed(explanation: Explanation, now: datetime) -> Explanation:
    """Return an explanation without the end of a ban that is too far away to be one."""
    facts = explanation.facts
    if facts.banned_until is None or facts.banned_until - now <= LONGEST_PAUSE:
        return explanation
    return replace(explanation, facts=replace(facts, banned_until=None))


def _alternatives(explanation: Explanation, words: Words) -> Iterator[tuple[str, str]]:
    """Name what else it can be: what the code is published for elsewhere by its own title."""
    titles: dict[str, list[str]] = {explanation.cause: []}
    for reading in explanation.readings:
        if reading.title:
            titles.setdefault(reading.cause, []).append(reading.title[words.language])
    for code in dict.fromkeys((explanation.cause, *explanation.alternatives, *titles)):
        for title in titles.get(code, [words.title_of(code)]):
            yield code, title


def steps_of(explanation: Explanation, words: Words) -> tuple[str, ...]:
    """Return the steps of the published error itself; nothing where the cause's own fit."""
    refusal = explanation.refusal
    if refusal is None or not (refusal.steps or explanation.cause == OTHER):
        return ()
    # That nothing is wrong is said only where it can be nothing else.
    doubtful = refusal.harmless and explanation.alternatives and not explanation.exact
    return tuple(words.steps_of_kind("other" if doubtful else refusal.steps or "other"))


def values_of(facts: Facts, until: datetime | None, now: datetime) -> dict[str, ItemValue]:
    """Return what the catalogue's sentences may name, as far as the text says it.

    Nobody is told to wait until a moment that is over.
    """
    known: dict[str, ItemValue | None] = {
        "address": str(facts.request_ip) if facts.request_ip else None,
        "until": until if until and until > now else None,
        "limit": facts.limit,
        "symbol": facts.symbol,
        "filter": facts.filter,
    }
    return {name: value for name, value in known.items() if value is not None}


def known_of(facts: Facts, now: datetime) -> frozenset[str]:
    """Return what the text says that calls for other words about its cause."""
    over = facts.banned_until is not None and facts.banned_until <= now
    return frozenset({"fact_until_over"} if over else ())


def _general(cause: Cause, refusal: Refusal | None) -> Advice:
    """Return the cause's advice. Nobody is paged for an order that was simply not placed."""
    if cause.code == OTHER and refusal and refusal.steps in _NO_TROUBLE:
        return Advice(action=Action.FIX_REQUEST, after=None, safe_to_resend=True)
    return cause.advice


def _careful(general: Advice, explanation: Explanation) -> Advice:
    """Return the cause's advice. Unless that is sure, no order that may stand is sent again."""
    if explanation.confidence is Confidence.CONFIRMED or not general.safe_to_resend:
        return general
    known = (CATALOGUE.causes.get(code) for code in explanation.alternatives)
    others = [cause.advice for cause in known if cause]
    query = next((other for other in others if other.action is Action.QUERY_ORDER), None)
    if query and general.action is Action.RETRY:
        return query
    return replace(general, safe_to_resend=all(other.safe_to_resend for other in others))


def _advice(general: Advice, facts: Facts, now: datetime) -> Advice:
    """Return the cause's advice with the time that the text names, in whole seconds."""
    if general.action not in _WAITING:
        return general
    waits = [facts.retry_after] if facts.retry_after is not None else []
    if facts.banned_until:
        left = (facts.banned_until - now) / timedelta(seconds=1)
        waits.append(timedelta(seconds=max(ceil(left), 0)))
    after = max(waits, default=general.after)
    return Advice(action=general.action, after=after, safe_to_resend=general.safe_to_resend)


def brief_json(explanation: Explanation) -> dict[str, Any]:
    """Return what programs get of an explanation without words."""
    return {
        "cause": explanation.cause,
        "confidence": explanation.confidence.value,
        "alternatives": list(explanation.alternatives),
        "facts": _facts_json(explanation.facts),
    }


def to_json(answer: Answer) -> dict[str, Any]:
    """Return what ``sonde explain --json`` prints. A time to wait is in seconds, or null."""
    return {
        **brief_json(answer.explanation),
        "title": answer.title,
        "explanation": answer.meaning,
        "remedy": list(answer.remedy),
        "owner": answer.cause.owner.value,
        "advice": answer.advice.to_json(),
        **_told("supporting", answer.supporting, answer.sentences),
        **_told("missing", answer.missing, answer.unread),
    }


def _told(name: str, items: tuple[Item, ...], sentences: tuple[str, ...]) -> dict[str, Any]:
    told = [
        {"id": item.id, "values": dict(item.values), "text": text}
        for item, text in zip(items, sentences, strict=True)
    ]
    return {name: told} if told else {}


def _facts_json(facts: Facts) -> dict[str, Any]:
    until, pause = facts.banned_until, facts.retry_after
    return _known(
        {
            "code": facts.code,
            "http_status": facts.http_status,
            "surface": facts.surface.value if facts.surface else None,
            "request_ip": str(facts.request_ip) if facts.request_ip else None,
            "banned_until": _iso(until) if until else None,
            "retry_after_s": in_seconds(pause) if pause is not None else None,
            "limit": facts.limit,
            "symbol": facts.symbol,
            "filter": facts.filter,
            "order": _order_json(facts.order) if facts.order else None,
        }
    )


def _order_json(order: Order) -> dict[str, Any]:
    """Return an order; its numbers stay decimal text."""
    return _known(
        {
            "symbol": order.symbol,
            "side": order.side,
            "type": order.type,
            "quantity": None if order.quantity is None else f"{order.quantity:f}",
            "price": None if order.price is None else f"{order.price:f}",
            "stop_price": None if order.stop_price is None else f"{order.stop_price:f}",
            "reduce_only": order.reduce_only,
        }
    )


def _known(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value is not None}


def _iso(instant: datetime) -> str:
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").replace(".000Z", "Z")
