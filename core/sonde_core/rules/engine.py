"""Decides whether the engines on a host that report still do.

| an engine's last report of health                                    | verdict                  |
| -------------------------------------------------------------------- | ------------------------ |
| announced the next one, and that and one more are overdue            | ENGINE_SILENT, confirmed |
| announced the next one, which is not so late                         | clear                    |
| announced none: it says so itself that no report need come           | clear                    |
| no engine has ever reported                                          | nothing is said          |

Both instants are the host's own, so that a wrong clock makes no engine silent.
"""

from collections.abc import Iterable
from datetime import timedelta

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Finding, Verdict, item
from sonde_core.readings import EngineState, Kind, Reading

CAUSES = ("ENGINE_SILENT",)
_MISSED = 2
"""One report can be late; two in a row are not."""
_ON_THE_WAY = timedelta(seconds=1)


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide ENGINE_SILENT for each engine that has ever reported."""
    for reading, state in evidence.values(Kind.ENGINE, EngineState):
        interval = state.heartbeat_interval
        silence = reading.time - state.reported
        if interval is None or silence <= _MISSED * interval + _ON_THE_WAY:
            yield Finding(cause="ENGINE_SILENT", subject=reading.subject, verdict=Verdict.CLEAR)
        else:
            yield _silent(reading, state, interval)


def _silent(reading: Reading, state: EngineState, interval: timedelta) -> Finding:
    every = max(round(interval / timedelta(seconds=1)), 1)
    supporting = [item("engine_silent", reading, time=state.reported, every=every)]
    if state.version:
        supporting.append(item("engine_version", reading, version=state.version))
    return Finding(
        cause="ENGINE_SILENT",
        subject=reading.subject,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED,
        supporting=tuple(supporting),
    )
