"""The agent's state for Prometheus, on loopback.

No label holds an address, a host's name, an account or an engine: whoever may read a metric need
not know them, and each would be a time series of its own.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from sonde_agent.agent import Agent
from sonde_agent.engine.spool import Batch, Spool
from sonde_agent.probes.exchange.symbols import ENDPOINTS
from sonde_agent.tally import Tally
from sonde_core.clock import exchange_estimate, ntp_estimate
from sonde_core.errors import NoRoomError, UnavailableError
from sonde_core.evidence import Evidence
from sonde_core.readings import Kind, WeightUse
from sonde_wire.addresses import TcpAddress

_WITHIN_S = 5


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
        try:
            batch = await self.spool.waiting(0)
        except NoRoomError:
            batch = None
        tally = self.agent.running.tally
        return [
            *_about(self.agent),
            *_probes(self.agent, tally),
            *_clock(self.agent, tally),
            *_limits(self.agent, tally),
            *_spool(batch),
            *_calls(tally),
            *_configuration(tally),
        ]


@contextmanager
def serving_metrics(address: TcpAddress, collector: Collector) -> Iterator[str]:
    """Answer Prometheus on loopback for as long as the block lasts; gives the address, with port.

    Raises `UnavailableError` where somebody else listens there.
    """
    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    try:
        server, thread = start_http_server(address.port, address.host, registry)
    except OSError as error:
        raise UnavailableError(
            f"metrics.listen {address}: cannot listen there: {error.strerror}", address=str(address)
        ) from error
    try:
        yield str(TcpAddress(address.host, server.server_port))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sonde_{name}", about, labels=labels)


def _counter(name: str, about: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"sonde_{name}", about, labels=labels)


def _about(agent: Agent) -> Iterator[Metric]:
    build = _gauge("build_info", "Which version runs; always 1.", "version")
    build.add_metric([agent.version], 1)
    yield build


def _probes(agent: Agent, tally: Tally) -> Iterator[Metric]:
    running = _gauge("probes_running", "Probes that run now.")
    running.add_metric([], agent.running.probes)
    yield running
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


def _clock(agent: Agent, tally: Tally) -> Iterator[Metric]:
    offset = _gauge("clock_offset_seconds", "How far the host is ahead.", "source")
    bound = _gauge("clock_offset_bound_seconds", "How wrong the offset may be.", "source")
    measured = _gauge("clock_measured_timestamp_seconds", "When it was measured.", "source")
    readings = {key: (reading,) for key, reading in tally.latest.items()}
    evidence = Evidence(now=agent.now(), readings=readings)
    for source, kind, estimate in (
        ("ntp", Kind.NTP, ntp_estimate(evidence)),
        ("exchange", Kind.EXCHANGE_TIME, exchange_estimate(evidence)),
    ):
        if estimate:
            times = [
                each.time.timestamp() for (one, _), each in tally.latest.items() if one is kind
            ]
            offset.add_metric([source], estimate.offset.total_seconds())
            bound.add_metric([source], estimate.bound.total_seconds())
            measured.add_metric([source], max(times))
    yield from (offset, bound, measured)


def _limits(agent: Agent, tally: Tally) -> Iterator[Metric]:
    closed = _gauge(
        "exchange_closed_seconds",
        "For how long the exchange told this host to stay away; 0 where it did not.",
        "endpoint",
    )
    for name in ENDPOINTS:
        until = agent.closed_until(name)
        left = (until - agent.now()).total_seconds() if until else 0
        closed.add_metric([name], max(0, left))
    yield closed
    yield from _weights(tally)


def _weights(tally: Tally) -> Iterator[Metric]:
    used = _gauge("request_weight_used", "What the exchange last counted in a minute.", "endpoint")
    own = _gauge("request_weight_own", "What of it this agent spent.", "endpoint")
    limit = _gauge("request_weight_limit", "The limit of a minute, where known.", "endpoint")
    for (_, subject), reading in tally.latest.items():
        if isinstance(reading.value, WeightUse):
            used.add_metric([subject.name], reading.value.used)
            own.add_metric([subject.name], reading.value.own)
            if reading.value.limit is not None:
                limit.add_metric([subject.name], reading.value.limit)
    yield from (used, own, limit)


def _spool(batch: Batch | None) -> Iterator[Metric]:
    usable = _gauge("spool_usable", "Whether reports of engines can be kept: 1 or 0.")
    usable.add_metric([], int(batch is not None))
    yield usable
    if batch is None:
        return
    waiting = _gauge("spool_reports", "Reports of engines that wait to be sent on.")
    waiting.add_metric([], batch.waiting)
    yield waiting
    dropped = _counter("spool_dropped_reports", "Reports that there was no room for.", "kind")
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


def _configuration(tally: Tally) -> Iterator[Metric]:
    reloads = _counter("config_reloads", "Times the configuration was read again.", "outcome")
    reloads.add_metric(["applied"], tally.reloads.applied)
    reloads.add_metric(["refused"], tally.reloads.refused)
    yield reloads
    good = _gauge("config_last_reload_successful", "Whether the file was good when last read.")
    good.add_metric([], int(not tally.reloads.last_refused))
    yield good
    restart = _gauge("config_restart_needed", "Whether a change waits for a restart: 1 or 0.")
    restart.add_metric([], int(tally.reloads.restart_needed))
    yield restart
