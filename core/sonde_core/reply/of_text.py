"""The mail about an error text that a customer sent."""

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sonde_core.answer import OTHER, Answer, answer, believed, known_of, steps_of, values_of
from sonde_core.catalogue import Owner
from sonde_core.explainer import Explanation, Facts
from sonde_core.findings import Confidence, Item, ItemValue
from sonde_core.reply.closing import add_closing
from sonde_core.reply.letter import Letter
from sonde_core.reply.moment import moment
from sonde_core.reply.part import Part, add_part
from sonde_core.words import Words

_SECOND = timedelta(seconds=1)
_SECRETIVE = re.compile(r"[\w+/=-]{24,}")
"""What may be a key, a signature or a token."""
_CHECKED = frozenset({Owner.CUSTOMER, Owner.SUPPORT})
"""What engine or exchange mend by themselves, nobody looks at again."""


def of_explanation(
    explanation: Explanation, words: Words, now: datetime, items: tuple[Item, ...] = ()
) -> str:
    """Return the mail to the customer about a text.

    `items` are what else is known beside it, such as the numbers of an order.
    """
    explanation = believed(explanation, now)
    letter = Letter()
    letter.add(words.phrase("opening_text", moment=moment(now, words)))
    if explanation.cause == OTHER and explanation.refusal is None:
        _add_question(letter, explanation, words, now)
        return letter.text()
    said = answer(explanation, words, now, items)
    part = _part(said, words, now)
    add_part(letter, part, words, {})
    _add_doubt(letter, said, part, words)
    until = part.values.get("until")
    if isinstance(until, datetime):
        add_closing(letter, words, "if_it_persists_after", until=until)
    else:
        asked = said.cause.owner is Owner.CUSTOMER
        add_closing(letter, words, "if_it_persists" if asked else "if_it_comes_again")
    return letter.text()


def _add_question(letter: Letter, explanation: Explanation, words: Words, now: datetime) -> None:
    """Say that the text does not tell, and ask for what would."""
    letter.add(words.phrase("cause_untold"))
    letter.add_list(words.phrase("because"), _facts(explanation.facts, words, now))
    letter.add_steps(words.phrase("needed"), words.customer_steps_of(OTHER, {}))
    letter.add(words.by_itself_of(OTHER, {}))
    add_closing(letter, words, "if_it_comes_again")


def _part(said: Answer, words: Words, now: datetime) -> Part:
    explanation = said.explanation
    # Not its Retry-After: that counts from an instant that the text does not tell.
    values = values_of(explanation.facts, explanation.facts.banned_until, now)
    known = known_of(explanation.facts, now)
    own = steps_of(explanation, words)
    titled = _titled(explanation)
    # That its title is what happened is beyond doubt where the text holds the very message.
    sure = Confidence.CONFIRMED if titled and explanation.exact else explanation.confidence
    return Part(
        cause=explanation.cause,
        confidence=sure,
        title=said.title,
        meaning="" if titled else said.meaning,
        values=values,
        steps=own or tuple(words.customer_steps_of(explanation.cause, values, known)),
        timed=not own,
        by_itself="" if own else words.by_itself_of(explanation.cause, values, known),
        because=(
            *_facts(explanation.facts, words, now),
            *(words.mail(item) for item in said.supporting),
            _own_words(explanation, words),
        ),
    )


def _titled(explanation: Explanation) -> bool:
    """Tell whether the published error has a title that says what happened."""
    return explanation.refusal is not None and explanation.refusal.title is not None


def _own_words(explanation: Explanation, words: Words) -> str:
    """Return what the text says in its own words: Binance's where they are published."""
    name = "fact_message" if explanation.refusal else "fact_line"
    said = _SECRETIVE.sub("…", explanation.words)
    return words.phrase(name, message=said) if said else ""


def _add_doubt(letter: Letter, said: Answer, part: Part, words: Words) -> None:
    """Say what else it can be, and that only a look at the host settles it."""
    unknown = words.title_of(OTHER)
    others = [title for _, title in said.alternatives if title != unknown]
    if part.confidence is not Confidence.CONFIRMED and others:
        letter.add_list(words.phrase("also_possible"), others)
        letter.add(words.phrase("settled_by_checking"))
    elif said.cause.owner in _CHECKED and not _titled(said.explanation):
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
