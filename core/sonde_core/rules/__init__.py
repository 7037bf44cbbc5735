"""The rules. Each module decides one area; a table in words stands at its top."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sonde_core.evidence import Evidence
from sonde_core.findings import Finding
from sonde_core.rules import (
    access,
    clock,
    delay,
    egress,
    engine,
    exchange,
    host,
    network,
    policy,
    rate,
    timekeeping,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Decides some causes from the evidence, and nothing else."""

    causes: tuple[str, ...]
    """Every cause that it decides: it yields one finding on each, per subject."""
    examine: Callable[[Evidence], Iterable[Finding]]


RULES: tuple[Rule, ...] = tuple(
    Rule(module.CAUSES, module.examine)
    for module in (
        host,
        network,
        clock,
        delay,
        timekeeping,
        rate,
        egress,
        access,
        policy,
        exchange,
        engine,
    )
)
