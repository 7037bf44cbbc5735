"""Understands sentences in which people tell a refusal: the ideas that stand together in one.

"The clock of the container lags" and "our timestamps drift" share no phrase and mean one thing. So
each word is taken for the idea that it stands for (`vocabulary`), and ideas that meet in one
sentence, or in one short text, point to a cause. Nothing here is more than likely, and it is read
only where no phrase, status or code says more.

To teach a way of telling, add its words to an idea, or its ideas to a rule.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, reduce
from operator import or_
from typing import NamedTuple

from sonde_core.explainer.choosing import sureness
from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.signs import Sign
from sonde_core.explainer.vocabulary import IDEAS
from sonde_core.findings import Confidence

LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE
READ = 4_000
"""Characters that are read: nobody tells more in sentences of their own."""
SHORT = 700
"""Characters of a text that is read as one sentence as well."""
WORD = re.compile(r"[^\W\d_\u2e80-\uffff]+(?:['-][^\W\d_\u2e80-\uffff]+)*")
WRITTEN = (
    (
        re.compile(
            r"(?<![a-z])[a-z0-9]{2,12}"
            r"(?:[/_-](?:usdt?|usdc|busd|btc|eth|bnb)|(?:usdt|busd|usdc))(?![a-z])"
        ),
        "SYMBOL",
    ),
    (re.compile(r"(?<![\w.])\d{1,3}x(?![\w])", re.A), "LEVER"),
)
"""Ideas that are told by how something is written: a market, how many times one's margin."""
SENTENCE = re.compile(r"[!?;\n]+|\.(?=\s|$|[^\x00-\x7f])")
PREFIX = 3
"""Letters by which prefixes are found."""


class Rule(NamedTuple):
    """Ideas that mean a cause where they stand together."""

    ideas: str
    cause: str
    confidence: Confidence
    also: tuple[str, ...]


ALSO: Mapping[str, tuple[str, ...]] = {
    "IP_RESTRICTION_OFF": ("KEY_INVALID", "PERMISSION_MISSING"),
    "ACCOUNT_RESTRICTED": ("PERMISSION_MISSING", "IP_BANNED", "GEO_RESTRICTED"),
    "IP_NOT_WHITELISTED": ("KEY_INVALID", "PERMISSION_MISSING", "IP_UNSTABLE"),
    "GEO_RESTRICTED": ("NETWORK_CONNECTION", "ACCOUNT_RESTRICTED", "WAF_BLOCKED", "IP_BANNED"),
    "IP_BANNED": ("RATE_LIMIT_WEIGHT", "IP_NOT_WHITELISTED", "WAF_BLOCKED", "KEY_INVALID"),
    "UNKNOWN_EXECUTION": (
        "NETWORK_TIMEOUT", "DUPLICATE_ORDER", "EXCHANGE_UNAVAILABLE", "ORDER_NOT_FOUND",
    ),
    "DUPLICATE_ORDER": ("UNKNOWN_EXECUTION",),
    "FILTER_VIOLATION": (
        "PARAMETER_INVALID", "ORDER_RATE_LIMIT", "INSUFFICIENT_BALANCE", "SYMBOL_INVALID",
    ),
    "ORDER_RATE_LIMIT": ("RATE_LIMIT_WEIGHT", "OTHER"),
    "RECV_WINDOW_LATENCY": ("CLOCK_BEHIND", "CLOCK_SKEW"),
    "CLOCK_SKEW": ("CLOCK_AHEAD", "CLOCK_BEHIND", "CLOCK_UNSYNCHRONIZED", "RECV_WINDOW_LATENCY"),
    "SIGNATURE_INVALID": ("PARAMETER_INVALID", "KEY_INVALID"),
    "MARGIN_INSUFFICIENT": ("INSUFFICIENT_BALANCE",),
    "INSUFFICIENT_BALANCE": ("MARGIN_INSUFFICIENT", "FILTER_VIOLATION", "OTHER"),
    "POSITION_MODE_MISMATCH": ("LEVERAGE_OR_MARGIN_MODE",),
    "LEVERAGE_OR_MARGIN_MODE": (
        "POSITION_MODE_MISMATCH", "MARGIN_INSUFFICIENT", "ACCOUNT_RESTRICTED",
    ),
    "WOULD_IMMEDIATELY_TRIGGER": ("FILTER_VIOLATION", "OTHER"),
    "REDUCE_ONLY_REJECTED": (
        "POSITION_MODE_MISMATCH", "ORDER_NOT_FOUND", "MARGIN_INSUFFICIENT", "OTHER",
    ),
    "PARAMETER_INVALID": ("OTHER", "SYMBOL_INVALID", "FILTER_VIOLATION"),
    "SYMBOL_INVALID": ("WRONG_ENVIRONMENT", "PARAMETER_INVALID"),
    "RATE_LIMIT_WEIGHT": ("IP_BANNED", "ORDER_RATE_LIMIT", "WAF_BLOCKED"),
    "WRONG_ENVIRONMENT": ("KEY_INVALID", "PERMISSION_MISSING", "IP_NOT_WHITELISTED"),
    "NETWORK_DNS": ("NETWORK_CONNECTION", "NETWORK_TIMEOUT"),
    "NETWORK_TLS": ("NETWORK_CONNECTION", "NETWORK_DNS"),
    "KEY_OLDER_THAN_FUTURES": ("PERMISSION_MISSING", "KEY_INVALID"),
    "KEY_INVALID": (
        "PERMISSION_MISSING", "IP_NOT_WHITELISTED", "WRONG_ENVIRONMENT", "SIGNATURE_INVALID",
    ),
    "CREDENTIALS_MISSING": ("KEY_INVALID",),
    "PERMISSION_MISSING": (
        "KEY_INVALID", "IP_NOT_WHITELISTED", "IP_RESTRICTION_OFF", "ACCOUNT_RESTRICTED",
    ),
    "NETWORK_CONNECTION": (
        "NETWORK_TIMEOUT", "NETWORK_DNS", "EXCHANGE_UNAVAILABLE", "GEO_RESTRICTED",
    ),
    "NETWORK_TIMEOUT": ("NETWORK_CONNECTION", "EXCHANGE_UNAVAILABLE"),
    "ORDER_NOT_FOUND": ("UNKNOWN_EXECUTION", "OTHER"),
    "EXCHANGE_OVERLOAD": ("EXCHANGE_UNAVAILABLE", "UNKNOWN_EXECUTION"),
    "EXCHANGE_UNAVAILABLE": ("EXCHANGE_OVERLOAD", "NETWORK_CONNECTION", "OTHER"),
}  # fmt: skip
"""What else a told cause may turn out to be, best first."""


def likely(cause: str, *ideas: str) -> Iterator[Rule]:
    """Yield the rules of meetings of ideas that leave little doubt."""
    return (Rule(them, cause, LIKELY, ALSO[cause]) for them in ideas)


def possibly(cause: str, *ideas: str, also: tuple[str, ...] = ()) -> Iterator[Rule]:
    """Yield the rules of meetings of ideas that only hint at a cause."""
    return (Rule(them, cause, POSSIBLE, also or ALSO[cause]) for them in ideas)


RULES = (
    # The surest first.
    *likely("IP_RESTRICTION_OFF", "KEY GONE BLOCK", "KEY GONE ADDRESS", "KEY GONE FREE_IP"),
    *likely("ACCOUNT_RESTRICTED", "ACCOUNT BAN"),
    *likely(
        "IP_NOT_WHITELISTED",
        "ADDRESS REMADE", "ADDRESS DYNAMIC", "ADDRESS ADD", "KEY ONLY HOST",
    ),
    *likely("GEO_RESTRICTED", "AMERICA BLOCK"),
    *likely("IP_NOT_WHITELISTED", "ADDRESS WRONG"),
    *likely("IP_BANNED", "ADDRESS BAN"),
    *likely("UNKNOWN_EXECUTION", "ORDER SENT SILENT NOT"),
    *likely("IP_BANNED", "BAN"),
    *likely("DUPLICATE_ORDER", "ORDER SAME ID"),
    *likely(
        "UNKNOWN_EXECUTION",
        "ORDER TIMEOUT FILLED", "ORDER LOST FILLED RETRY", "BUYS LOST SHOWED",
        "ORDER LOST SHOWED",
    ),
    *likely("FILTER_VIOLATION", "OPENS LIMIT", "OPENS MANY"),
    *likely("ORDER_RATE_LIMIT", "ORDER MANY PER", "ORDER LIMIT PER"),
    *likely("RECV_WINDOW_LATENCY", "WINDOW LATE"),
    *likely(
        "CLOCK_SKEW",
        "CLOCK APART", "CLOCK BEHIND", "CLOCK AHEAD", "CLOCK WRONG", "TIME APART",
        "TIME CHANGE BEHIND", "TIME CHANGE AHEAD",
    ),
    *likely("SIGNATURE_INVALID", "SIGN WRONG", "SIGN ENCODED"),
    *likely("MARGIN_INSUFFICIENT", "MARGIN LACK", "MARGIN NOT ENOUGH"),
    *likely(
        "INSUFFICIENT_BALANCE",
        "MONEY LACK", "MONEY NOT ENOUGH", "BEYOND", "MONEY LESS NEED", "MONEY NOT LEFT",
        "MONEY BUYS ONLY",
    ),
    *likely("MARGIN_INSUFFICIENT", "MARGIN NOT LEFT"),
    *likely("POSITION_MODE_MISMATCH", "HEDGE MODE", "POSITION MODE SINGLE"),
    *likely(
        "LEVERAGE_OR_MARGIN_MODE",
        "LEVER NOT PERMIT", "LEVER BOUND", "LEVER CHANGE", "MARGIN MODE CHANGE",
    ),
    *likely("WOULD_IMMEDIATELY_TRIGGER", "STOP PRICE WRONG", "STOP PRICE ACROSS"),
    *likely("REDUCE_ONLY_REJECTED", "POSITION NOT EXIST", "REDUCE"),
    *likely("FILTER_VIOLATION", "QUANTITY DIGITS", "PRICE DIGITS", "PRICE FAR", "QUANTITY BOUND"),
    *possibly("FILTER_VIOLATION", "PRICE BOUND", "ORDER BOUND"),
    *likely(
        "PARAMETER_INVALID",
        "TYPE NOT EXIST", "ORDER ALGO", "TYPE NOT PARAM", "INTERVAL WRONG", "INTERVAL NOT EXIST",
        "PARAM NOT SENT",
    ),
    *likely("SYMBOL_INVALID", "SYMBOL NAMED", "SYMBOL NOT EXIST", "SYMBOL ABSENT", "SYMBOL WRONG"),
    *likely("ORDER_RATE_LIMIT", "ORDER MANY LIMIT"),
    *likely("PARAMETER_INVALID", "PARAM NOT BOUND", "PARAM OMITTED"),
    *likely(
        "RATE_LIMIT_WEIGHT",
        "RATE POLL PER", "MANY POLL", "MANY LIMIT", "MANY REQUEST", "LIMIT REQUEST", "LIMIT HIT",
        "WEIGHT LIMIT",
    ),
    *likely("WRONG_ENVIRONMENT", "KEY US COM"),
    *likely("NETWORK_DNS", "HOSTNAME NOT RESOLVE"),
    *likely("NETWORK_TLS", "CERT NOT TRUST"),
    *likely("WRONG_ENVIRONMENT", "KEY TEST REAL"),
    *likely("KEY_OLDER_THAN_FUTURES", "KEY REMADE PERMIT SCOPE OLD"),
    *likely("KEY_INVALID", "KEY PASTED", "API GONE"),
    *likely("WRONG_ENVIRONMENT", "KEY TEST"),
    *likely("KEY_INVALID", "KEY GONE"),
    *likely("CREDENTIALS_MISSING", "KEY REQUIRED", "KEY CONFIG SENT", "KEY SENT NOT"),
    *likely(
        "PERMISSION_MISSING",
        "PERMIT NOT SCOPE", "PERMIT NOT KEY", "PERMIT NOT ACCOUNT", "KEY SCOPE ONLY",
        "KEY SCOPE LOCKED", "API SCOPE ONLY", "PERMIT SCOPE KEY", "PERMIT SCOPE API",
    ),
    *likely("CREDENTIALS_MISSING", "KEY CONFIG NOT"),
    *likely("KEY_INVALID", "KEY NOT VALID", "KEY REFUSED", "KEY WRONG"),
    *likely("ACCOUNT_RESTRICTED", "ACCOUNT LOCKED"),
    *likely(
        "GEO_RESTRICTED",
        "PLACE BLOCK", "PLACE NOT PERMIT", "PLACE NOT EXIST", "AMERICA LIVES NOT",
    ),
    *possibly("GEO_RESTRICTED", "AMERICA LIVES"),
    *likely(
        "NETWORK_CONNECTION",
        "REACH DOWN", "REACH BREAKS", "CONNECT NOT VENUE", "STREAM BREAKS",
    ),
    *likely("NETWORK_TIMEOUT", "REQUEST SILENT NOT", "STREAM SILENT NOT"),
    *likely("ORDER_NOT_FOUND", "ORDER ABSENT", "ORDER CANCEL FILLED"),
    *likely("REDUCE_ONLY_REJECTED", "POSITION ABSENT"),
    *likely("ORDER_NOT_FOUND", "ORDER NOT EXIST"),
    *likely("UNKNOWN_EXECUTION", "ORDER LOST FILLED"),
    *likely("EXCHANGE_OVERLOAD", "OVERLOADED"),
    *likely("EXCHANGE_UNAVAILABLE", "VENUE DOWN"),
    *possibly("ORDER_RATE_LIMIT", "ORDER PER REFUSED"),
    *possibly("INSUFFICIENT_BALANCE", "BUYS FEE"),
    *possibly("PARAMETER_INVALID", "FROMTO"),
    *possibly("CLOCK_SKEW", "HOST PER AHEAD", "HOST PER BEHIND"),
    *possibly("ORDER_NOT_FOUND", "ORDER CANCEL TROUBLE"),
    *possibly("KEY_INVALID", "KEY WORKS TROUBLE"),
    *possibly("PERMISSION_MISSING", "API MONEY ORDER NOT"),
    *possibly("KEY_INVALID", "API WORKS TROUBLE", "KEY TROUBLE"),
    *possibly("REDUCE_ONLY_REJECTED", "POSITION NOT CLOSING"),
    *likely("ACCOUNT_RESTRICTED", "SYMBOL NOT PERMIT"),
    *likely("INSUFFICIENT_BALANCE", "MONEY ENOUGH"),
    *possibly("INSUFFICIENT_BALANCE", "MONEY NOT HAVE", "MONEY NEED HAVE", "MONEY TROUBLE"),
    *possibly("CLOCK_SKEW", "CHANGE MILLIS", "CLOCK TROUBLE"),
    *possibly("GEO_RESTRICTED", "PLACE WORKS", "PLACE TROUBLE"),
    *possibly("RATE_LIMIT_WEIGHT", "ADDRESS BOTS"),
    *possibly(
        "NETWORK_CONNECTION",
        "REACH CONFIG", "REACH WORKS", "REACH TROUBLE", "STREAM TROUBLE", "CONNECT TROUBLE",
    ),
    *possibly("FILTER_VIOLATION", "BUYS BOUND", "BUYS DIGITS", "QUANTITY TROUBLE"),
    *possibly("SIGNATURE_INVALID", "SIGN TROUBLE"),
    *possibly("IP_NOT_WHITELISTED", "ADDRESS TROUBLE"),
    *possibly("PERMISSION_MISSING", "PERMIT TROUBLE", "PERMIT SCOPE"),
    *possibly("MARGIN_INSUFFICIENT", "MARGIN TROUBLE"),
    *possibly("LEVERAGE_OR_MARGIN_MODE", "LEVER"),
    *possibly("POSITION_MODE_MISMATCH", "HEDGE"),
    *possibly("WRONG_ENVIRONMENT", "TEST TROUBLE"),
    *possibly("ORDER_NOT_FOUND", "ORDER CANCEL"),
    *possibly("NETWORK_DNS", "HOSTNAME TROUBLE"),
    *possibly("NETWORK_TLS", "CERT TROUBLE"),
    *possibly("SYMBOL_INVALID", "SYMBOL TROUBLE"),
    *possibly("PARAMETER_INVALID", "TYPE TROUBLE"),
    *possibly("RATE_LIMIT_WEIGHT", "WEIGHT HIT", "WEIGHT PER", "WEIGHT"),
    *possibly("ORDER_RATE_LIMIT", "ORDER RATE"),
    *possibly("INSUFFICIENT_BALANCE", "MONEY LOCKED", "MONEY MORE"),
    *possibly("REDUCE_ONLY_REJECTED", "POSITION CLOSING FILLED"),
    *possibly("DUPLICATE_ORDER", "ID SAME"),
    *possibly("ORDER_NOT_FOUND", "ORDER GONE"),
    *possibly("PARAMETER_INVALID", "PARAM ENCODED"),
    *possibly("CLOCK_SKEW", "TIME CHANGE", "CLOCK"),
    *possibly("MARGIN_INSUFFICIENT", "MARGIN"),
    *possibly("SIGNATURE_INVALID", "SIGN"),
    *possibly("NETWORK_TLS", "CERT"),
    *possibly("NETWORK_DNS", "HOSTNAME"),
    *possibly("KEY_INVALID", "API NOT EXIST", "KEY"),
    *possibly("IP_NOT_WHITELISTED", "ADDRESS"),
    *possibly("NETWORK_CONNECTION", "REACH", "STREAM"),
    *possibly(
        "OTHER",
        "POSITION TROUBLE",
        also=(
            "MARGIN_INSUFFICIENT", "POSITION_MODE_MISMATCH", "LEVERAGE_OR_MARGIN_MODE",
            "REDUCE_ONLY_REJECTED",
        ),
    ),
    *possibly(
        "OTHER",
        "ORDER TROUBLE",
        also=(
            "FILTER_VIOLATION", "INSUFFICIENT_BALANCE", "PARAMETER_INVALID", "PERMISSION_MISSING",
        ),
    ),
)  # fmt: skip


class _Vocabulary(NamedTuple):
    whole: Mapping[str, int]
    beginnings: Mapping[str, tuple[tuple[str, int], ...]]
    """Prefixes by their first letters."""
    anywhere: tuple[tuple[str, int], ...]
    """What stands in languages without gaps between words."""
    terms: tuple[tuple[str, int], ...]
    """What has several words."""
    written: tuple[tuple[re.Pattern[str], int], ...]
    rules: tuple[tuple[int, Rule], ...]


def told(text: Text) -> list[Sign]:
    """Return what the sentences of a text point to, the surest first.

    Ideas that meet in a short text, but in none of its sentences, point less surely.
    """
    lower = text.lower[:READ]
    known = _vocabulary()
    sentences = list(_sentences(lower, known))
    return sorted(_signs(sentences, known, short=len(lower) <= SHORT), key=sureness)


def _signs(
    sentences: Sequence[tuple[int, int]], known: _Vocabulary, *, short: bool
) -> Iterator[Sign]:
    together = reduce(or_, (ideas for _, ideas in sentences), 0)
    for mask, rule in known.rules:
        if together & mask != mask:
            continue
        at = next((at for at, ideas in sentences if ideas & mask == mask), None)
        if at is not None:
            yield Sign(at, rule.cause, rule.confidence, rule.also)
        elif short:
            yield Sign(0, rule.cause, POSSIBLE, rule.also)


def _sentences(lower: str, known: _Vocabulary) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins, and the ideas in it."""
    anywhere = [it for it in known.terms if it[0] in lower]
    if not lower.isascii():
        anywhere += [it for it in known.anywhere if it[0] in lower]
    start = 0
    for end, behind in (*(it.span() for it in SENTENCE.finditer(lower)), (len(lower), 0)):
        ideas = 0
        for word in WORD.findall(lower, start, end):
            ideas |= _ideas_of(word, known)
        for part, idea in anywhere:
            if lower.find(part, start, end) >= 0:
                ideas |= idea
        for written, idea in known.written:
            if written.search(lower, start, end):
                ideas |= idea
        if ideas:
            yield start, ideas
        start = behind


def _ideas_of(word: str, known: _Vocabulary) -> int:
    ideas = known.whole.get(word, 0)
    for beginning, idea in known.beginnings.get(word[:PREFIX], ()):
        if word.startswith(beginning):
            ideas |= idea
    if not ideas and ("-" in word or "'" in word):
        for part in re.split(r"['-]", word):
            ideas |= known.whole.get(part, 0)
    return ideas | (known.whole["n't"] if word.endswith("n't") else 0)


@cache
def _vocabulary() -> _Vocabulary:
    bits = {idea: 1 << place for place, idea in enumerate(IDEAS)}
    whole: defaultdict[str, int] = defaultdict(int)
    beginnings: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    anywhere: list[tuple[str, int]] = []
    terms: list[tuple[str, int]] = []
    for idea, words in IDEAS.items():
        for word in words.split():
            if "_" in word:
                terms.append((word.rstrip("*").replace("_", " "), bits[idea]))
            elif word.endswith("*"):
                beginnings[word[:PREFIX]].append((word[:-1], bits[idea]))
            elif word[0] >= "\u2e80":
                anywhere.append((word, bits[idea]))
            else:
                whole[word] |= bits[idea]
    return _Vocabulary(
        dict(whole),
        {letters: tuple(them) for letters, them in beginnings.items()},
        tuple(anywhere),
        tuple(terms),
        tuple((written, bits[idea]) for written, idea in WRITTEN),
        tuple((sum(bits[idea] for idea in rule.ideas.split()), rule) for rule in RULES),
    )
