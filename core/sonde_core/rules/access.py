"""Decides why the exchange refuses this key from this host: the ladder.

`-2015` is one text for many causes, so no answer is read alone. R is `apiRestrictions`, F any
futures call, S any signed call. After -1021 the repeat with exchange time counts, because -1021
hides what lies behind it. The first row that fits decides.

| what came                                     | verdict                                        |
| --------------------------------------------- | ---------------------------------------------- |
| the key on the host cannot be read            | CREDENTIALS_MISSING, confirmed                 |
| no signed test was answered                   | unknown: a path or a ban tells nothing of keys |
| S says -1022                                  | SIGNATURE_INVALID, confirmed                   |
| S says -2014                                  | KEY_INVALID, confirmed: not even the form fits |
| either, while another call was accepted       | the same, possible: something garbles requests |
| R answered; a required permission is off      | PERMISSION_MISSING, confirmed                  |
| R answered; futures off and not required      | clear: F is refused as it should be            |
| R answered; all are on; F says -2015          | futures left by another address that is not on |
|                                               | the list: IP_NOT_WHITELISTED, likely; else     |
|                                               | PERMISSION_MISSING, possible                   |
| R refused, F answered                         | PERMISSION_MISSING (reading), likely           |
| S says -2008                                  | KEY_INVALID, likely: unknown to this exchange  |
| S says -2015, the list lacks the address      | IP_NOT_WHITELISTED: confirmed if the exchange  |
|                                               | itself named the address and the list has      |
|                                               | plain addresses only, else likely              |
| S says -2015, the list has the address        | KEY_INVALID, likely                            |
| S says -2015, no list recorded                | IP_NOT_WHITELISTED and KEY_INVALID, possible   |
| R says -1002                                  | PERMISSION_MISSING, likely                     |
| S accepted                                    | clear                                          |
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sonde_core.evidence import Contact, Evidence
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Verdict, item
from sonde_core.readings import (
    ENDPOINT_OF,
    HOST,
    USDM,
    Address,
    Answer,
    KeyFacts,
    Kind,
    Reading,
    Subject,
    WhitelistRecord,
)
from sonde_core.rules.account import Account, accounts, box, echoed, required
from sonde_core.rules.answers import said
from sonde_core.rules.excluded import others

CAUSES = (
    "CREDENTIALS_MISSING",
    "SIGNATURE_INVALID",
    "KEY_INVALID",
    "IP_NOT_WHITELISTED",
    "PERMISSION_MISSING",
)
BAD_SIGNATURE, BAD_FORMAT, UNKNOWN_KEY, REJECTED, UNAUTHORIZED = -1022, -2014, -2008, -2015, -1002


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one row of the ladder says."""

    cause: str
    confidence: Confidence
    supporting: tuple[Item, ...] = ()
    contradicting: tuple[Item, ...] = ()
    missing: tuple[Item, ...] = ()
    settle: Item | None = None


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide the causes of the ladder for each account of the host."""
    known = accounts(evidence)
    if not known:
        yield from _no_account(evidence)
    for account in known:
        steps = list(_ladder(account))
        yield from (_found(account, step) for step in steps)
        yield from others(account, CAUSES, {step.cause for step in steps})


def _no_account(evidence: Evidence) -> Iterable[Finding]:
    # Cut off in the middle, a host may have accounts that were not told yet.
    complete = evidence.contact is Contact.DIAGNOSED and evidence.last(Kind.SETTINGS, HOST)
    for cause in CAUSES:
        if complete and cause == "CREDENTIALS_MISSING":
            yield Finding(
                cause=cause,
                subject=HOST,
                verdict=Verdict.FOUND,
                confidence=Confidence.CONFIRMED,
                supporting=(item("no_account_configured"),),
            )
        else:
            yield Finding(cause=cause, subject=HOST, verdict=Verdict.UNKNOWN)


def _ladder(account: Account) -> Iterable[Step]:
    """Return what the first fitting row says."""
    unusable = account.key_failure()
    if unusable:
        reading, failure = unusable
        why = item("key_unusable", reading, account=account.subject.name, detail=failure.detail)
        return [_step("CREDENTIALS_MISSING", Confidence.CONFIRMED, why)]
    refused = account.refused()
    for code, cause in ((BAD_SIGNATURE, "SIGNATURE_INVALID"), (BAD_FORMAT, "KEY_INVALID")):
        told = _with_code(refused, code)
        if told:
            return [_of_the_key(account, cause, told)]
    if account.permissions():
        return _accepted_by_restrictions(account)
    return _refused_by_restrictions(account, refused)


def _of_the_key(account: Account, cause: str, told: list[Item]) -> Step:
    """Blame key or secret: surely, unless the exchange took the same key in another call."""
    against = tuple(said(reading, answer) for reading, answer in account.accepted())
    confidence = Confidence.POSSIBLE if against else Confidence.CONFIRMED
    return Step(cause=cause, confidence=confidence, supporting=tuple(told), contradicting=against)


def _accepted_by_restrictions(account: Account) -> Iterable[Step]:
    """R answered: the key is valid, the signature right, and this address accepted there."""
    known = account.permissions()
    if known is None:
        return []
    reading, permissions = known
    valid = item("restrictions_answered", reading)
    futures = _with_code(_of_futures(account.refused()), REJECTED)
    lacking = sorted(required(account.evidence) & permissions.withheld)
    if lacking:
        off = item(
            "permission_off",
            reading,
            permissions=tuple(lacking),
            boxes=tuple(box(permission) for permission in lacking),
        )
        return [_step("PERMISSION_MISSING", Confidence.CONFIRMED, off, *futures, valid)]
    if not futures or "enableFutures" in permissions.withheld:
        return []
    seen = account.seen_by_exchange()
    record = account.whitelist()
    if seen and record and not _lists(record, seen[1]):
        mismatch = _mismatch(record, seen[1], seen[0], everywhere=False)
        return [_step("IP_NOT_WHITELISTED", Confidence.LIKELY, *mismatch, *futures)]
    on = item("permission_on", reading, permission="enableFutures")
    return [
        Step(
            cause="PERMISSION_MISSING",
            confidence=Confidence.POSSIBLE,
            supporting=tuple(futures),
            contradicting=(on,),
            settle=item("settle_new_key"),
        )
    ]


def _refused_by_restrictions(
    account: Account, refused: list[tuple[Reading, Answer]]
) -> Iterable[Step]:
    """R did not answer what was asked."""
    if _of_futures(account.accepted()) and refused:
        futures = [said(reading, answer) for reading, answer in _of_futures(account.accepted())]
        return [
            _step("PERMISSION_MISSING", Confidence.LIKELY, *(said(*r) for r in refused), *futures)
        ]
    unknown = _with_code(refused, UNKNOWN_KEY)
    if unknown:
        return [
            Step(
                cause="KEY_INVALID",
                confidence=Confidence.LIKELY,
                supporting=tuple(unknown),
                settle=item("settle_compare_key", **_last4(account)),
            )
        ]
    rejected = _with_code(refused, REJECTED)
    if rejected:
        return _rejected(account, rejected)
    unauthorized = _with_code(refused, UNAUTHORIZED)
    if unauthorized:
        return [_step("PERMISSION_MISSING", Confidence.LIKELY, *unauthorized)]
    return []


def _rejected(account: Account, rejected: list[Item]) -> Iterable[Step]:
    """Every signed call says -2015: the address against the recorded list decides."""
    record, (reading, address) = account.whitelist(), _address(account)
    if record and address and not _lists(record, address):
        plain = all(network.num_addresses == 1 for network in record.entries)
        sure = plain and reading is not None
        return [
            _step(
                "IP_NOT_WHITELISTED",
                Confidence.CONFIRMED if sure else Confidence.LIKELY,
                *_mismatch(record, address, reading, everywhere=True),
                *rejected,
                *_disagreement(account),
            )
        ]
    if record and address:
        listed = item("address_listed", reading, address=str(address), listed=_entries(record))
        return [
            Step(
                cause="KEY_INVALID",
                confidence=Confidence.LIKELY,
                supporting=(*rejected, listed),
                settle=item("settle_compare_key", **_last4(account)),
            )
        ]
    return _undecided(account, rejected, reading, address)


def _undecided(
    account: Account, rejected: list[Item], reading: Reading | None, address: Address | None
) -> Iterable[Step]:
    """Without a recorded list, address and key cannot be told apart by the exchange's answers."""
    shown: dict[str, ItemValue] = {"address": str(address)} if address else {}
    seen = (item("address_seen", reading, **shown),) if address else ()
    missing = (item("whitelist_not_recorded", account=account.subject.name, **shown),)
    settle = item("settle_compare_list", account=account.subject.name, **shown)
    for cause in ("IP_NOT_WHITELISTED", "KEY_INVALID"):
        yield Step(
            cause=cause,
            confidence=Confidence.POSSIBLE,
            supporting=(*seen, *rejected, *_disagreement(account)),
            missing=missing,
            settle=settle,
        )


def _address(account: Account) -> tuple[Reading | None, Address | None]:
    """Return the address that the exchange named, else the one that all echo services saw."""
    seen = account.seen_by_exchange()
    if seen:
        return seen
    addresses = set(echoed(account.evidence).values())
    return None, addresses.pop() if len(addresses) == 1 else None


def _disagreement(account: Account) -> list[Item]:
    """Say where the host's requests leave by several addresses, depending on who is asked."""
    seen = account.seen_by_exchange()
    addresses = {*echoed(account.evidence).values(), *([seen[1]] if seen else ())}
    if len(addresses) < 2:  # noqa: PLR2004 - several
        return []
    return [item("addresses_differ", addresses=tuple(sorted(map(str, addresses))))]


def _lists(record: WhitelistRecord, address: Address) -> bool:
    return any(address in network for network in record.entries)


def _mismatch(
    record: WhitelistRecord, address: Address, reading: Reading | None, *, everywhere: bool
) -> list[Item]:
    """Say which address was seen by whom, and what the list has instead."""
    values: dict[str, ItemValue] = {"address": str(address), "listed": _entries(record)}
    if len(record.entries) == 1 and record.entries[0].num_addresses == 1 and everywhere:
        # Where a call was accepted, or the list has more, taking one away may break what works.
        values["replaced"] = str(record.entries[0].network_address)
    if record.recorded:
        values["recorded"] = record.recorded
    if record.recorded_by:
        values["recorded_by"] = record.recorded_by
    return [item("address_not_listed" if reading else "echo_not_listed", reading, **values)]


def _entries(record: WhitelistRecord) -> tuple[str, ...]:
    return tuple(
        str(network.network_address if network.num_addresses == 1 else network)
        for network in record.entries
    )


def _with_code(answers: Iterable[tuple[Reading, Answer]], code: int) -> list[Item]:
    """Return the answers with a code, one per endpoint: what the others add is nothing new."""
    first: dict[Subject, Item] = {}
    for reading, answer in answers:
        if answer.code == code:
            first.setdefault(ENDPOINT_OF[reading.kind], said(reading, answer))
    return list(first.values())


def _of_futures(answers: Iterable[tuple[Reading, Answer]]) -> list[tuple[Reading, Answer]]:
    return [(reading, answer) for reading, answer in answers if ENDPOINT_OF[reading.kind] == USDM]


def _last4(account: Account) -> dict[str, ItemValue]:
    facts = account.evidence.value(Kind.KEY, account.subject, KeyFacts)
    return {"last4": facts.last4} if facts else {}


def _step(cause: str, confidence: Confidence, *supporting: Item) -> Step:
    return Step(cause=cause, confidence=confidence, supporting=supporting)


def _found(account: Account, step: Step) -> Finding:
    return Finding(
        cause=step.cause,
        subject=account.subject,
        verdict=Verdict.FOUND,
        confidence=step.confidence,
        supporting=step.supporting,
        contradicting=step.contradicting,
        missing=step.missing,
        settle=step.settle,
    )
