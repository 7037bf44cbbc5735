"""What became different about the host itself: agent, clock, and how long it must stay away.

| what came                                             | change                               |
| ----------------------------------------------------- | ------------------------------------ |
| another version of the agent                          | agent_version_changed                |
| the agent is set to another exchange, such as testnet | environment_changed                  |
| the rules find the clock ahead, behind, or right      | clock_turned_ahead, _behind, _right  |
| NTP servers answer that did not; or none does any     | clock_source_ntp, clock_source_      |
| more, and the exchange's clock answers alone          | exchange                             |
| the exchange told the host to stay away until another | ban_began (418), limit_began (429)   |
| instant than before                                   |                                      |

A clock that the rules cannot judge changes nothing, nor do NTP servers that contradict each other.
A closure has a beginning of its own, so it is told even of a host that is seen for the first time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from sonde_core.evidence import Evidence
from sonde_core.findings import Finding, ItemValue, Verdict, item
from sonde_core.history.notes import Notes, Told
from sonde_core.memory import ClosureMemory, Memory
from sonde_core.readings import (
    HOST,
    AgentSettings,
    Closure,
    ExchangeTime,
    Failure,
    Kind,
    NtpSample,
    Reading,
)

_REGIMES = {"CLOCK_AHEAD": "ahead", "CLOCK_BEHIND": "behind"}
_BANNED = 418
_LONGEST_CLOSURE = timedelta(days=3)
_MOST_CLOSURES = 8
_LONGEST_NAME = 64


def follow_agent(before: Memory, notes: Notes, told: Told) -> Memory:
    """Return the memory with the agent's version and environment; note what changed."""
    reading = notes.evidence.last(Kind.SETTINGS, HOST)
    if reading is None or not isinstance(reading.value, AgentSettings):
        return before
    now, time = reading.value, notes.instant(reading)
    if not told.is_news("agent", time):
        return before
    # An agent that is too old to say changes nothing.
    version, environment = now.version or before.agent_version, now.environment[:_LONGEST_NAME]
    environment = environment or before.environment
    for id_, was, is_ in (
        ("agent_version_changed", before.agent_version, version),
        ("environment_changed", before.environment, environment),
    ):
        if was and was != is_:
            notes.note(time, item(id_, reading, before=was, after=is_))
    if (version, environment) == (before.agent_version, before.environment):
        return before
    return replace(before, agent_version=version, environment=environment)


def follow_clock(before: Memory, notes: Notes, told: Told, findings: Sequence[Finding]) -> Memory:
    """Return the memory with the clock's regime and source; note what changed."""
    asked = [*notes.evidence.of(Kind.EXCHANGE_TIME), *notes.evidence.of(Kind.NTP)]
    if not asked:
        return before
    time = notes.first(asked)
    source, regime = _source(notes.evidence), _regime(findings)
    if source and told.is_news("clock_source", time) and source != before.clock_source:
        if before.clock_source:
            notes.note(time, item(f"clock_source_{source}"))
        before = replace(before, clock_source=source)
    if regime and told.is_news("clock", time) and regime != before.clock:
        if before.clock:
            notes.note(time, item(f"clock_turned_{regime}", None, **_offset(findings)))
        before = replace(before, clock=regime)
    return before


def _source(evidence: Evidence) -> str:
    """Return who tells the time; nothing where that cannot be told."""
    ntp = list(evidence.of(Kind.NTP))
    if any(isinstance(reading.value, NtpSample) for reading in ntp):
        return "ntp"
    silent = bool(ntp) and all(isinstance(reading.value, Failure) for reading in ntp)
    exchange = any(True for _ in evidence.values(Kind.EXCHANGE_TIME, ExchangeTime))
    return "exchange" if silent and exchange else ""


def _regime(findings: Iterable[Finding]) -> str:
    """Return what the rules say of the clock; nothing where they cannot tell."""
    verdicts = {f.cause: f.verdict for f in findings if f.cause in _REGIMES}
    for cause, regime in _REGIMES.items():
        if verdicts.get(cause) is Verdict.FOUND:
            return regime
    right = verdicts and all(verdict is Verdict.CLEAR for verdict in verdicts.values())
    return "right" if right else ""


def _offset(findings: Iterable[Finding]) -> dict[str, ItemValue]:
    """Return the offset that the rules judged by, in milliseconds, where they name it."""
    for finding in findings:
        if finding.cause in _REGIMES:
            for evidence in finding.supporting:
                if "offset_ms" in evidence.values:
                    return {"offset_ms": evidence.values["offset_ms"]}
    return {}


def follow_closures(before: Memory, notes: Notes) -> Memory:
    """Return the memory with the closures of this diagnosis; note the new ones."""
    closures = before.closures
    for reading, closure in notes.evidence.values(Kind.GATE, Closure):
        told = _closure(reading, closure, notes)
        if any(_same(told, known) for known in closures):
            continue
        closures = tuple(sorted((*closures, told), key=lambda one: one.since))[-_MOST_CLOSURES:]
        id_ = "ban_began" if closure.status == _BANNED else "limit_began"
        notes.note(told.since, item(id_, reading, endpoint=told.endpoint, until=told.until))
    return before if closures is before.closures else replace(before, closures=closures)


def _closure(reading: Reading, closure: Closure, notes: Notes) -> ClosureMemory:
    since = notes.moved(closure.since, earliest=-_LONGEST_CLOSURE)
    lasts = max(closure.until - closure.since, timedelta())
    return ClosureMemory(
        endpoint=reading.subject.name,
        status=closure.status,
        since=since,
        until=since + min(lasts, _LONGEST_CLOSURE),
        stated=closure.until,
    )


def _same(one: ClosureMemory, other: ClosureMemory) -> bool:
    return (one.endpoint, one.status, one.stated) == (other.endpoint, other.status, other.stated)
