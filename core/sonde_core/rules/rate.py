"""Decides whether the exchange turns this address away for how much was asked.

Limits are counted per address, not per key. Decided per endpoint:

| what came                                             | verdict                              |
| ----------------------------------------------------- | ------------------------------------ |
| HTTP 418, or an earlier 418 whose time is not over    | IP_BANNED, confirmed, with its end   |
| HTTP 429, or an earlier 429 whose time is not over    | RATE_LIMIT_WEIGHT, confirmed         |
| HTTP 403                                              | WAF_BLOCKED, confirmed               |
| above 25 % of the limit is used in each of two        | FOREIGN_USAGE, confirmed             |
|   minutes, and neither by us nor by engines' reports  |                                      |
| above 70 % of the live limit is used, and not by us;  | FOREIGN_USAGE, possible              |
|   no engine tells of that minute                      |                                      |
| the same, and engines told of it                      | clear: it is the engine's            |
| any other answer                                      | clear                                |
| nothing was sent                                      | unknown                              |
| -1015, on an account                                  | ORDER_RATE_LIMIT, confirmed          |
| as many orders are counted as the live limit allows   | ORDER_RATE_LIMIT, likely             |
| 80 % of it or more                                    | the same, possible, a warning        |

Orders are counted per account, all else per address.
An engine tells what it spent in the minute before a report, and the exchange counts by the whole
minute. So what engines told of the 60 s before the exchange's word counts as theirs, which is more
than they spent in its minute, but for the last seconds that no report covers yet.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sonde_core.evidence import Evidence, once
from sonde_core.findings import (
    Confidence,
    Finding,
    Item,
    ItemValue,
    Severity,
    Verdict,
    item,
)
from sonde_core.readings import (
    Closure,
    EngineState,
    EngineWeight,
    Kind,
    OrderUse,
    OrderWindow,
    Reading,
    Subject,
    WeightUse,
)
from sonde_core.rules.account import Account, accounts
from sonde_core.rules.answers import Answers, answers_of, endpoints, said

CAUSES = ("IP_BANNED", "RATE_LIMIT_WEIGHT", "ORDER_RATE_LIMIT", "WAF_BLOCKED", "FOREIGN_USAGE")
BANNED, TOO_MANY, FIREWALL = 418, 429, 403
ORDER_RATE = -1015
"""A 429 about orders: it is counted per account, another cause than weight."""
ORDER_SHARE = 0.8
FOREIGN_SHARE = 0.7
NEITHER_SHARE = 0.25
"""More than an engine can spend in the seconds that its reports do not cover yet."""
_WINDOWS = 2
_MINUTE = timedelta(minutes=1)
_STILL_TRADING = timedelta(hours=1)
"""For so long an engine that fell silent may still send requests."""
_UNCOVERED = timedelta(seconds=10)
_BETWEEN_REPORTS = timedelta(seconds=2)
_SECOND = timedelta(seconds=1)
_UNITS = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": _MINUTE,
    "seconds": _SECOND,
}


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide the causes of the rate section for each endpoint."""
    for endpoint in endpoints(evidence):
        answers = answers_of(evidence, endpoint)
        yield _turned_away(evidence, endpoint, answers, "IP_BANNED", BANNED)
        yield _turned_away(evidence, endpoint, answers, "RATE_LIMIT_WEIGHT", TOO_MANY)
        yield _firewall(endpoint, answers)
        yield _foreign(evidence, endpoint)
    for account in accounts(evidence):
        yield _orders(evidence, account)


def _orders(evidence: Evidence, account: Account) -> Finding:
    cause, answers = "ORDER_RATE_LIMIT", account.finals.values()
    told = [said(reading, answer) for reading, answer in answers if answer.code == ORDER_RATE]
    counted = _orders_counted(evidence, account.subject)
    near = tuple(each for share, each in counted if share >= ORDER_SHARE)
    if not told and not near:
        clear = _not_found(cause, account.subject, any_answer=bool(answers))
        return replace(clear, supporting=tuple(each for _, each in counted[:1]))
    most = max((share for share, _ in counted), default=0.0)
    return Finding(
        cause=cause,
        subject=account.subject,
        verdict=Verdict.FOUND,
        confidence=_sure_of_orders(most, refused=bool(told)),
        severity=None if told or most >= 1 else Severity.WARNING,
        supporting=(*told, *near),
    )


def _sure_of_orders(share: float, *, refused: bool) -> Confidence:
    if refused:
        return Confidence.CONFIRMED
    return Confidence.LIKELY if share >= 1 else Confidence.POSSIBLE


def _orders_counted(evidence: Evidence, account: Subject) -> list[tuple[float, Item]]:
    """Return what share of each live limit is used, and the numbers; the fullest first."""
    counted = [
        (window.used / window.limit, _window(reading, use.endpoint, window, window.limit))
        for reading, use in evidence.values(Kind.ORDERS, OrderUse)
        if reading.subject == account
        for window in use.windows
        if window.limit
    ]
    return sorted(counted, key=lambda each: each[0], reverse=True)


def _window(reading: Reading, endpoint: str, window: OrderWindow, limit: int) -> Item:
    """Say how many orders are counted, and within what: in the largest unit that fits."""
    fits = (name for name, each in _UNITS.items() if not window.span % each)
    unit = next(fits, "seconds")
    span = {unit: window.span // _UNITS[unit]}
    return item(
        "orders_counted", reading, endpoint=endpoint, used=window.used, allowed=limit, **span
    )


def _turned_away(
    evidence: Evidence,
    endpoint: Subject,
    answers: Answers,
    cause: str,
    status: int,
) -> Finding:
    items = [
        _closed(evidence, reading, closure)
        for reading, closure in evidence.values(Kind.GATE, Closure)
        if reading.subject == endpoint and closure.status == status
    ]
    struck = [(r, a) for r, a in answers if a.status == status and a.code != ORDER_RATE]
    items += [said(*answered) for answered in struck[:1]]
    if not items:
        return _not_found(cause, endpoint, any_answer=bool(answers))
    return Finding(
        cause=cause,
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED,
        supporting=tuple(items),
    )


def _closed(evidence: Evidence, reading: Reading, closure: Closure) -> Item:
    """Say until when, and how long that is from now by the asker's clock."""
    left = (closure.until - evidence.now) // _SECOND
    known: dict[str, ItemValue] = {"left_s": left} if left > 0 else {}
    return item(
        "banned_until" if closure.status == BANNED else "limited_until",
        reading,
        endpoint=reading.subject.name,
        until=closure.until,
        **known,
    )


def _firewall(endpoint: Subject, answers: Answers) -> Finding:
    struck = [(reading, answer) for reading, answer in answers if answer.status == FIREWALL]
    if not struck:
        return _not_found("WAF_BLOCKED", endpoint, any_answer=bool(answers))
    reading, answer = struck[0]
    return Finding(
        cause="WAF_BLOCKED",
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED,
        supporting=(
            item("firewall_page", reading, endpoint=endpoint.name, form=answer.body.value),
        ),
    )


def _foreign(evidence: Evidence, endpoint: Subject) -> Finding:
    reading = evidence.last(Kind.WEIGHT, endpoint)
    use = reading.value if reading else None
    if reading is None or not isinstance(use, WeightUse) or use.limit is None:
        return Finding(cause="FOREIGN_USAGE", subject=endpoint, verdict=Verdict.UNKNOWN)
    told = _told_by_engines(evidence, endpoint, use.limit)
    strange = [item_ for item_, neither in told if neither > NEITHER_SHARE * use.limit]
    if len(strange) >= _WINDOWS and strange == [item_ for item_, _ in told]:
        return _found_foreign(endpoint, Confidence.CONFIRMED, *strange)
    foreign = max(use.used - use.own, 0)
    engines = _of_engines(evidence, endpoint, reading.time)
    values = _counted(endpoint, use, use.limit)
    if foreign <= FOREIGN_SHARE * use.limit or (engines is not None and not strange):
        known = values if engines is None else {**values, "engine": engines}
        return Finding(
            cause="FOREIGN_USAGE",
            subject=endpoint,
            verdict=Verdict.CLEAR,
            supporting=(item("weight_used", reading, **known),),
        )
    return replace(
        _found_foreign(endpoint, Confidence.POSSIBLE, item("weight_not_ours", reading, **values)),
        missing=(item("engine_weight_unknown"),),
        settle=item("settle_foreign_usage"),
    )


def _found_foreign(endpoint: Subject, confidence: Confidence, *supporting: Item) -> Finding:
    return Finding(
        cause="FOREIGN_USAGE",
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=confidence,
        supporting=supporting,
    )


def _counted(endpoint: Subject, use: WeightUse, limit: int) -> dict[str, ItemValue]:
    return {
        "endpoint": endpoint.name,
        "used": use.used,
        "own": use.own,
        "foreign": max(use.used - use.own, 0),
        "limit": limit,
    }


def _told_by_engines(evidence: Evidence, endpoint: Subject, limit: int) -> list[tuple[Item, int]]:
    """Return the newest two minutes that engines told of, and what was neither theirs nor ours."""
    if not _engines(evidence):
        return []
    told = []
    for kind in (Kind.PAST_WEIGHT, Kind.WEIGHT):
        for reading in evidence.readings.get((kind, endpoint), ()):
            engines = _of_engines(evidence, endpoint, reading.time)
            if isinstance(reading.value, WeightUse) and engines is not None:
                use = reading.value
                neither = max(use.used - use.own - engines, 0)
                values = {**_counted(endpoint, use, limit), "engine": engines, "neither": neither}
                told.append((item("weight_neither", reading, time=reading.time, **values), neither))
    return told[: -_WINDOWS - 1 : -1]


def _of_engines(evidence: Evidence, endpoint: Subject, until: datetime) -> int | None:
    """Return at least what all engines spent in the minute until then; None if one is not known."""
    spent = [
        _of_engine([each for each in state.weights if each.endpoint == endpoint.name], until)
        for state in _engines(evidence)
        if state.reported > until - _STILL_TRADING
    ]
    known = [each for each in spent if each is not None]
    return sum(known) if known and len(known) == len(spent) else None


@once
def _engines(evidence: Evidence) -> list[EngineState]:
    return [state for _, state in evidence.values(Kind.ENGINE, EngineState)]


def _of_engine(weights: Iterable[EngineWeight], until: datetime) -> int | None:
    """Add up as few reports as cover the minute."""
    covered, spent, left = until - _MINUTE, 0, list(weights)
    while covered < until - _UNCOVERED:
        begun = covered + _MINUTE + _BETWEEN_REPORTS
        left = [each for each in left if covered < each.time]
        next_ = max((each for each in left if each.time <= begun), key=_time, default=None)
        if next_ is None:
            return None
        covered, spent = next_.time, spent + next_.weight
    return spent


def _time(weight: EngineWeight) -> datetime:
    return weight.time


def _not_found(cause: str, subject: Subject, *, any_answer: bool) -> Finding:
    verdict = Verdict.CLEAR if any_answer else Verdict.UNKNOWN
    return Finding(cause=cause, subject=subject, verdict=verdict)
