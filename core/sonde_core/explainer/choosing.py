"""Chooses the root among the signs of one kind.

| signs                                     | the root                                            |
| ----------------------------------------- | --------------------------------------------------- |
| firm ones and doubtful ones               | a firm one                                          |
| a harmless refusal and another            | the other: "no need to change" stops nothing        |
| behind a last `Caused by:` (Java)         | the first one there: the causes are told downwards  |
| a limit, and later the ban for it         | the ban: that is what holds now                     |
| "X after Y", "X because of Y"             | Y: it came first, though it is told last            |
| several others                            | the first: what follows are its echoes ("During     |
|                                           | handling of the above exception")                   |
| several rows of broken paths              | the row that says most, wherever it stands          |
"""

from collections.abc import Iterable, Mapping, Sequence

from sonde_core.explainer.signs import Sign
from sonde_core.findings import Confidence

MOST_ALTERNATIVES = 4
ESCALATES = {"RATE_LIMIT_WEIGHT": "IP_BANNED"}
NEIGHBOURS: Mapping[str, tuple[str, ...]] = {
    "IP_NOT_WHITELISTED": ("KEY_INVALID", "PERMISSION_MISSING", "WRONG_ENVIRONMENT"),
    "PERMISSION_MISSING": ("ACCOUNT_RESTRICTED", "IP_NOT_WHITELISTED", "KEY_INVALID"),
    "KEY_INVALID": ("IP_NOT_WHITELISTED", "WRONG_ENVIRONMENT", "PERMISSION_MISSING"),
    "SIGNATURE_INVALID": ("KEY_INVALID", "PERMISSION_MISSING", "PARAMETER_INVALID"),
    "ACCOUNT_RESTRICTED": ("PERMISSION_MISSING", "EXCHANGE_UNAVAILABLE", "GEO_RESTRICTED"),
    "RATE_LIMIT_WEIGHT": ("IP_BANNED", "ORDER_RATE_LIMIT", "WAF_BLOCKED"),
    "IP_BANNED": ("RATE_LIMIT_WEIGHT", "WAF_BLOCKED", "KEY_INVALID"),
    "CLOCK_SKEW": ("CLOCK_BEHIND", "CLOCK_AHEAD", "RECV_WINDOW_LATENCY"),
    "CLOCK_BEHIND": ("CLOCK_SKEW", "RECV_WINDOW_LATENCY", "CLOCK_AHEAD"),
    "NETWORK_TIMEOUT": ("NETWORK_CONNECTION", "NETWORK_DNS", "GEO_RESTRICTED"),
    "NETWORK_CONNECTION": ("NETWORK_TIMEOUT", "NETWORK_DNS", "NETWORK_TLS"),
    "EXCHANGE_UNAVAILABLE": ("EXCHANGE_OVERLOAD", "UNKNOWN_EXECUTION", "OTHER"),
    "UNKNOWN_EXECUTION": ("EXCHANGE_UNAVAILABLE", "EXCHANGE_OVERLOAD", "NETWORK_TIMEOUT"),
    "INSUFFICIENT_BALANCE": ("MARGIN_INSUFFICIENT", "FILTER_VIOLATION"),
    "MARGIN_INSUFFICIENT": ("INSUFFICIENT_BALANCE", "LEVERAGE_OR_MARGIN_MODE"),
    "FILTER_VIOLATION": ("PARAMETER_INVALID", "INSUFFICIENT_BALANCE", "SYMBOL_INVALID"),
    "PARAMETER_INVALID": ("FILTER_VIOLATION", "SYMBOL_INVALID", "OTHER"),
    "SYMBOL_INVALID": ("WRONG_ENVIRONMENT", "PARAMETER_INVALID", "EXCHANGE_UNAVAILABLE"),
}
"""What else an unsure cause may turn out to be, where the text itself offers too little."""
CAUSED_BY = "caused by:"
BACKWARDS = (" after ", " because ", " due to ", " caused by ", " following ", "因为", "由于")
"""Words behind which stands what came first."""
ASIDE = 160
"""How far apart the two stand at most, in characters."""
SURENESS = {Confidence.CONFIRMED: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


def root(signs: Sequence[Sign], lower: str) -> Sign:
    """Choose among what the exchange said."""
    if len(signs) == 1:
        return signs[0]
    held = [sign for sign in signs if sign.firm] or list(signs)
    held = [sign for sign in held if not _harmless(sign)] or held
    below = lower.rfind(CAUSED_BY)
    if below >= 0:
        held = [sign for sign in held if sign.at > below] or held
    first = min(held, key=lambda sign: sign.at)
    worse = [sign for sign in held if sign.cause == ESCALATES.get(first.cause)]
    if worse:
        return worse[0]
    first = earliest(first, held, lower)
    others = {sign.cause for sign in held} - {first.cause, *first.also}
    return less_sure(first) if others else first


def less_sure(sign: Sign) -> Sign:
    """Return a sign that is not beyond doubt."""
    if sign.confidence is Confidence.CONFIRMED:
        return sign._replace(confidence=Confidence.LIKELY)
    return sign


def earliest(chosen: Sign, signs: Iterable[Sign], lower: str) -> Sign:
    """Return what came before the chosen one, where the text tells so behind it."""
    for sign in signs:
        if ESCALATES.get(sign.cause) == chosen.cause:
            continue
        if sign.cause != chosen.cause and chosen.at < sign.at <= chosen.at + ASIDE:
            between = lower[chosen.at : sign.at]
            if "\n" not in between and any(word in between for word in BACKWARDS):
                return sign
    return chosen


def sureness(sign: Sign) -> int:
    """Return the rank of a sign: the surer, the lower."""
    return SURENESS[sign.confidence]


def alternatives(chosen: Sign, others: Sequence[Sign]) -> tuple[str, ...]:
    """Return what else the text can be about, best first."""
    causes = [*chosen.also, *[sign.cause for sign in others]]
    causes += [cause for sign in others for cause in sign.also]
    told = chosen.words and chosen.refusal and chosen.refusal.title
    if chosen.confidence is not Confidence.CONFIRMED and not told:
        causes += NEIGHBOURS.get(chosen.cause, ())
    rest = dict.fromkeys(causes)
    rest.pop(chosen.cause, None)
    return tuple(rest)[:MOST_ALTERNATIVES]


def _harmless(sign: Sign) -> bool:
    return sign.refusal is not None and sign.refusal.harmless
