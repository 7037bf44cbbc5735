"""One account as the rules see it: its key, its list, and what its signed tests came to."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from sonde_core.evidence import Evidence, once
from sonde_core.readings import (
    HOST,
    SIGNED_KINDS,
    Address,
    AgentSettings,
    Answer,
    EchoedAddress,
    Failure,
    FailureReason,
    KeyPermissions,
    Kind,
    Reading,
    Subject,
    WhitelistRecord,
)
from sonde_core.records import record
from sonde_core.refusals import Surface, meanings

BAD_SIGNATURE, BAD_FORMAT, UNKNOWN_KEY, REJECTED = -1022, -2014, -2008, -2015
UNAUTHORIZED, ADDRESS_REFUSED = -1002, -1011
REFUSED = frozenset(
    {BAD_SIGNATURE, BAD_FORMAT, UNKNOWN_KEY, REJECTED, UNAUTHORIZED, ADDRESS_REFUSED}
)
"""Codes that speak about key, address, signature or permission."""
_NEEDS_THE_ACCOUNT = frozenset(
    {"ACCOUNT_RESTRICTED", "MARGIN_INSUFFICIENT", "POSITION_MODE_MISMATCH"}
)
"""What the exchange can refuse for only once it knows whose key it is."""
_NOT_THERE = 404
_TEST_NET = "testnet"
_SURFACES = {
    Kind.API_RESTRICTIONS: Surface.SAPI,
    Kind.ACCOUNT_STATUS: Surface.SAPI,
    Kind.SPOT_ACCOUNT: Surface.SPOT,
    Kind.FUTURES_ACCOUNT: Surface.USDM,
    Kind.FUTURES_ORDER_TEST: Surface.USDM,
}
"""Which of the exchange's lists of codes speaks in a signed test's answer."""

_Finals = Mapping[Kind, tuple[Reading, Answer]]


@record(frozen=True, slots=True)
class Account:
    """One account of the host."""

    evidence: Evidence
    subject: Subject
    finals: _Finals
    """The last answer of every signed test that was answered: after -1021 that is the one with
    exchange time."""

    def accepted(self) -> list[tuple[Reading, Answer]]:
        """Return the signed tests that the exchange carried out."""
        return [(reading, answer) for reading, answer in self.finals.values() if answer.ok]

    def past_the_key(self) -> list[tuple[Reading, Answer]]:
        """Return the signed tests that were accepted, or refused because of the account alone.

        Either proves that the exchange takes key, address and signature.
        """
        return [
            (reading, answer)
            for reading, answer in self.finals.values()
            if answer.ok or meaning(reading, answer) in _NEEDS_THE_ACCOUNT
        ]

    def refused(self) -> list[tuple[Reading, Answer]]:
        """Return the signed tests that were refused for key, address, signature or permission."""
        return [
            (reading, answer) for reading, answer in self.finals.values() if answer.code in REFUSED
        ]

    def permissions(self) -> tuple[Reading, KeyPermissions] | None:
        """Return what the key may do, as the exchange says."""
        answered = self.finals.get(Kind.API_RESTRICTIONS)
        if answered and isinstance(answered[1].facts, KeyPermissions):
            return answered[0], answered[1].facts
        return None

    def has_restrictions(self) -> bool:
        """Tell whether this environment knows `apiRestrictions`: the spot test net does not."""
        settings = self.evidence.value(Kind.SETTINGS, HOST, AgentSettings)
        if settings and settings.environment == _TEST_NET:
            return False
        answered = self.finals.get(Kind.API_RESTRICTIONS)
        return not (answered and answered[1].status == _NOT_THERE)

    def key_failure(self) -> tuple[Reading, Failure] | None:
        """Return why the key on the host cannot be used, if so."""
        reading = self.evidence.last(Kind.KEY, self.subject)
        if reading and isinstance(reading.value, Failure):
            # Any other reason means that nobody came to look at it.
            unusable = reading.value.reason is FailureReason.CREDENTIALS
            return (reading, reading.value) if unusable else None
        return None

    def whitelist(self) -> WhitelistRecord | None:
        """Return the recorded IP list: the service's record, else the agent's own."""
        recorded = self.evidence.whitelists.get(self.subject.name)
        return recorded or self.evidence.value(Kind.WHITELIST, self.subject, WhitelistRecord)

    def seen_by_exchange(self) -> tuple[Reading, Address] | None:
        """Return the address that the exchange named when it refused."""
        for reading, answer in self.finals.values():
            if answer.request_ip:
                return reading, answer.request_ip
        return None


def meaning(reading: Reading, answer: Answer) -> str | None:
    """Return the cause that a refusal's code and text stand for, where they are known."""
    if answer.ok or answer.code is None:
        return None
    return _meaning(answer.code, answer.message, _SURFACES[reading.kind])


@lru_cache(maxsize=1024)
def _meaning(code: int, message: str, surface: Surface) -> str | None:
    """Look it up once: hosts of one fleet are refused in the same words."""
    known = meanings(code, message, surface)
    return known[0].cause if known else None


def box(permission: str) -> str:
    """Return what the box of a permission is called on the exchange's page.

    ``enableFutures`` is "Enable Futures" there.
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", permission)
    return (words[:1].upper() + words[1:]).replace(" And ", " & ")


def accounts(evidence: Evidence) -> list[Account]:
    """Return every account of the host, those included that nothing came of."""
    return [Account(evidence, subject, finals) for subject, finals in _tested(evidence)]


@once
def _tested(evidence: Evidence) -> list[tuple[Subject, _Finals]]:
    # Not the accounts themselves: evidence that holds what holds it stays until it is searched for.
    settings = evidence.value(Kind.SETTINGS, HOST, AgentSettings)
    named = {Subject("account", name) for name in (settings.accounts if settings else ())}
    subjects = sorted(named | set(evidence.subjects("account")))
    return [(subject, dict(_finals(evidence, subject))) for subject in subjects]


def _finals(evidence: Evidence, subject: Subject) -> Iterator[tuple[Kind, tuple[Reading, Answer]]]:
    for kind in SIGNED_KINDS:
        reading = evidence.last(kind, subject)
        if reading and isinstance(reading.value, Answer):
            yield kind, (reading, reading.value)


def required(evidence: Evidence) -> frozenset[str]:
    """Return the permissions that a key must have, by the operator's own word."""
    settings = evidence.value(Kind.SETTINGS, HOST, AgentSettings)
    return settings.require if settings else AgentSettings(version="").require


def echoed(evidence: Evidence) -> dict[str, Address]:
    """Return the outbound IPv4 address by echo service, else the IPv6 one."""
    for kind in (Kind.ECHO_IPV4, Kind.ECHO_IPV6):
        seen = {r.subject.name: e.address for r, e in evidence.values(kind, EchoedAddress)}
        if seen:
            return seen
    return {}
