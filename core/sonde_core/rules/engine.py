"""Decides whether the engines on a host that report still do.

| an engine's last report of health                                    | verdict                  |
| -------------------------------------------------------------------- | ------------------------ |
| announced none: it says so itself that no report need come           | clear                    |
| announced the next one, and not both that and one more are overdue   | clear                    |
| both are, and the agent has been listening since it came             | ENGINE_SILENT, confirmed |
| both are; the agent began to listen later, long enough ago for two   | ENGINE_SILENT, confirmed |
| both are; the agent has not been listening for so long               | unknown                  |
| no engine has ever reported                                          | nothing is said          |

Whoever lost the agent comes back only after a pause, which is part of "long enough". All spans are
by a clock that nobody can set.
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
_COMES_BACK = timedelta(seconds=20)
"""What sonde_reporter takes at most to find an agent again, which it tries every 15 s."""
_SECOND = timedelta(seconds=1)


def examine(evidence: Evidence) -> Iterable[Finding]:
    """Decide ENGINE_SILENT for each engine that has ever reported."""
    for reading, state in evidence.values(Kind.ENGINE, EngineState):
        if state.heartbeat_interval is None:
            yield _clear(reading)
            continue
        overdue = _MISSED * state.heartbeat_interval + _ON_THE_WAY
        if state.silence is not None and state.silence <= overdue:
            yield _clear(reading)
        elif _would_have_been_heard(state, overdue):
            yield _silent(reading, state, state.heartbeat_interval)
        else:
            yield _unheard(reading, state)


def _would_have_been_heard(state: EngineState, overdue: timedelta) -> bool:
    """Tell whether the agent has listened since the last report, or at least for long enough."""
    all_the_time = state.silence is not None and state.silence <= state.listening
    return all_the_time or state.listening > overdue + _COMES_BACK


def _clear(reading: Reading) -> Finding:
    return Finding(cause="ENGINE_SILENT", subject=reading.subject, verdict=Verdict.CLEAR)


def _silent(reading: Reading, state: EngineState, interval: timedelta) -> Finding:
    every = max(round(interval / _SECOND), 1)
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


def _unheard(reading: Reading, state: EngineState) -> Finding:
    seconds = round(state.listening / _SECOND)
    unheard = item("engine_unheard", reading, time=state.reported, seconds=seconds)
    return Finding(
        cause="ENGINE_SILENT",
        subject=reading.subject,
        verdict=Verdict.UNKNOWN,
        missing=(unheard,),
    )
