"""What earlier diagnoses saw of an account's key, as far as the ladder leans on it.

Only the key that is on the host now counts: a new key has no past.
"""

from datetime import timedelta

from sonde_core.findings import Item, item
from sonde_core.memory import AccountMemory
from sonde_core.readings import Address, Closure, KeyFacts, Kind
from sonde_core.rules.account import Account, echoed

LATELY = timedelta(days=1)
LAST_WEEK = timedelta(days=7)
JUST_NOW = timedelta(hours=1)


def remembered(account: Account) -> AccountMemory | None:
    """Return what is remembered of the key that is on the host now."""
    memory = account.evidence.memory
    kept = memory.accounts.get(account.subject.name) if memory else None
    facts = account.evidence.value(Kind.KEY, account.subject, KeyFacts)
    same = kept and facts and kept.fingerprint == facts.fingerprint
    return kept if same else None


def replaced_lately(account: Account) -> Item | None:
    """Say that the key on the host is another than before, since when and in whose place."""
    evidence = account.evidence
    kept = evidence.memory.accounts.get(account.subject.name) if evidence.memory else None
    reading = evidence.last(Kind.KEY, account.subject)
    if not kept or not reading or not isinstance(reading.value, KeyFacts):
        return None
    if kept.fingerprint == reading.value.fingerprint:
        since, before = kept.replaced, kept.replaced_last4
    else:
        since, before = evidence.now if kept.fingerprint else None, kept.last4
    if since is None or evidence.now - since > LAST_WEEK:
        return None
    return item("key_replaced", reading, since=since, before=before, after=reading.value.last4)


def accepted_from_elsewhere(account: Account, address: Address) -> Item | None:
    """Say that the key was accepted before, until the host's address changed."""
    past = remembered(account)
    if not past or not past.accepted or not past.accepted_from:
        return None
    # The same eyes now as then: the exchange may see another way than the echo services do.
    echoes = {str(echo) for echo in echoed(account.evidence).values()}
    if not echoes or {str(address), *echoes} & set(past.accepted_from):
        return None
    return item(
        "accepted_until_address_changed",
        address=str(address),
        before=past.accepted_from,
        accepted=past.accepted,
    )


def accepted_from_here(account: Account, address: Address | None, within: timedelta) -> Item | None:
    """Say that the key was accepted from this same address a short while ago."""
    past = remembered(account)
    if not past or not past.accepted or account.evidence.now - past.accepted > within:
        return None
    if address and past.accepted_from and str(address) not in past.accepted_from:
        return None
    return item("accepted_lately", accepted=past.accepted)


def struck_lately(account: Account) -> Item | None:
    """Say that the exchange told this host to stay away within a day, or does so now."""
    evidence = account.evidence
    for reading, closure in evidence.values(Kind.GATE, Closure):
        return item("closed_lately", reading, status=closure.status, since=closure.since)
    for closed in reversed(evidence.memory.closures if evidence.memory else ()):
        if evidence.now - closed.until <= LATELY:
            return item("closed_lately", status=closed.status, since=closed.since)
    return None
