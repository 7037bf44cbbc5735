"""The agent's state for Prometheus.

No label holds an address, a host's name, an account or an engine: whoever may read a metric need
not know them, and each would be a time series of its own.
"""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from sonde_agent.agent import Agent
from sonde_agent.engine.rows import Batch, ReportKind
from sonde_agent.engine.spool import Spool
from sonde_agent.tally import Tally
from sonde_core.calibration import Calibration
from sonde_core.errors import NoRoomError
from sonde_core.readings import OrderWindow

_ENDPOINTS = ("spot", "usdm", "coinm", "papi")
"""Of portfolio margin the agent knows what engines were told there."""
Family = TypeVar("Family", GaugeMetricFamily, CounterMetricFamily)

_WITHIN_S = 5
_SECOND = timedelta(seconds=1)


@dataclass(slots=True, eq=False)
class AgentCollector(Collector):
    """Reads the agent's state in the agent's own loop, once per question."""

    agent: Agent
    spool: Spool
    loop: asyncio.AbstractEventLoop

    def collect(self) -> list[Metric]:
        """Return everything. Raises TimeoutError where the loop is stuck."""
        reading = asyncio.run_coroutine_threadsafe(self._read(), self.loop)
        return reading.result(_WITHIN_S)

    async def _read(self) -> list[Metric]:
        usable = await self.spool.usable()
        try:
            batch = await self.spool.waiting(0)
        except NoRoomError:
            batch = None
        tally = self.agent.running.tally
        return [
            *_about(self.agent),
            *_probes(self.agent, tally),
            *_clock(self.agent),
            *_limits(self.agent, tally),
            *_spool(batch, usable=usable),
            *_refused(self.spool.refused),
            *_calls(tally),
            *_jobs(tally),
            *_configuration(tally),
        ]


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sonde_{name}", about, labels=labels)


def _counter(name: str, about: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"sonde_{name}", about, labels=labels)


def _one(metric: Family, value: float | None) -> Family:
    """Return a metric without labels, with its value if that is known."""
    if value is not None:
        metric.add_metric([], value)
    return metric


def _about(agent: Agent) -> Iterator[Metric]:
    build = _gauge("build_info", "Which version runs; always 1.", "version")
    build.add_metric([agent.version], 1)
    yield build
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    yield _one(GaugeMetricFamily("process_resident_memory_bytes", "Memory in use."), resident)
    cpu = CounterMetricFamily("process_cpu_seconds", "Processor time used.")
    yield _one(cpu, time.process_time())
    start = GaugeMetricFamily("process_start_time_seconds", "When it started, since 1970.")
    yield _one(start, agent.started.timestamp())


def _probes(agent: Agent, tally: Tally) -> Iterator[Metric]:
    yield _one(_gauge("probes_running", "Probes that run now."), agent.running.probes)
    spans = HistogramMetricFamily(
        "sonde_probe_duration_seconds", "How long probes took.", labels=["probe"]
    )
    for name, each in tally.probes.items():
        spans.add_metric([name], each.cumulative(), each.total.total_seconds())
    yield spans
    readings = _counter("readings", "Readings taken, failures among them.", "kind")
    for kind, count in tally.readings.items():
        readings.add_metric([kind], count)
    yield readings
    failures = _counter("reading_failures", "Readings that failed.", "kind", "reason")
    for (kind, reason), count in tally.failures.items():
        failures.add_metric([kind, reason], count)
    yield failures


_CALIBRATED: tuple[tuple[str, str, Callable[[Calibration], timedelta]], ...] = (
    ("offset", "How far the host is ahead now.", lambda known: known.offset),
    ("offset_bound", "How wrong the offset may be.", lambda known: known.bound),
    ("calibration_age", "Since the clock was compared.", lambda known: known.age),
    ("safe_recv_window", "A recvWindow that holds.", lambda known: known.recv_window),
)


def _clock(agent: Agent) -> Iterator[Metric]:
    calibrator, watched = agent.timekeeping.calibrator, agent.timekeeping.watcher.watched()
    known, rate = calibrator.current(), calibrator.drift()
    for name, about, span in _CALIBRATED:
        metric = _gauge(f"clock_{name}_seconds", about)
        yield _one(metric, span(known) / _SECOND if known else None)
    drift = _gauge("clock_drift_ratio", "Seconds that the clock gains per second.")
    yield _one(drift, rate.per_hour / timedelta(hours=1) if rate else None)
    steps = _counter("clock_steps_seen", "Times the clock was set.")
    yield _one(steps, agent.timekeeping.watcher.steps_seen if watched else None)


def _limits(agent: Agent, tally: Tally) -> Iterator[Metric]:
    closed = _gauge(
        "exchange_closed_seconds",
        "For how long the exchange told this host to stay away; 0 where it did not.",
        "endpoint",
    )
    for name in _ENDPOINTS:
        until = agent.closed_until(name)
        left = (until - agent.now()).total_seconds() if until else 0
        closed.add_metric([name], max(0, left))
    yield closed
    yield from _weights(agent)
    yield from _orders(tally)


def _weights(agent: Agent) -> Iterator[Metric]:
    """Tell of each endpoint's last answer, whatever was asked for it."""
    memory, exchange = agent.memory, agent.exchange
    used = _gauge("request_weight_used", "What the exchange last counted in a minute.", "endpoint")
    own = _gauge("request_weight_own", "What of it this agent spent.", "endpoint")
    limit = _gauge("request_weight_limit", "The limit of a minute, where known.", "endpoint")
    for endpoint in exchange.urls:
        site = exchange.site(endpoint)
        if last := memory.windows.last(site):
            used.add_metric([endpoint.name], last.used)
            own.add_metric([endpoint.name], last.own)
        if allowed := memory.limits.get(site):
            limit.add_metric([endpoint.name], allowed)
    yield from (used, own, limit)


def _orders(tally: Tally) -> Iterator[Metric]:
    """Tell of the account with the most orders, and not which one that is."""
    about = "Orders that the exchange last counted in a window, of the busiest account."
    used = _gauge("orders_used", about, "endpoint", "window")
    about = "How many orders an account may place in a window, where known."
    limit = _gauge("orders_limit", about, "endpoint", "window")
    most: dict[tuple[str, str], OrderWindow] = {}
    for use in tally.orders.values():
        for window in use.windows:
            key = use.endpoint, f"{window.span.total_seconds():g}s"
            most[key] = max(most.get(key, window), window, key=lambda each: each.used)
    for key, window in most.items():
        used.add_metric(key, window.used)
        if window.limit is not None:
            limit.add_metric(key, window.limit)
    yield from (used, limit)


def _refused(refused: Counter[ReportKind]) -> Iterator[Metric]:
    reports = _counter("spool_refused_reports", "Reports that the disk would not take.", "kind")
    for kind in ReportKind:
        reports.add_metric([kind.name.lower()], refused[kind])
    yield reports


def _spool(batch: Batch | None, *, usable: bool) -> Iterator[Metric]:
    takes = _gauge("spool_usable", "Whether reports of engines can be kept: 1 or 0.")
    yield _one(takes, int(usable))
    if batch is None:
        return
    waiting = _gauge("spool_reports", "Reports of engines that wait to be sent on.")
    yield _one(waiting, batch.waiting)
    dropped = _counter("spool_dropped_reports", "Reports that were given up.", "kind")
    dropped.add_metric(["health"], batch.dropped_health)
    dropped.add_metric(["failure"], batch.dropped_failures)
    yield dropped


def _calls(tally: Tally) -> Iterator[Metric]:
    calls = HistogramMetricFamily(
        "sonde_call_duration_seconds", "How long calls took to answer.", labels=["method", "code"]
    )
    for (method, code), each in tally.calls.items():
        calls.add_metric([method.lstrip("/"), code], each.cumulative(), each.total.total_seconds())
    yield calls


def _jobs(tally: Tally) -> Iterator[Metric]:
    failures = _counter("job_failures", "Times a bug ended a job, which begins again.", "job")
    for name, count in tally.job_failures.items():
        failures.add_metric([name], count)
    yield failures


def _configuration(tally: Tally) -> Iterator[Metric]:
    reloads = _counter("config_reloads", "Times the configuration was read again.", "outcome")
    reloads.add_metric(["applied"], tally.reloads.applied)
    reloads.add_metric(["refused"], tally.reloads.refused)
    yield reloads
    good = _gauge("config_last_reload_successful", "Whether the file was good when last read.")
    yield _one(good, int(not tally.reloads.last_refused))
    restart = _gauge("config_restart_needed", "Whether a change waits for a restart: 1 or 0.")
    yield _one(restart, int(tally.reloads.restart_needed))
