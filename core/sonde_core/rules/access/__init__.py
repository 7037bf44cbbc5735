"""Decides why the exchange refuses this key from this host: the ladder.

`-2015` is one text for many causes, so no answer is read alone. R is `apiRestrictions`, F any
futures call, S any signed call. After -1021 the repeat with exchange time counts, because -1021
hides what lies behind it. "Before" is what earlier diagnoses saw of the same key. The first row
that fits decides.

| what came                                     | verdict                                        |
| --------------------------------------------- | ---------------------------------------------- |
| the key on the host cannot be read            | CREDENTIALS_MISSING, confirmed                 |
| no signed test was answered                   | unknown: a path or a ban tells nothing of keys |
| S says -1022                                  | SIGNATURE_INVALID, confirmed                   |
| S says -2014                                  | KEY_INVALID, confirmed: not even the form fits |
| either, while another call was accepted       | the same, possible: something garbles requests |
|                                               |                                                |
| R answered (`accepted`):                      |                                                |
| a required permission is off                  | PERMISSION_MISSING, confirmed                  |
| futures are off and not required              | clear: F is refused as it should be            |
| all are on; one F accepted, another -2015     | PERMISSION_MISSING, possible                   |
| all are on; every F says -2015, and           |                                                |
| … F left by an address that the list lacks    | IP_NOT_WHITELISTED, likely                     |
| … F was accepted before                       | IP_BANNED and ACCOUNT_RESTRICTED, possible:    |
|                                               | a key that worked is not too old for futures   |
| … otherwise                                   | KEY_OLDER_THAN_FUTURES, likely                 |
|                                               |                                                |
| R did not answer what was asked (`rejected`): |                                                |
| R is not there, spot accepted, F -2015        | WRONG_ENVIRONMENT, likely: only the test net   |
|                                               | has no R, and its products take separate keys  |
| R refused, F answered                         | PERMISSION_MISSING (reading), likely           |
| S says -2008, accepted before                 | KEY_INVALID, confirmed: it is gone             |
| S says -2008                                  | KEY_INVALID, likely; WRONG_ENVIRONMENT,        |
|                                               | possible                                       |
| S says -1011                                  | IP_NOT_WHITELISTED, likely                     |
| R says -1002, and nothing says -2015          | PERMISSION_MISSING, likely                     |
| S says -2015, and                             |                                                |
| … the list lacks the address                  | IP_NOT_WHITELISTED: confirmed if the exchange  |
|                                               | itself named the address and the list has      |
|                                               | plain addresses only, else likely              |
| … no list; accepted before, until the address | IP_NOT_WHITELISTED, confirmed; likely if the   |
|   changed                                     | list has the new address too                   |
| … accepted within a day from here, and a ban  | IP_BANNED, likely: a ban can look like a bad   |
|   or limit struck since                       | key                                            |
| … accepted within the hour from here          | KEY_INVALID and IP_BANNED, possible            |
| … the list has the address, and F refuses the | PERMISSION_MISSING, likely: the key is known   |
|   account, or R says -1002                    |                                                |
| … the list has the address                    | KEY_INVALID, likely                            |
| … the list has it only within a network, or   | IP_NOT_WHITELISTED and KEY_INVALID, possible   |
|   no list is recorded                         |                                                |
| … the same, and spot said nothing of the key  | these are possible, and PERMISSION_MISSING too |
|                                               |                                                |
| S accepted                                    | clear                                          |

Whatever the ladder says, the exchange may also say that the account is restricted (`restricted`).
Where the key is another than before, that supports what is found of it.
What was not found is clear or unknown (`excluded`).
"""

from collections.abc import Iterable
from dataclasses import replace

from sonde_core.evidence import Contact, Evidence
from sonde_core.findings import Confidence, Finding, Item, Verdict, item
from sonde_core.readings import HOST, Kind
from sonde_core.rules.access.accepted import accepted_by_restrictions
from sonde_core.rules.access.excluded import others
from sonde_core.rules.access.past import replaced_lately
from sonde_core.rules.access.rejected import refused_by_restrictions
from sonde_core.rules.access.restricted import restrictions
from sonde_core.rules.access.step import Step, step, with_code
from sonde_core.rules.account import BAD_FORMAT, BAD_SIGNATURE, Account, accounts
from sonde_core.rules.answers import said

CAUSES = (
    "CREDENTIALS_MISSING",
    "SIGNATURE_INVALID",
    "KEY_INVALID",
    "WRONG_ENVIRONMENT",
    "IP_NOT_WHITELISTED",
    "PERMISSION_MISSING",
    "KEY_OLDER_THAN_FUTURES",
    "ACCOUNT_RESTRICTED",
)
"""What is decided of every account. A ban that looks like a bad key is added where it is found."""


_OF_THE_KEY = frozenset(CAUSES) - {"CREDENTIALS_MISSING", "ACCOUNT_RESTRICTED"}


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide the causes of the ladder for each account of the host."""
    known = accounts(evidence)
    if not known:
        yield from _no_account(evidence)
    for account in known:
        steps = list(_ladder(account))
        if all(each.cause != "ACCOUNT_RESTRICTED" for each in steps):
            steps += restrictions(account)
        replaced = replaced_lately(account)
        if replaced:
            steps = [_with_another_key(each, replaced) for each in steps]
        yield from (each.finding(account.subject) for each in steps)
        yield from others(account, CAUSES, {each.cause for each in steps})


def _with_another_key(found: Step, replaced: Item) -> Step:
    """Add that the key is another, where that explains it: key, list and permissions are new."""
    if found.cause not in _OF_THE_KEY:
        return found
    return replace(found, supporting=(*found.supporting, replaced))


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
        return [step("CREDENTIALS_MISSING", Confidence.CONFIRMED, why)]
    refused = account.refused()
    for code, cause in ((BAD_SIGNATURE, "SIGNATURE_INVALID"), (BAD_FORMAT, "KEY_INVALID")):
        told = with_code(refused, code)
        if told:
            return [_of_the_key(account, cause, told)]
    known = account.permissions()
    if known:
        return accepted_by_restrictions(account, *known)
    return refused_by_restrictions(account)


def _of_the_key(account: Account, cause: str, told: list[Item]) -> Step:
    """Blame key or secret: surely, unless the exchange took the same key in another call."""
    against = tuple(said(reading, answer) for reading, answer in account.accepted())
    confidence = Confidence.POSSIBLE if against else Confidence.CONFIRMED
    return Step(cause=cause, confidence=confidence, supporting=tuple(told), contradicting=against)
