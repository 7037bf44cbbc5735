"""What became different about an account: its key, what that may do, whether it is accepted.

| what came                                                      | change                         |
| -------------------------------------------------------------- | ------------------------------ |
| another key's fingerprint                                      | key_changed                    |
| `apiRestrictions` answers, a permission is on that was not     | permission_given               |
| ..., one is withheld that was on                               | permission_taken               |
| ..., the restriction to IP addresses is on or off, and was not | ip_restriction_added, _removed |
| the exchange's word about the account is another               | account_status_changed         |
| the account may trade no more, or again                        | trading_stopped, _allowed      |
| signed tests are refused, by another code than before          | refused_first, once per code   |
| signed tests are accepted that were refused                    | accepted_again                 |

-1021 counts as a refusal of the host's clock, even where the exchange's clock got an answer. Every
other failure (silence, a ban, an overload) says nothing about the account.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sonde_core.findings import ItemValue, item
from sonde_core.history.notes import Notes, Told
from sonde_core.memory import AccountMemory
from sonde_core.readings import (
    ENDPOINT_OF,
    SIGNED_KINDS,
    USDM,
    AccountStatus,
    Answer,
    KeyFacts,
    KeyPermissions,
    Kind,
    Reading,
    Subject,
    TradingFlags,
)
from sonde_core.rules.account import REFUSED
from sonde_core.rules.answers import CALLS

_TIMESTAMP_REJECTED = -1021
_ACCEPTED = 0
_MOST_ACCOUNTS = 32
_MOST_PERMISSIONS = 64
_LONGEST_STATUS = 64

Known = Mapping[str, AccountMemory]


def follow(before: Known, notes: Notes, addresses: tuple[str, ...]) -> Known:
    """Return what is remembered of every account now; note what changed.

    `addresses` are those by which the host leaves, as the echo services see them.
    """
    accounts = dict(before)
    for subject in notes.evidence.subjects("account"):
        known = accounts.pop(subject.name, AccountMemory())
        account = _Account(subject, notes, Told.of(known.told), addresses)
        accounts[subject.name] = account.follow(known)
    return dict(list(accounts.items())[-_MOST_ACCOUNTS:])


class _Test(NamedTuple):
    """What one signed test came to."""

    kind: Kind
    reading: Reading
    answer: Answer
    code: int
    """Of the refusal; 0 where it was accepted."""
    time: datetime
    accepted: datetime | None
    """When it was accepted, by whichever clock it was signed."""


@dataclass(frozen=True, slots=True)
class _Account:
    """One account in one diagnosis."""

    subject: Subject
    notes: Notes
    told: Told
    addresses: tuple[str, ...]

    def follow(self, known: AccountMemory) -> AccountMemory:
        """Return what is remembered of the account now."""
        now = self._key(known)
        if now is None:
            return known
        now = self._permissions(known, now)
        return self._answers(self._trading(self._status(now)))

    def _note(self, id_: str, time: datetime, reading: Reading, **values: ItemValue) -> None:
        self.notes.note(time, item(id_, reading, account=self.subject.name, **values))

    def _key(self, known: AccountMemory) -> AccountMemory | None:
        """Return what is known of the key that was used; None where that is an older one."""
        reading = self.notes.evidence.last(Kind.KEY, self.subject)
        if reading is None or not isinstance(reading.value, KeyFacts):
            return known
        facts, time = reading.value, self.notes.instant(reading)
        if not self.told.is_news("key", time):
            return known if facts.fingerprint == known.fingerprint else None
        if facts.fingerprint == known.fingerprint:
            return known
        if known.fingerprint:
            self._note(
                "key_changed",
                time,
                reading,
                before=known.last4,
                after=facts.last4,
                fingerprint_before=known.fingerprint,
                fingerprint_after=facts.fingerprint,
            )
        return AccountMemory(
            fingerprint=facts.fingerprint,
            last4=facts.last4,
            replaced=time if known.fingerprint else None,
            replaced_last4=known.last4,
            answers=known.answers,
            status=known.status,
            trading=known.trading,
        )

    def _permissions(self, known: AccountMemory, now: AccountMemory) -> AccountMemory:
        """Compare with the key before too: what a new one may not do is what broke."""
        reading, answer = self._answered(Kind.API_RESTRICTIONS)
        if not reading or not answer or not isinstance(answer.facts, KeyPermissions):
            return now
        facts, time = answer.facts, self.notes.instant(reading)
        if not self.told.is_news("permissions", time):
            return now
        if known.granted is not None:
            for id_, changed in (
                ("permission_given", facts.granted - known.granted),
                ("permission_taken", facts.withheld & known.granted),
            ):
                if changed:
                    self._note(id_, time, reading, permissions=_bounded(changed))
        if known.ip_restricted is not None and known.ip_restricted is not facts.ip_restricted:
            added = facts.ip_restricted
            self._note(f"ip_restriction_{'added' if added else 'removed'}", time, reading)
        granted = frozenset(_bounded(facts.granted))
        if (granted, facts.ip_restricted) == (now.granted, now.ip_restricted):
            return now
        return replace(now, granted=granted, ip_restricted=facts.ip_restricted)

    def _status(self, now: AccountMemory) -> AccountMemory:
        reading, answer = self._answered(Kind.ACCOUNT_STATUS)
        if not reading or not answer or not isinstance(answer.facts, AccountStatus):
            return now
        status, time = answer.facts.status[:_LONGEST_STATUS], self.notes.instant(reading)
        if not self.told.is_news("status", time):
            return now
        if now.status == status:
            return now
        if now.status:
            self._note("account_status_changed", time, reading, before=now.status, after=status)
        return replace(now, status=status)

    def _trading(self, now: AccountMemory) -> AccountMemory:
        """Compare whether the account may trade; spot and futures each tell for themselves."""
        trading = dict(now.trading)
        for kind in (Kind.FUTURES_ACCOUNT, Kind.SPOT_ACCOUNT):
            reading, answer = self._answered(kind)
            if not reading or not answer or not isinstance(answer.facts, TradingFlags):
                continue
            may, time = answer.facts.can_trade, self.notes.instant(reading)
            if not self.told.is_news(f"{kind.value} trading", time):
                continue
            if trading.get(kind.value, may) is not may:
                id_ = "trading_allowed" if may else "trading_stopped"
                self._note(id_, time, reading, call=CALLS[kind])
            trading[kind.value] = may
        return now if trading == now.trading else replace(now, trading=trading)

    def _answered(self, kind: Kind) -> tuple[Reading, Answer] | tuple[None, None]:
        reading = self.notes.evidence.last(kind, self.subject)
        if reading and isinstance(reading.value, Answer):
            return reading, reading.value
        return None, None

    def _answers(self, now: AccountMemory) -> AccountMemory:
        tests = [test for test in self._tests() if self.told.is_news(test.kind.value, test.time)]
        changed = [t for t in tests if now.answers.get(t.kind.value, t.code) != t.code]
        for code in dict.fromkeys(test.code for test in changed):
            self._changed([test for test in changed if test.code == code])
        return self._judged(now, tests)

    def _tests(self) -> Iterator[_Test]:
        for kind in SIGNED_KINDS:
            readings = self.notes.evidence.readings.get((kind, self.subject), ())
            answers = [(r, r.value) for r in readings if isinstance(r.value, Answer)]
            code = _code(answers) if answers else None
            if code is None:
                continue
            last, time = answers[-1], self.notes.instant(answers[-1][0])
            accepted = time if last[1].ok else None
            if code and len(answers) > 1:
                # A refusal is as old as the first answer, an acceptance as new as the last.
                last, time = answers[0], self.notes.instant(answers[0][0])
            yield _Test(kind, *last, code, time, accepted)

    def _changed(self, tests: list[_Test]) -> None:
        """Note that some tests are answered by one other code than before."""
        first = min(tests, key=lambda test: test.time)
        calls = tuple(CALLS[test.kind] for test in tests)
        if first.code == _ACCEPTED:
            self._note("accepted_again", first.time, first.reading, calls=calls)
            return
        self._note(
            "refused_first",
            first.time,
            first.reading,
            code=first.code,
            message=first.answer.message,
            calls=calls,
        )

    def _judged(self, now: AccountMemory, tests: list[_Test]) -> AccountMemory:
        """Return since when the key is refused, and when it was accepted last."""
        accepted = _latest(now.accepted, tests)
        futures = [test for test in tests if ENDPOINT_OF[test.kind] == USDM]
        refused, refusal = now.refused, now.refusal
        refusals = [test for test in tests if test.code in REFUSED]
        if refusals and refused is None:
            first = min(refusals, key=lambda test: test.time)
            refused, refusal = first.time, first.code
        elif not refusals and any(test.accepted for test in tests):
            refused, refusal = None, None
        return replace(
            now,
            accepted=accepted,
            accepted_from=now.accepted_from if accepted == now.accepted else self.addresses,
            futures_accepted=_latest(now.futures_accepted, futures),
            refused=refused,
            refusal=refusal,
            answers={**now.answers, **{test.kind.value: test.code for test in tests}},
            told=self.told.times,
        )


def _code(answers: list[tuple[Reading, Answer]]) -> int | None:
    """Return by which code a test was refused, 0 where it was accepted, None if neither."""
    _, last = answers[-1]
    if last.code in REFUSED:
        return last.code
    if any(answer.code == _TIMESTAMP_REJECTED for _, answer in answers):
        return _TIMESTAMP_REJECTED
    return _ACCEPTED if last.ok else None


def _latest(known: datetime | None, tests: list[_Test]) -> datetime | None:
    """Return when one of some tests was last accepted, if ever."""
    times = [test.accepted for test in tests if test.accepted]
    return max([*times, known] if known else times, default=None)


def _bounded(permissions: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(permissions)[:_MOST_PERMISSIONS])
