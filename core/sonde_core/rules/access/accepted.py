"""The rows of the ladder where `apiRestrictions` answered.

Then the key exists, its signature is right, and its address is accepted there.
"""

from collections.abc import Iterable

from sonde_core.findings import Confidence, Item, item
from sonde_core.readings import KeyPermissions, Reading
from sonde_core.rules.access.past import remembered
from sonde_core.rules.access.step import (
    Step,
    disagreement,
    mismatch,
    of_futures,
    step,
    with_code,
)
from sonde_core.rules.account import REJECTED, Account, box, required

FUTURES = "enableFutures"


def accepted_by_restrictions(
    account: Account, reading: Reading, permissions: KeyPermissions
) -> Iterable[Step]:
    """Decide by what `apiRestrictions` said and by how futures answered."""
    valid = item("restrictions_answered", reading)
    rejected = with_code(of_futures(account.refused()), REJECTED)
    lacking = sorted(required(account.evidence) & permissions.withheld)
    if lacking:
        off = item(
            "permission_off",
            reading,
            permissions=tuple(lacking),
            boxes=tuple(box(permission) for permission in lacking),
        )
        return [step("PERMISSION_MISSING", Confidence.CONFIRMED, off, *rejected, valid)]
    if not rejected or FUTURES in permissions.withheld:
        return []
    on = item("permission_on", reading, permission=FUTURES)
    if of_futures(account.accepted()):
        return [
            Step(
                cause="PERMISSION_MISSING",
                confidence=Confidence.POSSIBLE,
                supporting=tuple(rejected),
                contradicting=(on,),
                settle=item("settle_new_key"),
            )
        ]
    return _futures_rejected(account, permissions, rejected, on)


def _futures_rejected(
    account: Account, permissions: KeyPermissions, rejected: list[Item], on: Item
) -> Iterable[Step]:
    """Every futures call says -2015 though the key may do all."""
    seen, record = account.seen_by_exchange(), account.whitelist()
    if seen and record and not record.lists(seen[1]):
        other = mismatch(record, seen[1], seen[0], everywhere=False)
        return [step("IP_NOT_WHITELISTED", Confidence.LIKELY, *other, *rejected)]
    past = remembered(account)
    if past and past.futures_accepted:
        worked = item("futures_accepted_before", accepted=past.futures_accepted)
        return [
            Step(
                cause=cause,
                confidence=Confidence.POSSIBLE,
                supporting=(*rejected, worked, on),
                settle=item("settle_ask_again"),
            )
            for cause in ("IP_BANNED", "ACCOUNT_RESTRICTED")
        ]
    made = (item("key_made", made=permissions.created),) if permissions.created else ()
    return [
        Step(
            cause="KEY_OLDER_THAN_FUTURES",
            confidence=Confidence.LIKELY,
            supporting=(*rejected, on, *made, *disagreement(account)),
            missing=(item("futures_opening_unknown"),),
            settle=item("settle_new_key"),
        )
    ]
