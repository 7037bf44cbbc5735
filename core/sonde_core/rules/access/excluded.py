"""What an account's accepted calls exclude, and what stays unexplained.

| what came                                              | the causes that were not found      |
| ------------------------------------------------------ | ----------------------------------- |
| a call accepted, none refused for an unknown reason    | clear                               |
| apiRestrictions does not know a required permission    | PERMISSION_MISSING unknown          |
| apiRestrictions silent; futures read and test accepted | PERMISSION_MISSING clear            |
| a read refused with any other code                     | PERMISSION_MISSING unknown          |
| the futures account answered, and may trade            | ACCOUNT_RESTRICTED clear            |
| no futures call got past the key, and they are wanted  | KEY_OLDER_THAN_FUTURES unknown      |
| the exchange refused an address that no echo saw       | IP_NOT_WHITELISTED unknown          |
| nothing accepted                                       | unknown                             |

What the agent kept back, because it had spent its own budget, is named with what is unknown.

What `order/test` is refused for is about the order, unless it stands for a restricted account.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from sonde_core.findings import Finding, Item, ItemValue, Verdict, item
from sonde_core.readings import ENDPOINT_OF, SPOT, Answer, KeyFacts, Kind, Reading
from sonde_core.rules.access.restricted import CAUSE as RESTRICTED
from sonde_core.rules.access.step import of_futures
from sonde_core.rules.account import REFUSED, Account, echoed, meaning, required
from sonde_core.rules.answers import endpoints, kept_back, said

_ELSEWHERE = frozenset({-1000, -1001, -1003, -1006, -1007, -1008, -1015, -1021})
"""Codes that other rules speak about."""
_ELSEWHERE_STATUSES = frozenset({403, 418, 429, 451})
_SERVER_ERROR = 500
_FUTURES = frozenset({"enableReading", "enableFutures"})

_Answered = list[tuple[Reading, Answer]]


def others(account: Account, causes: Iterable[str], found: set[str]) -> Iterator[Finding]:
    """Say of every cause that was not found whether it is excluded or unknown."""
    accepted, unexplained = account.accepted(), tuple(_unexplained(account))
    unanswered = _unanswered(account)
    for cause in causes:
        if cause not in found:
            cleared = _cleared(account, cause, accepted, unexplained)
            yield Finding(
                cause=cause,
                subject=account.subject,
                verdict=Verdict.UNKNOWN if cleared is None else Verdict.CLEAR,
                supporting=unexplained if cleared is None else cleared,
                missing=unanswered if cleared is None else (),
            )


def _cleared(
    account: Account, cause: str, accepted: _Answered, unexplained: tuple[Item, ...]
) -> tuple[Item, ...] | None:
    """Return what excludes a cause, or None where nothing does."""
    if cause == "CREDENTIALS_MISSING":
        key = account.evidence.value(Kind.KEY, account.subject, KeyFacts)
        return () if key or accepted else None
    if not accepted:
        return None
    if cause == "PERMISSION_MISSING":
        return None if unexplained else _permissions_complete(account)
    if cause == "ACCOUNT_RESTRICTED":
        return () if Kind.FUTURES_ACCOUNT in {reading.kind for reading, _ in accepted} else None
    if cause == "IP_NOT_WHITELISTED":
        return None if _seen_elsewhere(account) else (_accepted_address(account, accepted[0][0]),)
    if cause == "KEY_OLDER_THAN_FUTURES":
        wanted = "enableFutures" in required(account.evidence)
        return () if not wanted or of_futures(account.past_the_key()) else None
    return ()


def _seen_elsewhere(account: Account) -> bool:
    """Tell whether the exchange refused an address that no echo service saw."""
    seen, echoes = account.seen_by_exchange(), echoed(account.evidence).values()
    return bool(seen and echoes and seen[1] not in echoes)


def _permissions_complete(account: Account) -> tuple[Item, ...] | None:
    known, needed = account.permissions(), required(account.evidence)
    if known:
        told = needed <= known[1].granted
        return (item("permissions_complete", known[0]),) if told else None
    futures = {reading.kind for reading, _ in account.accepted()}
    proven = needed <= _FUTURES and {Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST} <= futures
    return (item("permissions_complete"),) if proven else None


def _unexplained(account: Account) -> Iterator[Item]:
    """Say what the exchange refused for a reason that no cause here stands for."""
    for reading, answer in account.finals.values():
        if _is_unexplained(account, reading, answer):
            yield said(reading, answer)


def _is_unexplained(account: Account, reading: Reading, answer: Answer) -> bool:
    if answer.ok or answer.status in _ELSEWHERE_STATUSES or answer.status >= _SERVER_ERROR:
        return False
    if reading.kind is Kind.FUTURES_ORDER_TEST or meaning(reading, answer) == RESTRICTED:
        return False
    if ENDPOINT_OF[reading.kind] == SPOT and not account.has_restrictions():
        return False
    return answer.code not in REFUSED | _ELSEWHERE


def _accepted_address(account: Account, reading: Reading) -> Item:
    addresses = sorted({str(address) for address in echoed(account.evidence).values()})
    values: dict[str, ItemValue] = {"address": addresses[0]} if len(addresses) == 1 else {}
    if len(addresses) > 1:
        values["addresses"] = tuple(addresses)
    return item("address_accepted", reading, **values)


def _unanswered(account: Account) -> tuple[Item, ...]:
    silent = () if account.finals else (item("no_signed_answer", account=account.subject.name),)
    kept = (kept_back(account.evidence, endpoint) for endpoint in endpoints(account.evidence))
    return (*silent, *chain.from_iterable(kept))
