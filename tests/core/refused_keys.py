"""What signed calls say of a key that is refused, and what the rules of access find in it."""

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Verdict
from sonde_core.readings import SIGNED_KINDS, FailureReason, Kind, Reading
from sonde_core.rules import access
from tests.core.hosts import HERE, MAIN, REJECTED, failed, refused

SEEN = "203.0.113.9"


def rejected(request_ip: str = SEEN) -> list[Reading]:
    """Every signed call says -2015; futures name the address that they saw."""
    futures = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    return [
        refused(kind, -2015, REJECTED, request_ip=request_ip if kind in futures else "")
        for kind in SIGNED_KINDS
    ]


def everywhere(code: int, status: int = 401) -> list[Reading]:
    return [refused(kind, code, "text", status=status) for kind in SIGNED_KINDS]


def futures_rejected(request_ip: str = HERE) -> list[Reading]:
    kinds = (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    return [refused(kind, -2015, REJECTED, request_ip=request_ip) for kind in kinds]


def unanswered() -> list[Reading]:
    return [failed(kind, MAIN, FailureReason.SKIPPED) for kind in SIGNED_KINDS]


def found(evidence_: Evidence) -> dict[str, Confidence | None]:
    return {f.cause: f.confidence for f in access.examine(evidence_) if f.verdict is Verdict.FOUND}


def finding(evidence_: Evidence, cause: str) -> Finding:
    return next(f for f in access.examine(evidence_) if f.cause == cause)
