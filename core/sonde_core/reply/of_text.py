"""The mail about an error text that a customer sent."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from sonde_core.answer import answer, values_of
from sonde_core.catalogue import Owner
from sonde_core.explainer import Explanation, Facts
from sonde_core.findings import Confidence, Item, ItemValue
from sonde_core.refusals import Refusal
from sonde_core.reply.closing import add_closing
from sonde_core.reply.letter import Letter
from sonde_core.reply.part import Part, add_part
from sonde_core.reply.zones import moment, with_named_zone
from sonde_core.words import Words

_OTHER = "OTHER"
_SECOND = timedelta(seconds=1)
_CHECKED = frozenset({Owner.CUSTOMER, Owner.SUPPORT})
"""What engine or exchange mend by themselves, nobody looks at again."""


def of_explanation(
    explanation: Explanation, words: Words, now: datetime, supporting: tuple[Item, ...] = ()
) -> str:
    """Return the mail to the customer about a text.

    `supporting` is what else speaks for the cause, such as the numbers of an order.
    """
    named = with_named_zone(words)
    letter = Letter()
    letter.add(named.phrase("opening_text", moment=moment(now, named)))
    if explanation.cause == _OTHER and explanation.refusal is None:
        _add_question(letter, explanation, named, now)
        return letter.text()
    part = _part(explanation, named, now, supporting)
    add_part(letter, part, named, {})
    _add_doubt(letter, explanation, named)
    until = part.values.get("until")
    if isinstance(until, datetime):
        add_closing(letter, named, "if_it_persists_after", until=until)
    else:
        add_closing(letter, named, "if_it_persists")
    return letter.text()


def _add_question(letter: Letter, explanation: Explanation, words: Words, now: datetime) -> None:
    """Say that the text does not tell, and ask for what would."""
    letter.add(words.phrase("cause_untold"))
    letter.add_list(words.phrase("because"), _facts(explanation.facts, words, now))
    letter.add_steps(words.phrase("needed"), words.customer_steps_of(_OTHER, {}))
    letter.add(words.by_itself_of(_OTHER, {}))
    add_closing(letter, words, "if_it_comes_again")


def _part(
    explanation: Explanation, words: Words, now: datetime, supporting: tuple[Item, ...]
) -> Part:
    said = answer(explanation, words, now, supporting)
    # Not its Retry-After: that counts from an instant that the text does not tell.
    values = values_of(explanation.facts, explanation.facts.banned_until, now)
    published = explanation.refusal if explanation.cause == _OTHER else None
    kept = (words.phrase("other_keep"), words.phrase("other_tell"))
    return Part(
        cause=explanation.cause,
        confidence=explanation.confidence,
        title=said.title,
        meaning="" if published else said.meaning,
        values=values,
        steps=kept if published else tuple(words.customer_steps_of(explanation.cause, values)),
        by_itself="" if published else words.by_itself_of(explanation.cause, values),
        because=(
            *_facts(explanation.facts, words, now),
            *(words.mail(item) for item in supporting),
            _own_words(published, words),
        ),
    )


def _own_words(published: Refusal | None, words: Words) -> str:
    """Return the exchange's own words, where the published text has no gaps."""
    gaps = published is None or any(mark in published.message for mark in ("%", "{"))
    return "" if gaps or not published else words.phrase("fact_message", message=published.message)


def _add_doubt(letter: Letter, explanation: Explanation, words: Words) -> None:
    """Say what else it can be, and that only a look at the host settles it."""
    others = [code for code in explanation.alternatives if code != _OTHER]
    letter.add_list(words.phrase("also_possible"), (words.title_of(code) for code in others))
    cause = words.cause(explanation.cause)
    if explanation.confidence is not Confidence.CONFIRMED and others:
        letter.add(words.phrase("settled_by_checking"))
    elif cause and cause.owner in _CHECKED:
        letter.add(words.phrase("again"))


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
    if facts.retry_after is not None:
        yield words.phrase("fact_wait", seconds=math.ceil(facts.retry_after / _SECOND))
    if until and until <= now:
        yield words.phrase("fact_until_over", until=until)
