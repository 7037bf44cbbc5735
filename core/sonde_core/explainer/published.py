"""Finds the exchange's published errors in a text: codes, messages, and both together.

| what stands there                                    | confidence                              |
| ---------------------------------------------------- | --------------------------------------- |
| a code and the message published for it              | confirmed                               |
| a code in a code's place, all readings of one cause  | confirmed                               |
| a whole message that is nobody else's, without code  | confirmed; a short one likely where     |
|                                                      | Binance is not named                    |
| a code in a code's place, readings of several causes | likely                                  |
| a code beside words that are not published for it    | likely where Binance is not named       |
| any of these that means OTHER: none of the causes    | likely                                  |
| the beginning of a message, or a short one           | likely                                  |
| a bare number that is a code                         | likely where Binance is named, else     |
|                                                      | possible                                |
| a code of another's: of a database, of Apple's network | none                                    |
| any of these where the words stand for another cause | at most likely; for several others, as  |
| as well                                              | -2015 does, possible                    |
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from functools import cache
from typing import NamedTuple

from sonde_core.explainer.cleaning import Text, clean
from sonde_core.explainer.foreign import DATABASES
from sonde_core.explainer.informal import INFORMAL
from sonde_core.explainer.labels import ERRORS
from sonde_core.explainer.lexicon import heard
from sonde_core.explainer.signs import Sign
from sonde_core.explainer.speaker import Speaker
from sonde_core.explainer.tongues import TONGUES
from sonde_core.explainer.wording import REPEATED, Mention, broken_in, mentions
from sonde_core.findings import Confidence
from sonde_core.refusals import Refusal, Surface, by_message, by_name, meanings
from sonde_core.refusals.table import table

SHORTEST, LONGEST = 4, 5
"""Digits of a code."""
FOLLOWS = re.compile(
    r"[\w\-%]|[.,:]\d| ?(?:[a-z]?usd|btc|eth\b|bnb\b|eur|ms\b|dollar|bucks|yuan|"
    r"points?\b|pips?\b|元|美元|美金|刀)",
    re.A,
)
"""What follows a number that is no code: it is a date, a share, an amount, part of a name."""
LABEL = re.compile(rf"(?:{ERRORS})(?: is)?[^\w\-{{}}\n]{{0,6}}$", re.A)
WIDEST_LABEL = 20
AMOUNT = re.compile(
    r"(?:pnl|profits?|loss(?:es)?|lost|earn(?:ed|ings)?|gain(?:ed|s)?|drawdown|equity|won|paid|made|"
    r"盈亏|亏损?|利润|收益|赚了?|回撤)[^\d\n]{0,12}$",
    re.A,
)
"""What stands before an amount of money."""
WIDEST_AMOUNT = 24
ANOTHERS = "domain"
"""Apple's systems have codes of their own, each in its domain: `NSURLErrorDomain Code=-1003`."""
BEFORE_MESSAGE = re.compile(
    r"(?<![\w.-])(-?\d{1,9})[^\w\n]{1,12}(?:(?:msg|message)[^\w\n]{1,6})?$", re.A
)
"""The code that a message stands behind. Some are too short to be looked for anywhere else."""
WIDEST_BEFORE = 32
LABEL_BEHIND = re.compile(
    r"[\"'`)\]]{0,2} ?的?(?:(?:api |binance )?err(?!ors)|code|错误|报错|代码|エラー|오류|에러|"
    r"ошибк|fehler)",
    re.A,
)
FOUR_DIGITS = range(2000, 10000)
"""Lower ones without a minus also tell why a WebSocket was closed; longer ones are others'."""
DASHES = ("-", "- ")
DASH = 2
"""How many characters the longer of them has."""
WORDY = re.compile(r"\w", re.A)
NO_SIGN_BEHIND = frozenset("/:+-")
"""A dash behind one of these joins words or is part of a path."""
MESSAGE = re.compile(
    r"[^\w\n}\u0080-\uffff]{0,8}"
    r"(?:(?:msg|message|error_message|error_msg|reason|desc)[^\w\n}\u0080-\uffff]{0,6})?"
    r"(?P<message>[^\n}]{0,160})",
    re.A,
)
"""What follows a code: its message, perhaps with a label."""
LETTERED = re.compile(r"[a-z]{3,}")
SENTENCE = 2
"""How many words beside a code say something of their own."""
NEAR = 600
"""How far a message may stand from its code, in characters."""
BESIDE = 40
"""How far behind a code a message of another code is taken for its own, in characters."""
MANY = 2
"""Rivals from which on a cause is only possible."""
GENERAL = frozenset({"CLOCK_SKEW"})
"""Causes that only say less than another one: they are no rivals."""
ENOUGH_ALONE = 5
"""Words that no other exchange says by chance, where Binance is not named."""
FEW = 3
"""Words that suffice where they stand by themselves, as a program prints a message."""
VAGUE = 3
"""Causes from which on a code says little without its message."""
MOST_ASKED = frozenset({-1021, -1022, -2010, -2014, -2015, -2019, -4061, -4164})
"""Codes that are meant even where the minus and the message are lost."""


NAME = re.compile(r"(?<![\w\-/])[A-Z][A-Z0-9]{1,24}(?:_[A-Z0-9]{1,24}){1,8}(?![\w=])", re.A)


class Code(NamedTuple):
    """A number that is a published error code."""

    at: int
    end: int
    value: int
    labelled: bool
    """It stands where codes stand; a bare number may be an amount."""
    unsigned: bool
    """Its minus is lost: other things have such numbers too, as why a WebSocket was closed."""


class Meaning(NamedTuple):
    """What the exchange publishes for some words."""

    rows: tuple[Refusal, ...]
    """Best first."""
    causes: tuple[str, ...]
    """Of all of them, with what else they stand for."""
    rivals: int
    """How many of the causes contradict the first."""
    readings: tuple[Refusal, ...]
    """The rows behind the first, as far as they have titles of their own."""


def published(text: Text, who: Speaker) -> list[Sign]:
    """Find the published errors that Binance said."""
    lower = text.lower
    said, codes = mentions(lower), list(_codes(text))
    if who.places:
        said = [it for it in said if not who.said_by_another(it.at, lower)]
        codes = [it for it in codes if not who.said_by_another(it.at, lower)]
    places = [it.at for it in said]
    told = {code.value for code in codes}
    signs = [_coded(code, _around(code, said, places), told, lower, who) for code in codes]
    signs += [_worded(it, lower, who) for it in said if it.message.codes.isdisjoint(told)]
    if not signs and not who.said_by_another(0, lower):
        signs += [_cut_off_before(text, who)]
    if "_" in lower:
        signs += [it for it in _named(text, who) if it.refusal and it.refusal.code not in told]
    return [sign for sign in signs if sign]


def _cut_off_before(text: Text, who: Speaker) -> Sign | None:
    """Read the rest of a message at the beginning of a text."""
    template = broken_in(text.plain)
    if template is None:
        return None
    return _sign(0, _meant(None, template, who.surface), Confidence.LIKELY, code=None)


def _named(text: Text, who: Speaker) -> Iterator[Sign]:
    """Read the published names of errors, as programs print and compare them."""
    known = table().by_name
    seen: set[str] = set()
    for match in NAME.finditer(text.plain):
        name = match[0]
        if (
            name in known
            and name not in seen
            and not who.said_by_another(match.start(), text.lower)
        ):
            seen.add(name)
            rows = by_name(name, who.surface)
            sure = (
                Confidence.POSSIBLE if len({row.cause for row in rows}) > 1 else Confidence.LIKELY
            )
            sign = _sign(match.start(), _meaning(rows), sure, code=None, firm=False)
            if sign:
                yield sign


def _codes(text: Text) -> Iterator[Code]:
    lower, known, end = text.lower, table().by_code, 0
    seen: dict[int, int] = {}
    for number in text.numbers:
        if len(number) < SHORTEST:
            continue
        start = lower.find(number, end)
        end = start + len(number)
        if len(number) > LONGEST:
            continue
        value = int(number)
        if (value not in known and -value not in known) or FOLLOWS.match(lower, end):
            continue
        dash = lower[max(0, start - DASH) : start].endswith(DASHES)
        start = lower.rindex("-", 0, start) if dash else start
        unsigned = not dash and value not in known
        value = -value if dash or unsigned else value
        before = lower[start - 1 : start]
        if value not in known or before == "." or WORDY.match(before):
            continue
        if ANOTHERS in lower[max(0, start - WIDEST_LABEL) : start]:
            continue
        labelled = _called_an_error(lower, start, end)
        if labelled or (dash and before not in NO_SIGN_BEHIND and not _amount(lower, start)):
            seen[value] = seen.get(value, 0) + 1
            if seen[value] <= REPEATED:
                yield Code(start, end, value, labelled=labelled, unsigned=unsigned)


def _amount(lower: str, start: int) -> bool:
    """Tell whether a number is an amount of money by what stands before it."""
    return AMOUNT.search(lower, max(0, start - WIDEST_AMOUNT), start) is not None


def _called_an_error(lower: str, start: int, end: int) -> bool:
    """Tell whether a number is called a code or an error, before it or behind it."""
    before = LABEL.search(lower, max(0, start - WIDEST_LABEL), start)
    return before is not None or LABEL_BEHIND.match(lower, end) is not None


def _around(code: Code, said: Sequence[Mention], places: Sequence[int]) -> Sequence[Mention]:
    """Return the messages near a code; to look at each for each code would take a square's time."""
    return said[bisect_left(places, code.at - NEAR) : bisect_right(places, code.at + NEAR)]


def _coded(
    code: Code, said: Sequence[Mention], told: Set[int], lower: str, who: Speaker
) -> Sign | None:
    """Read a code, together with the nearest message around it that is published for it.

    Failing that with the message behind it, unless the code of that one is among all that are told.
    """
    near = [it for it in said if code.value in it.message.codes]
    if not near:
        beside = [it for it in said if 0 <= it.at - code.end <= BESIDE and it.telling]
        if beside and beside[0].message.codes.isdisjoint(told):
            return _with_another(code, beside[0], who.surface)
        return _without_message(code, lower, who)
    nearest = min(near, key=lambda it: abs(it.at - code.at))
    at = min(code.at, nearest.at)
    meant = _meant(code.value, nearest.message.template, who.surface)
    if nearest.telling:
        return _sign(at, meant, Confidence.CONFIRMED, code=code.value, said=nearest)
    meant = _meaning((*meant.rows, *_meant(code.value, "", who.surface).rows))
    return _sign(at, meant, Confidence.LIKELY, code=code.value)


def _with_another(code: Code, beside: Mention, surface: Surface | None) -> Sign | None:
    """Read a code with a message that is published for another one, or for none."""
    meant = _meant(None, beside.message.template, surface)
    agreed = {row.cause for row in (*meant.rows, *_meant(code.value, "", surface).rows)}
    sure = Confidence.CONFIRMED if len(agreed) == 1 else Confidence.LIKELY
    return _sign(code.at, meant, sure, code=code.value, said=beside)


def _without_message(code: Code, lower: str, who: Speaker) -> Sign | None:
    """Read a code whose message is missing, or is none that is published."""
    if code.unsigned and code.value not in MOST_ASKED and -code.value not in FOUR_DIGITS:
        return None
    match = MESSAGE.match(lower, code.end)
    message = match["message"].strip(" \t\"'`,;)]") if match else ""
    firm = code.labelled and not code.unsigned
    sign = _sign(
        code.at,
        _meaning(meanings(code.value, message, who.surface)),
        _sureness(code, message, who, firm=firm),
        code=code.value,
        firm=firm,
    )
    if sign is None or not message:
        return sign
    beside = clean(message)
    words = heard(beside)
    if DATABASES.signs(beside.lower, words):
        return None
    vague = _says_little(code.value)
    if not (sign.also or vague):
        return sign
    told = [*INFORMAL.signs(beside.lower, words), *TONGUES.signs(beside.lower, words)]
    return _in_own_words(sign, told, vague=vague)


def _sureness(code: Code, message: str, who: Speaker, *, firm: bool) -> Confidence:
    """Tell how surely a code says what it is published for, by itself."""
    if not firm:
        return Confidence.LIKELY if who.named else Confidence.POSSIBLE
    otherwise = not who.named and len(LETTERED.findall(message)) >= SENTENCE
    foreign = code.value > 0 and not who.named
    return Confidence.LIKELY if otherwise or foreign else Confidence.CONFIRMED


def _in_own_words(sign: Sign, described: Sequence[Sign], *, vague: bool) -> Sign:
    """Let the words beside a code choose among what it stands for, or say it for a vague one."""
    for words in described:
        if words.cause in sign.also:
            also = (sign.cause, *(cause for cause in sign.also if cause != words.cause))
            return sign._replace(cause=words.cause, also=also)
    if vague and described:
        return described[0]._replace(at=sign.at, code=sign.code, firm=sign.firm)
    return sign


@cache
def _says_little(code: int) -> bool:
    """Whether a code stands for many things, so that the words beside it decide."""
    return len({row.causes[0] for row in table().by_code[code]}) >= VAGUE


def _worded(mention: Mention, lower: str, who: Speaker) -> Sign | None:
    """Read a message whose code is lost, or so short that nothing but the message proves it."""
    code = _code_before(mention, lower)
    meant = _meant(code, mention.message.template, who.surface)
    distinct = mention.message.distinct or code is not None
    if mention.telling:
        own = (
            code is not None
            or who.named
            or mention.literal >= ENOUGH_ALONE
            or "_" in mention.message.template
        )
        whole = mention.alone and mention.literal >= FEW
        sure = Confidence.CONFIRMED if (distinct and own) or whole else Confidence.LIKELY
        return _sign(mention.at, meant, sure, code=code, said=mention, firm=distinct or whole)
    sure = Confidence.LIKELY if mention.cut_off else Confidence.POSSIBLE
    return _sign(mention.at, meant, sure, code=code, firm=mention.cut_off)


def _code_before(mention: Mention, lower: str) -> int | None:
    """Return the code right before a message that is published for it."""
    match = BEFORE_MESSAGE.search(lower, max(0, mention.at - WIDEST_BEFORE), mention.at)
    code = int(match[1]) if match else None
    return code if code in mention.message.codes else None


@cache
def _meant(code: int | None, template: str, surface: Surface | None) -> Meaning:
    if code is None:
        return _meaning(by_message(template, surface))
    return _meaning(meanings(code, template, surface))


def _meaning(rows: Sequence[Refusal]) -> Meaning:
    causes = dict.fromkeys(cause for row in rows for cause in (row.cause, *row.also))
    rivals = set(tuple(causes)[1:]) - GENERAL
    readings = tuple([row for row in rows[1:] if row.title])
    return Meaning(tuple(rows), tuple(causes), len(rivals), readings)


def _sign(
    at: int,
    meant: Meaning,
    sure: Confidence,
    *,
    code: int | None,
    said: Mention | None = None,
    firm: bool = True,
) -> Sign | None:
    """Make a sign of what was published, less sure where the words stand for several causes."""
    if not meant.rows:
        return None
    if meant.rivals >= MANY:
        sure = Confidence.POSSIBLE
    elif sure is Confidence.CONFIRMED and (meant.rivals or meant.causes[0] == "OTHER"):
        sure = Confidence.LIKELY
    return Sign(
        at=at,
        cause=meant.causes[0],
        confidence=sure,
        also=meant.causes[1:],
        refusal=meant.rows[0],
        readings=meant.readings,
        words=(said.at, said.end) if said else None,
        code=code,
        firm=firm,
    )
