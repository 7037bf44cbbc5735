"""Finds the root cause in the text of a failure, however it was sent.

A text is taken out of its wrappings (`cleaning`), it is found out who said it (`speaker`), and the
first kind of sign that it holds decides:

| the text holds                                          | the cause                              |
| ------------------------------------------------------- | -------------------------------------- |
| a published code or message of Binance's (`published`)  | what is published for it; of several   |
|                                                         | the root (`choosing`); behind a broken |
|                                                         | path the path, where it is its echo    |
| the name or the shape of another exchange (`foreign`)   | OTHER                                  |
| a refusal of the machine itself (`foreign`)             | OTHER                                  |
| an answer or a path of somebody else's (`elsewhere`)    | OTHER                                  |
| a telling status or page: 418, 451, 5xx (`statuses`)    | what it means                          |
| a broken path (`network`)                               | the row that says most                 |
| a bare number or few words that may be published        | what is published for them             |
| a client's class of errors (`clients`)                  | what the class stands for              |
| an answer that was no JSON (`foreign`)                  | EXCHANGE_UNAVAILABLE, possible         |
| a program's own mistake (`foreign`)                     | OTHER                                  |
| somebody's words (`prose`, `informal`, `tongues`), or   | the surest of them                     |
| a bare 400, 401, 403                                    |                                        |
| no answer worth the name (`foreign`)                    | EXCHANGE_UNAVAILABLE, possible         |
| nothing of all that                                     | OTHER, possible                        |

What the signs of later kinds say becomes alternatives. *Confirmed* comes only from a published code
or message, a ban that names its end, a status that means one thing, the resolver's own words of a
path to Binance, another exchange's own shape of answer, or what an interpreter or a client says of
the program itself; never where several errors could be the root, and neither from a path nor from a
bare status where the text does not name Binance: other servers answer 451, too.
"""

from sonde_core.explainer.choosing import alternatives, earliest, less_sure, root, sureness
from sonde_core.explainer.cleaning import Text, clean
from sonde_core.explainer.clients import CLIENTS
from sonde_core.explainer.elsewhere import called_another
from sonde_core.explainer.explanation import Explanation, Facts
from sonde_core.explainer.facts import facts
from sonde_core.explainer.foreign import AROUND, BUGS, LOCAL, NO_ANSWER, NOT_JSON, printed, shapes
from sonde_core.explainer.informal import INFORMAL
from sonde_core.explainer.lexicon import heard
from sonde_core.explainer.network import broken_paths
from sonde_core.explainer.published import published
from sonde_core.explainer.signs import Sign, holds
from sonde_core.explainer.speaker import Speaker, speaker
from sonde_core.explainer.statuses import UNSETTLED, Status, answered, statuses
from sonde_core.explainer.tongues import TONGUES
from sonde_core.findings import Confidence

__all__ = ["Explanation", "Facts", "explain"]


def explain(raw: str) -> Explanation:
    """Find the root cause in a text, with what else it can be and the facts that it names.

    Never raises, whatever the text. One without any sign is OTHER.
    """
    text = clean(raw)
    who = speaker(text)
    found = statuses(text)
    signs = _signs(text, who, found)
    chosen = signs[0]
    return Explanation(
        cause=chosen.cause,
        confidence=chosen.confidence,
        alternatives=alternatives(chosen, signs[1:]),
        facts=facts(
            text,
            code=chosen.code,
            found=found,
            surface=who.surface,
        ),
        refusal=chosen.refusal,
        readings=chosen.readings,
        words=_words(text.plain, chosen),
    )


def _words(plain: str, chosen: Sign) -> str:
    """Return what decided, in the text's own words."""
    if chosen.words:
        return plain[slice(*chosen.words)]
    if chosen.refusal or chosen.at < 0:
        return ""
    start = max(plain.rfind("\n", 0, chosen.at) + 1, chosen.at - BESIDE)
    end = plain.find("\n", chosen.at, chosen.at + BESIDE)
    return plain[start : end if end >= 0 else chosen.at + BESIDE].strip()


def _signs(text: Text, who: Speaker, found: list[Status]) -> list[Sign]:
    """Return the signs of a text, the one that decides first."""
    lower = text.lower
    errors = published(text, who)
    if any(sign.firm for sign in errors) and not _only_alike(text, who, errors):
        chosen = _in_its_setting(root(errors, lower), who, found)
        if chosen.cause in ECHOES:
            chosen = _behind_a_broken_path(chosen, text, who, found)
        return [chosen, *(sign for sign in errors if sign.cause != chosen.cause)]
    return _unpublished(text, who, found, errors)


def _in_its_setting(sign: Sign, who: Speaker, found: list[Status]) -> Sign:
    """Read a published error by what stands around it."""
    if sign.cause == "RATE_LIMIT_WEIGHT" and any(status.value == BANNED for status in found):
        return sign._replace(cause="IP_BANNED", also=("RATE_LIMIT_WEIGHT",))
    if who.testnet and "WRONG_ENVIRONMENT" in sign.also:
        also = (sign.cause, *(cause for cause in sign.also if cause != "WRONG_ENVIRONMENT"))
        return sign._replace(cause="WRONG_ENVIRONMENT", also=also)
    return sign


def _behind_a_broken_path(echo: Sign, text: Text, who: Speaker, found: list[Status]) -> Sign:
    """Return the broken path before an echo, if there is one: it is the root.

    An order whose answer was lost may stand. That the exchange then does not know it, or knows it
    already, says nothing of the first one.
    """
    lower, words = text.lower, heard(text)
    lost = [UNSETTLED.sign(status.at) for status in found if status.value in UNANSWERED]
    broken = [
        sign
        for sign in (*broken_paths(text, words), *lost)
        if sign.at < echo.at and not who.said_by_another(sign.at, lower)
    ]
    if not broken or called_another(broken, lower, words, named=who.named):
        return echo
    path = broken[0]
    if path.cause in NEVER_SENT:
        also = (echo.cause, *path.also)
        return path._replace(confidence=Confidence.LIKELY, also=also, code=echo.code)
    also = tuple(dict.fromkeys((echo.cause, path.cause, *path.also)))
    also = tuple(cause for cause in also if cause != UNSETTLED.cause)
    return UNSETTLED.sign(path.at)._replace(also=also, code=echo.code)


ECHOES = frozenset({"ORDER_NOT_FOUND", "DUPLICATE_ORDER"})
"""What the exchange answers when an engine asks again after an answer that was lost."""
TOLD_BY_CLIENTS = ("request failed with status", "restricted location")
"""Sentences of clients, and of Binance's own: nobody's web site is spoken of so."""
BINANCES = frozenset({"GEO_RESTRICTED", "IP_BANNED"})
"""What such a sentence tells of Binance; any server can be down."""
UNANSWERED = frozenset({408, *range(500, 600)})
"""Statuses that say nothing of the order."""
NEVER_SENT = frozenset({"NETWORK_DNS", "NETWORK_TLS", "CLOCK_AHEAD", "CLOCK_BEHIND", "CLOCK_SKEW"})
"""Causes of a path that broke before anything was sent over it."""
BANNED = 418
UNAUTHORIZED, LIMITED = 401, frozenset({418, 429})
OF_LIMITS = frozenset({"RATE_LIMIT_WEIGHT", "ORDER_RATE_LIMIT"})
BESIDE = 60
"""How much of a line is kept on each side of what decided, in characters."""
NOTHING = Sign(at=-1, cause="OTHER", confidence=Confidence.POSSIBLE)
UNKNOWN = NOTHING._replace(also=("EXCHANGE_UNAVAILABLE", "PARAMETER_INVALID", "NETWORK_CONNECTION"))
"""Binance or a failure is named, and nothing tells what it was about."""
FAILURE = (
    "error",
    "fail",
    "exception",
    "unable",
    "stops",
    "stopped",
    "错误",
    "失败",
    "报错",
    "异常",
)


ELSEWHERE = NOTHING._replace(confidence=Confidence.LIKELY)


def _only_alike(text: Text, who: Speaker, errors: list[Sign]) -> bool:
    """Tell whether another exchange said, in its own shape, words that Binance publishes too."""
    if who.named or "{" not in text.lower or any(sign.code is not None for sign in errors):
        return False
    return bool(shapes(text, heard(text)))


def _unpublished(text: Text, who: Speaker, found: list[Status], doubtful: list[Sign]) -> list[Sign]:
    """Return what a text without a published error, or with doubtful ones, points to."""
    lower, words = text.lower, heard(text)

    def by_binance(signs: list[Sign]) -> list[Sign]:
        return [sign for sign in signs if not who.said_by_another(sign.at, lower)]

    spared = BINANCES if holds(lower, TOLD_BY_CLIENTS) else frozenset()
    answers = _of_binance_alone(by_binance(answered(text, words, found)), who, spared)
    telling = sorted(_beyond_possible(answers), key=sureness)
    broken = broken_paths(text, words)
    paths = _of_binance_alone(by_binance(broken), who)
    classes = _possible_at_all(CLIENTS.signs(lower, words), found)
    told_so = _directed([*INFORMAL.signs(lower, words), *TONGUES.signs(lower, words)], lower)
    described = [*classes, *_possible_at_all(told_so, found), *answers]
    described.sort(key=sureness)
    other = shapes(text, words)
    if LOCAL.signs(lower, words):
        return [ELSEWHERE]
    failed = [*answers, *broken, *classes]
    alien = who.foreign or (other and not who.named)
    if alien or called_another(failed, lower, words, named=who.named):
        theirs = bool(other) and other[0].confidence is Confidence.CONFIRMED and not who.named
        sure = (theirs or who.foreign) and printed(lower)
        spoken = ELSEWHERE._replace(confidence=Confidence.CONFIRMED) if sure else ELSEWHERE
        return [spoken, *(sign._replace(also=()) for sign in failed)]
    surest = [*telling, *paths, *_beyond_possible([*doubtful, *classes])]
    prose = _prose(text, described) if not surest or surest[0].cause in LEFT_OPEN else []
    prose = _possible_at_all(prose, found)
    ranked = [
        *(sign for sign in prose[:1] if surest and sign.cause == "UNKNOWN_EXECUTION"),
        *surest,
        *_agreed(doubtful, [*prose, *described]),
        *BUGS.signs(lower, words),
        *_beyond_possible(prose),
        *_beyond_possible(described),
        *NOT_JSON.signs(lower, words),
        *described,
        *doubtful,
        *prose,
        *AROUND.signs(lower, words),
        *NO_ANSWER.signs(lower, words),
        *other,
        UNKNOWN if who.named or holds(lower, FAILURE) else NOTHING,
    ]
    first = ranked[0]
    if first.code is None:
        first = earliest(first, _beyond_possible(ranked[1:]), lower)
    if first.cause == "OTHER" and _beyond_possible(described):
        first = less_sure(first)
    return [first, *(sign for sign in ranked if sign is not first and sign.at >= 0)]


LEFT_OPEN = frozenset({"NETWORK_TIMEOUT", "NETWORK_CONNECTION", "EXCHANGE_UNAVAILABLE"})
"""What leaves an order open that people tell of beside it."""
DIRECTIONS = frozenset({"CLOCK_AHEAD", "CLOCK_BEHIND"})
OF_CLOCKS = DIRECTIONS | {"CLOCK_SKEW"}


def _prose(text: Text, described: list[Sign]) -> list[Sign]:
    """Return what the sentences of a text say, unless a phrase says the same more exactly."""
    from sonde_core.explainer.prose import told  # noqa: PLC0415 - few texts get here: it takes long

    exact = any(sign.cause in DIRECTIONS for sign in _beyond_possible(described))
    signs = [sign for sign in told(text) if not (exact and sign.cause == "CLOCK_SKEW")]
    return _directed(signs, text.lower)


def _directed(signs: list[Sign], lower: str) -> list[Sign]:
    """Return signs of a wrong clock with the direction that is told, and others as they are."""
    if not any(sign.cause in OF_CLOCKS for sign in signs):
        return signs
    from sonde_core.explainer.directions import directed  # noqa: PLC0415 - few texts get here

    return directed(signs, lower)


def _agreed(doubtful: list[Sign], words: list[Sign]) -> list[Sign]:
    """Return the bare numbers whose meaning is told in words beside them."""
    causes = {sign.cause for sign in words}
    return [sign for sign in doubtful if sign.code is not None and sign.cause in causes]


def _possible_at_all(signs: list[Sign], found: list[Status]) -> list[Sign]:
    """Leave out limits where a key was refused: each answer has headers that count them."""
    values = {status.value for status in found}
    if UNAUTHORIZED not in values or not values.isdisjoint(LIMITED):
        return signs
    return [sign for sign in signs if sign.cause not in OF_LIMITS]


def _beyond_possible(signs: list[Sign]) -> list[Sign]:
    return [sign for sign in signs if sign.confidence is not Confidence.POSSIBLE]


def _of_binance_alone(
    signs: list[Sign], who: Speaker, spared: frozenset[str] = frozenset()
) -> list[Sign]:
    """Leave no doubt about a status or a broken path only where Binance is named.

    ``spared`` are the causes that are beyond doubt in any case.
    """
    if who.named:
        return signs
    return [sign if sign.cause in spared else less_sure(sign) for sign in signs]
