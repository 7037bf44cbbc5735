"""Finds the root cause in the text of a failure, however it was sent.

A text is taken out of its wrappings (`cleaning`), it is found out who said it (`speaker`), and the
first kind of sign that it holds decides:

| the text holds                                          | the cause                              |
| ------------------------------------------------------- | -------------------------------------- |
| a published code or message of Binance's (`published`)  | what is published for it; of several   |
|                                                         | the root (`choosing`)                  |
| the name or the shape of another exchange (`foreign`)   | OTHER                                  |
| a telling status or page: 418, 451, 5xx (`statuses`)    | what it means                          |
| a broken path (`network`)                               | the row that says most                 |
| a bare number or few words that may be published        | what is published for them             |
| a client's class of errors (`clients`)                  | what the class stands for              |
| an answer that was no JSON (`foreign`)                  | EXCHANGE_UNAVAILABLE, possible         |
| a program's own mistake (`foreign`)                     | OTHER                                  |
| somebody's own words (`informal`), a bare 400, 401, 403 | the surest of them                     |
| no answer worth the name (`foreign`)                    | EXCHANGE_UNAVAILABLE, possible         |
| nothing of all that                                     | OTHER, possible                        |

What the signs of later kinds say becomes alternatives. *Confirmed* comes only from a published code
or message, a status that means one thing, or the resolver's own words.
"""

from sonde_core.explainer.choosing import alternatives, root, sureness
from sonde_core.explainer.cleaning import Text, clean
from sonde_core.explainer.clients import CLIENTS
from sonde_core.explainer.explanation import Explanation, Facts
from sonde_core.explainer.facts import facts
from sonde_core.explainer.foreign import BUGS, NO_ANSWER, NOT_JSON, shapes
from sonde_core.explainer.informal import INFORMAL
from sonde_core.explainer.lexicon import heard
from sonde_core.explainer.network import NETWORK
from sonde_core.explainer.published import published
from sonde_core.explainer.signs import Sign
from sonde_core.explainer.speaker import Speaker, speaker
from sonde_core.explainer.statuses import Status, answered, statuses
from sonde_core.findings import Confidence

__all__ = ["Explanation", "Facts", "explain"]


def explain(raw: str) -> Explanation:
    """Find the root cause in a text, with what else it can be and the facts that it names.

    Never raises, whatever the text. One without any sign is OTHER.
    """
    text = clean(raw)
    who = speaker(text)
    found = statuses(text.lower)
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
    )


def _signs(text: Text, who: Speaker, found: list[Status]) -> list[Sign]:
    """Return the signs of a text, the one that decides first."""
    lower = text.lower
    errors = published(lower, who)
    if errors and any(sign.firm for sign in errors):
        chosen = _in_its_setting(root(errors, lower), who, found)
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


BANNED = 418
NOTHING = Sign(
    at=0,
    cause="OTHER",
    confidence=Confidence.POSSIBLE,
    also=("EXCHANGE_UNAVAILABLE", "PARAMETER_INVALID", "NETWORK_CONNECTION"),
)


def _unpublished(text: Text, who: Speaker, found: list[Status], doubtful: list[Sign]) -> list[Sign]:
    """Return what a text without a published error, or with doubtful ones, points to."""
    lower, words = text.lower, heard(text)

    def by_binance(signs: list[Sign]) -> list[Sign]:
        return [sign for sign in signs if not who.said_by_another(sign.at, lower)]

    answers = by_binance(answered(lower, words, found))
    telling = [sign for sign in answers if sign.confidence is not Confidence.POSSIBLE]
    paths = by_binance(NETWORK.signs(lower, words))
    classes = CLIENTS.signs(lower, words)
    described = sorted([*classes, *INFORMAL.signs(lower, words), *answers], key=sureness)
    other = shapes(lower, words)
    if who.foreign or (other and not who.named):
        return [NOTHING._replace(confidence=Confidence.LIKELY), *telling, *paths, *described]
    ranked = [
        *sorted(telling, key=sureness),
        *paths,
        *(sign for sign in doubtful if sign.confidence is not Confidence.POSSIBLE),
        *(sign for sign in classes if sign.confidence is not Confidence.POSSIBLE),
        *NOT_JSON.signs(lower, words),
        *BUGS.signs(lower, words),
        *described,
        *doubtful,
        *NO_ANSWER.signs(lower, words),
        *other,
    ]
    return ranked or [NOTHING]
