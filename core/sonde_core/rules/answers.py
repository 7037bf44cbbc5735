"""What the exchange answered, as the rules look at it."""

from collections.abc import Iterable, Sequence

from sonde_core.evidence import Evidence, once
from sonde_core.findings import Item, ItemValue, item
from sonde_core.readings import (
    COINM,
    ENDPOINT_OF,
    SIGNED_KINDS,
    SPOT,
    USDM,
    Answer,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
)

CALLS = {
    Kind.PUBLIC_CALL: "time",
    Kind.API_RESTRICTIONS: "apiRestrictions",
    Kind.ACCOUNT_STATUS: "account/status",
    Kind.SPOT_ACCOUNT: "spot account",
    Kind.FUTURES_ACCOUNT: "accountConfig",
    Kind.FUTURES_ORDER_TEST: "order/test",
}
"""Short names of the calls, as the exchange's own pages call them."""

_SIGNED_AT = {
    endpoint: [kind for kind in SIGNED_KINDS if ENDPOINT_OF[kind] == endpoint]
    for endpoint in set(ENDPOINT_OF.values())
}


@once
def endpoints(evidence: Evidence) -> tuple[Subject, ...]:
    """Return the endpoints that a host should reach: COIN-M only where it was asked."""
    asked = (Kind.PUBLIC_CALL, COINM) in evidence.readings
    return (USDM, SPOT, COINM) if asked else (USDM, SPOT)


@once
def calls_to(evidence: Evidence, endpoint: Subject) -> list[Reading]:
    """Return every call to an endpoint, the scout first."""
    scouts = evidence.readings.get((Kind.PUBLIC_CALL, endpoint), ())
    signed = [reading for kind in _SIGNED_AT.get(endpoint, ()) for reading in evidence.of(kind)]
    return [*scouts, *signed]


Answers = Sequence[tuple[Reading, Answer]]
"""Calls that were answered, with their answers."""


def answered(calls: Iterable[Reading]) -> Answers:
    """Return those of some calls that were answered."""
    return [(call, call.value) for call in calls if isinstance(call.value, Answer)]


@once
def answers_of(evidence: Evidence, endpoint: Subject) -> Answers:
    """Return the calls to an endpoint that were answered."""
    return answered(calls_to(evidence, endpoint))


@once
def kept_back(evidence: Evidence, endpoint: Subject) -> tuple[Item, ...]:
    """Say that the agent kept calls back because it had spent its own budget; else nothing.

    What it keeps back because the exchange said so is told as a ban or a limit.
    """
    if evidence.last(Kind.GATE, endpoint):
        return ()
    for call in calls_to(evidence, endpoint):
        if isinstance(call.value, Failure) and call.value.reason is FailureReason.WITHHELD:
            return (item("own_weight_spent", call, endpoint=endpoint.name),)
    return ()


def said(reading: Reading, answer: Answer) -> Item:
    """Return an answer as evidence: the call, the status, the code and the text."""
    if answer.ok:
        endpoint = ENDPOINT_OF[reading.kind].name
        return item("carried_out", reading, call=CALLS[reading.kind], endpoint=endpoint)
    values: dict[str, ItemValue] = {"call": CALLS[reading.kind], "status": answer.status}
    if answer.code is not None:
        values |= {"code": answer.code, "message": answer.message}
    return item("answered", reading, **values)
