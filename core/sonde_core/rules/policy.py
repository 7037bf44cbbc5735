"""Decides whether the key is set up as it should be.

Reading on, futures on, IP list on, withdrawals never. Decided per account, from what
`apiRestrictions` says:

| what came                       | verdict                              |
| ------------------------------- | ------------------------------------ |
| a forbidden permission is on    | WITHDRAWALS_ENABLED, confirmed       |
| the key has no IP list          | IP_RESTRICTION_OFF, confirmed        |
| neither                         | clear                                |
| it did not answer               | unknown                              |
"""

from collections.abc import Iterable

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Verdict, item
from sonde_core.readings import HOST, AgentSettings, Kind, Reading
from sonde_core.rules.account import Account, accounts, box, echoed

CAUSES = ("WITHDRAWALS_ENABLED", "IP_RESTRICTION_OFF")


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide WITHDRAWALS_ENABLED and IP_RESTRICTION_OFF for each account."""
    for account in accounts(evidence):
        known = account.permissions()
        if known is None:
            for cause in CAUSES:
                yield Finding(cause=cause, subject=account.subject, verdict=Verdict.UNKNOWN)
            continue
        reading, permissions = known
        granted = sorted(_forbidden(evidence) & permissions.granted)
        yield _decided(
            account,
            "WITHDRAWALS_ENABLED",
            _forbidden_on(reading, granted) if granted else None,
        )
        yield _decided(
            account,
            "IP_RESTRICTION_OFF",
            None if permissions.ip_restricted else _unrestricted(evidence, reading),
        )


def _forbidden_on(reading: Reading, granted: list[str]) -> Item:
    boxes = tuple(box(permission) for permission in granted)
    return item("forbidden_permission_on", reading, permissions=tuple(granted), boxes=boxes)


def _unrestricted(evidence: Evidence, reading: Reading) -> Item:
    addresses = {str(address) for address in echoed(evidence).values()}
    values: dict[str, ItemValue] = {"address": addresses.pop()} if len(addresses) == 1 else {}
    return item("ip_restriction_off", reading, **values)


def _forbidden(evidence: Evidence) -> frozenset[str]:
    settings = evidence.value(Kind.SETTINGS, HOST, AgentSettings)
    return settings.forbid if settings else AgentSettings(version="").forbid


def _decided(account: Account, cause: str, why: Item | None) -> Finding:
    return Finding(
        cause=cause,
        subject=account.subject,
        verdict=Verdict.FOUND if why else Verdict.CLEAR,
        confidence=Confidence.CONFIRMED if why else None,
        supporting=(why,) if why else (),
    )
