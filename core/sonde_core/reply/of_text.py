"""The mail about an error text that a customer sent."""

from collections.abc import Iterator
from datetime import datetime

from sonde_core.answer import answer
from sonde_core.explainer import Explanation, Facts
from sonde_core.findings import Confidence, Item, ItemValue
from sonde_core.reply.closing import add_closing
from sonde_core.reply.letter import Letter
from sonde_core.reply.part import Part, add_part
from sonde_core.reply.zones import moment, with_named_zone
from sonde_core.words import Words

_OTHER = "OTHER"


def of_explanation(
    explanation: Explanation, words: Words, now: datetime, supporting: tuple[Item, ...] = ()
) -> str:
    """Return the mail to the customer about a text.

    `supporting` is what else speaks for the cause, such as the numbers of an order.
    """
    named = with_named_zone(words)
    letter = Letter()
    letter.add(words.phrase("opening_text", moment=moment(now, named)))
    part = _part(explanation, named, now, supporting)
    add_part(letter, part, named, {})
    _add_doubt(letter, explanation, named)
    until = part.values.get("until")
    if isinstance(until, datetime):
        add_closing(letter, named, "if_it_persists_after", until=until)
    else:
        add_closing(letter, named, "if_it_persists")
    return letter.text()


def _part(
    explanation: Explanation, words: Words, now: datetime, supporting: tuple[Item, ...]
) -> Part:
    said = answer(explanation, words, now, supporting)
    values = _values(explanation.facts, now)
    published = explanation.cause == _OTHER and explanation.refusal is not None
    kept = (words.phrase("other_keep"), words.phrase("other_tell"))
    return Part(
        cause=explanation.cause,
        confidence=explanation.confidence,
        title=said.title,
        meaning=said.meaning,
        values=values,
        steps=kept if published else tuple(words.customer_steps_of(explanation.cause, values)),
        by_itself=words.by_itself_of(explanation.cause, values) if not published else "",
        because=(*_facts(explanation.facts, words, now), *(words.mail(i) for i in supporting)),
    )


def _add_doubt(letter: Letter, explanation: Explanation, words: Words) -> None:
    """Say what else it can be, and that only a look at the host settles it."""
    if explanation.cause == _OTHER and not explanation.alternatives:
        return
    letter.add_list(
        words.phrase("also_possible"), (words.title_of(code) for code in explanation.alternatives)
    )
    sure = explanation.confidence is Confidence.CONFIRMED
    letter.add(words.phrase("again" if sure else "settled_by_checking"))


def _facts(facts: Facts, words: Words, now: datetime) -> Iterator[str]:
    """Return what the text says, each in a few words."""
    until = facts.banned_until
    told: tuple[tuple[str, ItemValue | None], ...] = (
        ("code", facts.code),
        ("status", facts.http_status),
        ("address", str(facts.request_ip) if facts.request_ip else None),
        ("until", until if until and until > now else None),
        ("limit", facts.limit),
        ("symbol", facts.symbol),
        ("filter", facts.filter),
    )
    for name, value in told:
        if value is not None:
            yield words.phrase(f"fact_{name}", **{name: value})
    if until and until <= now:
        yield words.phrase("fact_until_over", until=until)


def _values(facts: Facts, now: datetime) -> dict[str, ItemValue]:
    """Return what the steps may name. Nobody is told to wait until a moment that is over."""
    until = facts.banned_until or (now + facts.retry_after if facts.retry_after else None)
    known: dict[str, ItemValue | None] = {
        "address": str(facts.request_ip) if facts.request_ip else None,
        "until": until if until and until > now else None,
        "limit": facts.limit,
        "symbol": facts.symbol,
        "filter": facts.filter,
    }
    return {name: value for name, value in known.items() if value is not None}
