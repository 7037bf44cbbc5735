"""What the agent answers: what a refusal means, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Action(StrEnum):
    """What an engine should do about a refusal."""

    RETRY = "RETRY"
    """Send it again, with growing pauses."""
    RETRY_AFTER = "RETRY_AFTER"
    """Send nothing until `after` has passed, then go on."""
    RECALIBRATE_AND_RETRY = "RECALIBRATE_AND_RETRY"
    """Measure the clock's offset anew and send it once more."""
    QUERY_ORDER = "QUERY_ORDER"
    """Ask for the order by its client order id. Never send it again before that is answered."""
    FIX_REQUEST = "FIX_REQUEST"
    """The same request will be refused again: change it."""
    STOP_AND_PAGE = "STOP_AND_PAGE"
    """Stop and call a person."""


@dataclass(frozen=True)
class AdviceText:
    """A cause in words."""

    title: str
    explanation: str
    remedy: tuple[str, ...]
    """The steps that remove it."""
    supporting: tuple[str, ...]
    """What speaks for it, such as the numbers of an order beside the symbol's limits."""


@dataclass(frozen=True)
class Advice:
    """What to do about a refusal, and why."""

    action: Action
    after: timedelta | None
    """How long to wait first. None where waiting changes nothing, or the time is not known."""
    safe_to_resend: bool
    """The order was surely not placed. False also where that is unknown."""
    cause: str
    """For example "CLOCK_AHEAD"; "OTHER" where it is no known failure at the exchange."""
    confidence: str
    """"CONFIRMED", "LIKELY" or "POSSIBLE"."""
    alternatives: tuple[str, ...]
    """What else it can be, best first."""
    en: AdviceText
    zh: AdviceText


def read_advice(response: Mapping[str, object]) -> Advice | None:
    """Return the advice in a ReportFailureResponse.

    None where there is none that is known here, as from an agent that is newer than this.
    """
    advice = _table(response.get("advice"))
    action = _word(advice.get("action"), "ADVICE_ACTION_")
    if action not in Action.__members__:
        return None
    return Advice(
        action=Action[action],
        after=_span(advice.get("after")),
        safe_to_resend=advice.get("safeToResend") is True,
        cause=str(response.get("cause", "OTHER")),
        confidence=_word(response.get("confidence"), "CONFIDENCE_") or "POSSIBLE",
        alternatives=_texts(response.get("alternatives")),
        en=_text(response.get("en")),
        zh=_text(response.get("zh")),
    )


def _text(value: object) -> AdviceText:
    told = _table(value)
    return AdviceText(
        title=str(told.get("title", "")),
        explanation=str(told.get("explanation", "")),
        remedy=_texts(told.get("remedy")),
        supporting=_texts(told.get("supporting")),
    )


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _word(value: object, prefix: str) -> str:
    return str(value or "").removeprefix(prefix)


def _span(value: object) -> timedelta | None:
    try:
        return timedelta(seconds=float(str(value).removesuffix("s")))
    except (ValueError, OverflowError):
        return None
