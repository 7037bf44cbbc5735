"""Decides whether the exchange itself is in trouble.

Decided per endpoint. `order/test` alone proves nothing: under load the exchange throttles it
first, while orders that reduce a position still pass.

| what came                                               | verdict                         |
| ------------------------------------------------------- | ------------------------------- |
| -1008 on anything but `order/test`                      | EXCHANGE_OVERLOAD, confirmed    |
| HTTP 5xx, -1000, -1001, -1006, -1007, on the scout      | EXCHANGE_UNAVAILABLE, confirmed |
| the same on a signed read                               | EXCHANGE_UNAVAILABLE, likely    |
| any other answer                                        | clear                           |
| no answer                                               | unknown                         |
"""

from collections.abc import Iterable

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Verdict, item
from sonde_core.readings import Answer, Kind, Reading, Subject
from sonde_core.rules.answers import answers_of, endpoints, said

CAUSES = ("EXCHANGE_UNAVAILABLE", "EXCHANGE_OVERLOAD")
OVERLOAD = -1008
OWN_FAULTS = frozenset({-1000, -1001, -1006, -1007})
SERVER_ERROR = 500

_Answered = list[tuple[Reading, Answer]]


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide EXCHANGE_UNAVAILABLE and EXCHANGE_OVERLOAD for each endpoint."""
    for endpoint in endpoints(evidence):
        answers = [
            (reading, answer)
            for reading, answer in answers_of(evidence, endpoint)
            if reading.kind is not Kind.FUTURES_ORDER_TEST
        ]
        overloaded = [(r, a) for r, a in answers if a.code == OVERLOAD]
        failing = [(r, a) for r, a in answers if a.code != OVERLOAD and _own_fault(a)]
        verdict = Verdict.CLEAR if answers else Verdict.UNKNOWN
        good = [reading for reading, answer in answers if answer.ok]
        works = tuple(item("exchange_works", r, endpoint=endpoint.name) for r in good[:1])
        for cause, struck in (("EXCHANGE_OVERLOAD", overloaded), ("EXCHANGE_UNAVAILABLE", failing)):
            if struck:
                yield _found(cause, endpoint, struck)
            else:
                yield Finding(cause=cause, subject=endpoint, verdict=verdict, supporting=works)


def _own_fault(answer: Answer) -> bool:
    return answer.status >= SERVER_ERROR or answer.code in OWN_FAULTS


def _found(cause: str, endpoint: Subject, struck: _Answered) -> Finding:
    sure = cause == "EXCHANGE_OVERLOAD" or struck[0][0].kind is Kind.PUBLIC_CALL
    return Finding(
        cause=cause,
        subject=endpoint,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED if sure else Confidence.LIKELY,
        supporting=tuple(said(reading, answer) for reading, answer in struck[:3]),
    )
