"""From what one host's agent said to what is wrong with the host."""

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from sonde.agent.v1 import reading_pb2
from sonde.agent.v1.agent_service_pb2 import CollectEvidenceResponse
from sonde_core.diagnose import diagnose
from sonde_core.evidence import Contact, Evidence, by_kind_and_subject
from sonde_core.findings import Finding
from sonde_core.readings import AgentSettings, Kind, Reading
from sonde_core.report import HostReport
from sonde_service.fanout import Outcome
from sonde_service.packing import pack
from sonde_service.store.diagnoses import StoredResult
from sonde_wire.readings import ReadingUnreadableError, decode
from sonde_wire.results import encode_result

logger = logging.getLogger(__name__)

_MOST_BYTES = 960 * 1024
"""Of a result with its readings: a client receives 1 MiB in one message."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One host's result, and as it is kept."""

    report: HostReport
    evidence: CollectEvidenceResponse
    """As the agent sent it."""
    stored: StoredResult


@dataclass(frozen=True, slots=True)
class Judged:
    """One host's result, and what it rests on for as long as that is needed."""

    decided: Decided
    read: Evidence
    """What the rules saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Decides what an outcome means."""

    rules_version: str
    diagnose: Callable[[Evidence], tuple[Finding, ...]] = diagnose

    def decide(self, outcome: Outcome, diagnosis: str) -> Judged:
        """Return what an outcome means.

        A bug in a rule, or findings that no client could receive, cost this host its findings and
        nothing else: the host then counts as one that could not be asked, its readings are kept,
        and the log has the traceback.
        """
        evidence = _evidence(outcome, outcome.evidence.readings)
        version = _version(evidence) or outcome.host.agent_version
        try:
            report = _report(outcome, diagnosis, version, self.diagnose(evidence))
            decided = _packed(report, outcome, self.rules_version)
            size = _size(decided)
            if size <= _MOST_BYTES:
                return Judged(decided, evidence)
            detail = f"its readings make a result of {size // 1024} KiB"
            logger.warning("Result dropped", extra={"host": outcome.host.name, "bytes": size})
        except Exception:
            incident = secrets.token_hex(4)
            about = {"host": outcome.host.name, "incident": incident}
            logger.exception("Deciding failed", extra=about)
            detail = f"internal error, incident {incident}"
        failed = replace(outcome, contact=Contact.REFUSED, detail=detail)
        report = _report(failed, diagnosis, version, self._without_readings(failed))
        return Judged(_packed(report, outcome, self.rules_version), evidence)

    def _without_readings(self, outcome: Outcome) -> tuple[Finding, ...]:
        try:
            return self.diagnose(_evidence(outcome, ()))
        except Exception:
            logger.exception("Deciding failed again", extra={"host": outcome.host.name})
            return ()


def _report(
    outcome: Outcome, diagnosis: str, version: str, findings: tuple[Finding, ...]
) -> HostReport:
    return HostReport(
        diagnosis=diagnosis,
        host=outcome.host.name,
        time=outcome.asked,
        status=outcome.contact,
        findings=findings,
        agent_version=version,
        last_seen=outcome.host.last_seen,
        elapsed=outcome.elapsed,
    )


def _evidence(outcome: Outcome, messages: Iterable[reading_pb2.Reading]) -> Evidence:
    return Evidence(
        now=outcome.asked + outcome.elapsed,
        contact=outcome.contact,
        contact_detail=outcome.detail,
        last_seen=outcome.host.last_seen,
        whitelists=outcome.host.whitelists,
        memory=outcome.host.memory,
        readings=by_kind_and_subject(_readable(outcome.host.name, messages)),
    )


def _readable(host: str, messages: Iterable[reading_pb2.Reading]) -> Iterator[Reading]:
    for message in messages:
        try:
            reading = decode(message)
        except ReadingUnreadableError as error:
            logger.warning("Reading dropped", extra={"host": host, "error": str(error)})
            continue
        if reading is not None:
            yield reading


def _version(evidence: Evidence) -> str:
    settings = evidence.values(Kind.SETTINGS, AgentSettings)
    # PostgreSQL keeps no NUL in a text.
    return next((value.version.replace("\0", "") for _, value in settings), "")


def _size(decided: Decided) -> int:
    """Return how large a result's message is, at most."""
    packed = len(decided.stored.result) + len(decided.stored.readings)
    # Packed it is up to twice as large. Making the message takes long, and few come near the bound.
    if packed <= _MOST_BYTES:
        return packed
    return encode_result(decided.report, decided.evidence.readings).ByteSize()


def _packed(report: HostReport, outcome: Outcome, rules_version: str) -> Decided:
    stored = StoredResult(
        diagnosis=report.diagnosis,
        host=report.host,
        time=report.time,
        status=report.status.value,
        healthy=report.healthy,
        agent_version=report.agent_version,
        rules_version=rules_version,
        result=pack(report),
        readings=outcome.evidence.SerializeToString(),
    )
    return Decided(report, outcome.evidence, stored)
