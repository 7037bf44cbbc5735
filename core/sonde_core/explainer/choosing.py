"""Chooses the root among the signs of one kind.

| signs                                     | the root                                            |
| ----------------------------------------- | --------------------------------------------------- |
| firm ones and doubtful ones               | a firm one                                          |
| a harmless refusal and another            | the other: "no need to change" stops nothing        |
| behind a last `Caused by:` (Java)         | the first one there: the causes are told downwards  |
| a limit, and later the ban for it         | the ban: that is what holds now                     |
| several others                            | the first: what follows are its echoes ("During     |
|                                           | handling of the above exception")                   |
| several rows of broken paths              | the row that says most, wherever it stands          |
"""

from collections.abc import Iterable, Sequence

from sonde_core.explainer.signs import Sign
from sonde_core.findings import Confidence

MOST_ALTERNATIVES = 4
HARMLESS = frozenset({-4046, -4059})
ESCALATES = {"RATE_LIMIT_WEIGHT": "IP_BANNED"}
CAUSED_BY = "caused by:"
SURENESS = {Confidence.CONFIRMED: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


def root(signs: Sequence[Sign], lower: str) -> Sign:
    """Choose among what the exchange said."""
    held = [sign for sign in signs if sign.firm] or list(signs)
    held = [sign for sign in held if not _harmless(sign)] or held
    below = lower.rfind(CAUSED_BY)
    if below >= 0:
        held = [sign for sign in held if sign.at > below] or held
    first = min(held, key=lambda sign: sign.at)
    worse = [sign for sign in held if sign.cause == ESCALATES.get(first.cause)]
    return worse[0] if worse else first


def sureness(sign: Sign) -> int:
    """Return the rank of a sign: the surer, the lower."""
    return SURENESS[sign.confidence]


def alternatives(chosen: Sign, others: Iterable[Sign]) -> tuple[str, ...]:
    """Return what else the text can be about, best first."""
    causes = [*chosen.also, *(sign.cause for sign in others)]
    for sign in others:
        causes += sign.also
    rest = dict.fromkeys(cause for cause in causes if cause != chosen.cause)
    return tuple(rest)[:MOST_ALTERNATIVES]


def _harmless(sign: Sign) -> bool:
    return sign.refusal is not None and sign.refusal.code in HARMLESS
