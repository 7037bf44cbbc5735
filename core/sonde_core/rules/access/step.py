"""What one row of the ladder says, and the evidence that rows share."""

from collections.abc import Iterable

from sonde_core.findings import Confidence, Finding, Item, ItemValue, Severity, Verdict, item
from sonde_core.readings import (
    ENDPOINT_OF,
    USDM,
    Address,
    Answer,
    KeyFacts,
    Kind,
    Reading,
    Subject,
    WhitelistRecord,
)
from sonde_core.records import record
from sonde_core.rules.account import Account, echoed
from sonde_core.rules.answers import said


@record(frozen=True, slots=True, kw_only=True)
class Step:
    """What one row of the ladder says."""

    cause: str
    confidence: Confidence
    severity: Severity | None = None
    supporting: tuple[Item, ...] = ()
    contradicting: tuple[Item, ...] = ()
    missing: tuple[Item, ...] = ()
    settle: Item | None = None

    def finding(self, subject: Subject) -> Finding:
        """Return it as a finding on an account."""
        return Finding(
            cause=self.cause,
            subject=subject,
            verdict=Verdict.FOUND,
            confidence=self.confidence,
            severity=self.severity,
            supporting=self.supporting,
            contradicting=self.contradicting,
            missing=self.missing,
            settle=self.settle,
        )


def step(cause: str, confidence: Confidence, *supporting: Item) -> Step:
    """Return a row that needs nothing but what supports it."""
    return Step(cause=cause, confidence=confidence, supporting=supporting)


def with_code(answers: Iterable[tuple[Reading, Answer]], code: int) -> list[Item]:
    """Return the answers with a code, one per endpoint: what the others add is nothing new."""
    first: dict[Subject, Item] = {}
    for reading, answer in answers:
        if answer.code == code:
            first.setdefault(ENDPOINT_OF[reading.kind], said(reading, answer))
    return list(first.values())


def of_futures(answers: Iterable[tuple[Reading, Answer]]) -> list[tuple[Reading, Answer]]:
    """Return those of some answers that came from the futures endpoint."""
    return [(reading, answer) for reading, answer in answers if ENDPOINT_OF[reading.kind] == USDM]


def last4(account: Account) -> dict[str, ItemValue]:
    """Return the end of the key's id, by which people find it."""
    facts = account.evidence.value(Kind.KEY, account.subject, KeyFacts)
    return {"last4": facts.last4} if facts else {}


def listed(record: WhitelistRecord) -> tuple[str, ...]:
    """Return a recorded list's entries, plain addresses without a prefix length."""
    return tuple(
        str(network.network_address if network.num_addresses == 1 else network)
        for network in record.entries
    )


def mismatch(
    record: WhitelistRecord, address: Address, reading: Reading | None, *, everywhere: bool
) -> list[Item]:
    """Say which address was seen by whom, and what the list has instead."""
    values: dict[str, ItemValue] = {"address": str(address), "listed": listed(record)}
    if len(record.entries) == 1 and record.entries[0].num_addresses == 1 and everywhere:
        # Where a call was accepted, or the list has more, taking one away may break what works.
        values["replaced"] = str(record.entries[0].network_address)
    if record.recorded:
        values["recorded"] = record.recorded
    if record.recorded_by:
        values["recorded_by"] = record.recorded_by
    return [item("address_not_listed" if reading else "echo_not_listed", reading, **values)]


def disagreement(account: Account) -> list[Item]:
    """Say where the host's requests leave by several addresses, depending on who is asked."""
    seen = account.seen_by_exchange()
    addresses = {*echoed(account.evidence).values(), *([seen[1]] if seen else ())}
    if len(addresses) < 2:  # noqa: PLR2004 - several
        return []
    return [item("addresses_differ", addresses=tuple(sorted(map(str, addresses))))]
