"""The rows of the ladder where `apiRestrictions` did not answer what was asked."""

from collections.abc import Iterable
from dataclasses import replace

from sonde_core.findings import Confidence, Item, ItemValue, item
from sonde_core.readings import ENDPOINT_OF, SPOT, Address, Answer, Kind, Reading, WhitelistRecord
from sonde_core.rules.access.past import (
    JUST_NOW,
    LATELY,
    accepted_from_elsewhere,
    accepted_from_here,
    remembered,
    struck_lately,
)
from sonde_core.rules.access.step import (
    Step,
    disagreement,
    last4,
    listed,
    mismatch,
    of_futures,
    step,
    with_code,
)
from sonde_core.rules.account import (
    ADDRESS_REFUSED,
    REJECTED,
    UNAUTHORIZED,
    UNKNOWN_KEY,
    Account,
    echoed,
)
from sonde_core.rules.answers import said


def refused_by_restrictions(account: Account) -> Iterable[Step]:
    """Decide by who refused, with which code."""
    refused = account.refused()
    if not refused:
        return []
    if not account.has_restrictions():
        return _on_the_test_net(account, refused)
    if of_futures(account.accepted()):
        futures = [said(reading, answer) for reading, answer in of_futures(account.accepted())]
        return [
            step("PERMISSION_MISSING", Confidence.LIKELY, *(said(*r) for r in refused), *futures)
        ]
    return _by_code(account, refused)


def _by_code(account: Account, refused: list[tuple[Reading, Answer]]) -> Iterable[Step]:
    unknown = with_code(refused, UNKNOWN_KEY)
    if unknown:
        return _unknown_key(account, unknown)
    turned_away = with_code(refused, ADDRESS_REFUSED)
    if turned_away:
        return [step("IP_NOT_WHITELISTED", Confidence.LIKELY, *turned_away, *_seen(account))]
    rejected = with_code(refused, REJECTED)
    if rejected:
        return _rejected(account, rejected)
    unauthorized = with_code(refused, UNAUTHORIZED)
    return [step("PERMISSION_MISSING", Confidence.LIKELY, *unauthorized)] if unauthorized else []


def _on_the_test_net(account: Account, refused: list[tuple[Reading, Answer]]) -> Iterable[Step]:
    """Decide where there is no R: spot and futures of the test net take keys of their own."""
    if of_futures(account.accepted()):
        return []  # spot need not know a key of futures
    rejected = with_code(of_futures(refused), REJECTED) + with_code(refused, UNKNOWN_KEY)
    spot = [said(r, a) for r, a in account.accepted() if r.kind is Kind.SPOT_ACCOUNT]
    if rejected and spot:
        return [step("WRONG_ENVIRONMENT", Confidence.LIKELY, *rejected[:1], *spot)]
    return _by_code(account, refused)


def _unknown_key(account: Account, unknown: list[Item]) -> Iterable[Step]:
    """Nobody here knows the key's id: it is gone, was mistyped, or belongs elsewhere."""
    past = remembered(account)
    if past and past.accepted:
        known = item("accepted_before", accepted=past.accepted)
        return [step("KEY_INVALID", Confidence.CONFIRMED, *unknown, known)]
    settle = item("settle_compare_key", **last4(account))
    return [
        Step(cause=cause, confidence=sure, supporting=tuple(unknown), settle=settle)
        for cause, sure in (
            ("KEY_INVALID", Confidence.LIKELY),
            ("WRONG_ENVIRONMENT", Confidence.POSSIBLE),
        )
    ]


def _rejected(account: Account, rejected: list[Item]) -> Iterable[Step]:
    """Every signed call says -2015: the recorded list and the past against the address."""
    record, (reading, address) = account.whitelist(), _address(account)
    if record and address and not record.lists(address):
        plain = all(network.num_addresses == 1 for network in record.entries)
        sure = Confidence.CONFIRMED if plain and reading is not None else Confidence.LIKELY
        other = mismatch(record, address, reading, everywhere=True)
        return [step("IP_NOT_WHITELISTED", sure, *other, *rejected, *disagreement(account))]
    on_list = _on_list(record, address, reading) if record and address else ()
    moved = accepted_from_elsewhere(account, address) if address else None
    if moved:
        return [
            Step(
                cause="IP_NOT_WHITELISTED",
                confidence=Confidence.LIKELY if on_list else Confidence.CONFIRMED,
                supporting=(moved, *rejected, *disagreement(account)),
                contradicting=on_list,
                settle=_compare_list(account, address) if on_list else None,
            )
        ]
    banned = _banned(account, address, [*rejected, *on_list])
    if banned:
        return banned
    known, unauthorized = _known(account), with_code(account.refused(), UNAUTHORIZED)
    if on_list and (known or unauthorized):
        told = (*known, *unauthorized, *rejected, *on_list)
        return [step("PERMISSION_MISSING", Confidence.LIKELY, *told)]
    steps = (
        _listed(account, [*rejected, *on_list])
        if record and address and record.names(address)
        else _undecided(account, rejected, address, known=on_list)
    )
    if known or not any(ENDPOINT_OF[reading.kind] == SPOT for reading, _ in account.refused()):
        return _perhaps_a_permission(steps, known, rejected)
    return steps


def _on_list(record: WhitelistRecord, address: Address, reading: Reading | None) -> tuple[Item]:
    """Say that the recorded list has an address, by itself or only within a network."""
    id_ = "address_listed" if record.names(address) else "address_in_network"
    # Not `listed`: by that name the mails call what the address is to be added to.
    return (item(id_, reading, address=str(address), recorded=listed(record)),)


def _perhaps_a_permission(steps: list[Step], known: list[Item], rejected: list[Item]) -> list[Step]:
    """Add that a permission may be missing, where only R could tell and nobody could ask it."""
    # Asking again tells all of them apart, so that nobody need look or change anything before.
    settle = item("settle_restrictions")
    others = [replace(each, confidence=Confidence.POSSIBLE, settle=settle) for each in steps]
    permission = Step(
        cause="PERMISSION_MISSING",
        confidence=Confidence.POSSIBLE,
        supporting=(*known, *rejected),
        settle=settle,
    )
    return [*(each for each in others if not known or each.cause != "KEY_INVALID"), permission]


def _known(account: Account) -> list[Item]:
    """Say where futures know whose key it is, and refuse the account alone."""
    return [
        said(reading, answer)
        if answer.ok
        else item(
            "key_known", reading, endpoint=ENDPOINT_OF[reading.kind].name, code=answer.code or 0
        )
        for reading, answer in of_futures(account.past_the_key())
    ]


def _banned(account: Account, address: Address | None, rejected: list[Item]) -> list[Step]:
    """Suspect a ban where the key worked a moment ago, from here: that can look like a bad key."""
    worked, struck = accepted_from_here(account, address, LATELY), struck_lately(account)
    settle = item("settle_ask_again")
    if worked and struck:
        told = (*rejected, worked, struck)
        return [
            Step(cause="IP_BANNED", confidence=Confidence.LIKELY, supporting=told, settle=settle)
        ]
    worked = accepted_from_here(account, address, JUST_NOW)
    return [
        Step(
            cause=cause,
            confidence=Confidence.POSSIBLE,
            supporting=(*rejected, worked),
            settle=settle,
        )
        for cause in ("KEY_INVALID", "IP_BANNED")
        if worked
    ]


def _listed(account: Account, told: list[Item]) -> list[Step]:
    return [
        Step(
            cause="KEY_INVALID",
            confidence=Confidence.LIKELY,
            supporting=tuple(told),
            settle=item("settle_compare_key", **last4(account)),
        )
    ]


def _undecided(
    account: Account, rejected: list[Item], address: Address | None, *, known: tuple[Item, ...]
) -> list[Step]:
    """Address and key cannot be told apart by the answers, where no list names the address.

    `known` is what a recorded list says all the same: that a network on it has the address.
    """
    shown: dict[str, ItemValue] = {"address": str(address)} if address else {}
    unrecorded = item("whitelist_not_recorded", account=account.subject.name, **shown)
    return [
        Step(
            cause=cause,
            confidence=Confidence.POSSIBLE,
            supporting=(*_seen(account), *rejected, *disagreement(account)),
            missing=known or (unrecorded,),
            settle=_compare_list(account, address),
        )
        for cause in ("IP_NOT_WHITELISTED", "KEY_INVALID")
    ]


def _compare_list(account: Account, address: Address | None) -> Item:
    shown: dict[str, ItemValue] = {"address": str(address)} if address else {}
    return item("settle_compare_list", account=account.subject.name, **shown)


def _address(account: Account) -> tuple[Reading | None, Address | None]:
    """Return the address that the exchange named, else the one that all echo services saw."""
    seen = account.seen_by_exchange()
    if seen:
        return seen
    addresses = set(echoed(account.evidence).values())
    return None, addresses.pop() if len(addresses) == 1 else None


def _seen(account: Account) -> tuple[Item, ...]:
    reading, address = _address(account)
    return (item("address_seen", reading, address=str(address)),) if address else ()
