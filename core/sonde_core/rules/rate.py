"""Decides whether the exchange turns this address away for how much was asked.

Limits are counted per address, not per key. Decided per endpoint:

| what came                                             | verdict                              |
| ----------------------------------------------------- | ------------------------------------ |
| HTTP 418, or an earlier 418 whose time is not over    | IP_BANNED, confirmed, with its end   |
| HTTP 429, or an earlier 429 whose time is not over    | RATE_LIMIT_WEIGHT, confirmed         |
| HTTP 403                                              | WAF_BLOCKED, confirmed               |
| above 70 % of the live limit is used, and not by us   | FOREIGN_USAGE, possible              |
| any other answer                                      | clear                                |
| nothing was sent                                      | unknown                              |
| -1015, on an account                                  | ORDER_RATE_LIMIT, confirmed          |

Orders are counted per account, all else per address.
FOREIGN_USAGE stays possible: what the engine itself spent is not known here.
"""

from collections.abc import Iterable
from datetime import timedelta

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Verdict, item
from sonde_core.readings import SPOT, USDM, Closure, Kind, Reading, Subject, WeightUse
from sonde_core.rules.account import Account, accounts
from sonde_core.rules.answers import Answers, answers_of, said

CAUSES = ("IP_BANNED", "RATE_LIMIT_WEIGHT", "ORDER_RATE_LIMIT", "WAF_BLOCKED", "FOREIGN_USAGE")
BANNED, TOO_MANY, FIREWALL = 418, 429, 403
ORDER_RATE = -1015
"""A 429 about orders: it is counted per account, another cause than weight."""
FOREIGN_SHARE = 0.7
_SECOND = timedelta(seconds=1)


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide the causes of the rate section for each endpoint."""
    for endpoint in (USDM, SPOT):
        answers = answers_of(evidence, endpoint)
        yield _turned_away(evidence, endpoint, answers, "IP_BANNED", BANNED)
        yield _turned_away(evidence, endpoint, answers, "RATE_LIMIT_WEIGHT", TOO_MANY)
        yield _firewall(endpoint, answers)
        yield _foreign(evidence, endpoint)
    for account in accounts(evidence):
        yield _orders(account)


def _orders(account: Account) -> Finding:
    cause, answers = "ORDER_RATE_LIMIT", account.finals.values()
    told = [said(reading, answer) for reading, answer in answers if answer.code == ORDER_RATE]
    if not told:
        return _not_found(cause, account.subject, any_answer=bool(answers))
    return Finding(
        cause=cause,
        subject=account.subject,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED,
        supporting=tuple(told),
    )


def _turned_away(
    evidence: Evidence,
    endpoint: Subject,
    answers: Answers,
    cause: str,
    status: int,
) -> Finding:
    closures = [
        (reading, closure)
        for reading, closure in evidence.values(Kind.GATE, Closure)
        if reading.subject == endpoint and closure.status == status
    ]
    struck = [(r, a) for r, a in answers if a.status == status and a.code != ORDER_RATE]
    items = [*(_closed(evidence, r, c) for r, c in closures), *(said(r, a) for r, a in struck[:1])]
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
    left = max(closure.until - evidence.now, timedelta())
    return item(
        "banned_until" if closure.status == BANNED else "limited_until",
        reading,
        endpoint=reading.subject.name,
        until=closure.until,
        minutes=left // timedelta(minutes=1),
        seconds=left % timedelta(minutes=1) // _SECOND,
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
    if not isinstance(use, WeightUse) or use.limit is None:
        return Finding(cause="FOREIGN_USAGE", subject=endpoint, verdict=Verdict.UNKNOWN)
    foreign = max(use.used - use.own, 0)
    values: dict[str, ItemValue] = {
        "endpoint": endpoint.name,
        "used": use.used,
        "own": use.own,
        "foreign": foreign,
        "limit": use.limit,
    }
    if foreign <= FOREIGN_SHARE * use.limit:
        return Finding(
            cause="FOREIGN_USAGE",
            subject=endpoint,
            verdict=Verdict.CLEAR,
            supporting=(item("weight_used", reading, **values),),
        )
    return Finding(
        cause="FOREIGN_USAGE",
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=Confidence.POSSIBLE,
        supporting=(item("weight_not_ours", reading, **values),),
        missing=(item("engine_weight_unknown"),),
        settle=item("settle_foreign_usage"),
    )


def _not_found(cause: str, subject: Subject, *, any_answer: bool) -> Finding:
    verdict = Verdict.CLEAR if any_answer else Verdict.UNKNOWN
    return Finding(cause=cause, subject=subject, verdict=verdict)
