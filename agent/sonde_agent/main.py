"""Build the agent and serve it. The only module that builds things."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc.aio

from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.engine.v1.engine_service_pb2_grpc import add_EngineServiceServicer_to_server
from sonde_agent import logs
from sonde_agent.access import admit_group
from sonde_agent.agent import Agent
from sonde_agent.background import Job, beside
from sonde_agent.calibration import Calibrator, NtpProbes, Timekeeping
from sonde_agent.config import AgentConfig, host
from sonde_agent.engine.advising import Adviser
from sonde_agent.engine.engines import Engines
from sonde_agent.engine.forwarding import Forwarder
from sonde_agent.engine.lines import serve_lines
from sonde_agent.engine.server import SERVICE as ENGINE_SERVICE
from sonde_agent.engine.server import EngineService
from sonde_agent.engine.spool import SPOOL, Spool
from sonde_agent.engine.symbols import RefusedSymbols
from sonde_agent.last_hours import LastHours
from sonde_agent.notify import supervisor
from sonde_agent.path_watch import watch
from sonde_agent.probes import Probe
from sonde_agent.probes.clock_watch import (
    ClockHistoryProbe,
    Clocks,
    ClockWatcher,
    since_start,
)
from sonde_agent.probes.egress import EgressProbe
from sonde_agent.probes.engine import EngineProbe
from sonde_agent.probes.exchange.client import ExchangeMemory, ExchangeSettings
from sonde_agent.probes.exchange.closures import ClosureFile
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.path import PathProbe
from sonde_agent.probes.exchange.probe import ExchangeProbe, ScoutProbe, SignedTestProbe
from sonde_agent.probes.exchange.signed import LoadKey
from sonde_agent.probes.exchange.spending import SpendingFile
from sonde_agent.probes.exchange.symbols import SymbolProbe
from sonde_agent.probes.exchange.weight import Budget
from sonde_agent.probes.http import public_tls
from sonde_agent.probes.ntp import NtpProbe, NtpServer
from sonde_agent.probes.settings import SettingsProbe
from sonde_agent.probes.synchronizer import SynchronizerProbe
from sonde_agent.reloading import Reloader
from sonde_agent.server import SERVICE, AgentService
from sonde_agent.stopwatch import HostClock, host_clock
from sonde_core import __version__
from sonde_core.readings import COINM, SPOT, USDM, AgentSettings, Subject
from sonde_wire.calls import CallEnded, log_call
from sonde_wire.channels import open_channel
from sonde_wire.serving import (
    add_health_and_reflection,
    bind,
    new_server,
    serve_until_signalled,
)
from sonde_wire.tls import TlsFiles

logger = logging.getLogger(__name__)

_ANY_ADDRESS = {"ipv4": "0.0.0.0", "ipv6": "::"}  # noqa: S104 - nobody listens there
_MOST_STREAMS = 16
_MOST_BYTES = 64 * 1024
_GRACE = timedelta(seconds=5)
_SPARING = 2
"""Answers of each NTP server while the clock is stable."""


def build(
    config: AgentConfig,
    now: HostClock = host_clock,
    before: Agent | None = None,
) -> Agent:
    """Return the agent that a configuration describes. Nothing is opened or sent yet.

    What the agent before it remembers, whose place it takes, it remembers too.
    """
    clocks = Clocks(wall=now)
    exchange = _exchange(config, now)
    memory = before.memory if before else _memory(config, clocks)
    keys = _keys(config)
    clock = _clock(config, now)
    spool = config.agent.state_dir / SPOOL
    engines = before.engines if before else Engines(spool, config.engine_socket)
    scout = ScoutProbe(settings=exchange, memory=memory)
    timekeeping = _timekeeping(clock, scout, before.timekeeping if before else clocks)
    egress = EgressProbe(
        urls=config.egress.echo_urls, tls=exchange.tls, proxy=exchange.proxy, now=now
    )
    return Agent(
        version=__version__,
        started=now(),
        probes={
            "settings": _settings(config, now),
            "clock": clock,
            **_synchronization(config, timekeeping, now),
            "egress": egress,
            "exchange": ExchangeProbe(settings=exchange, memory=memory, accounts=keys),
            "engine": EngineProbe(states=engines.states, now=now),
        },
        clocks={"clock": clock, "exchange": scout},
        egress={"egress": egress},
        path=PathProbe(settings=exchange, memory=memory),
        accounts=tuple(keys),
        signed_test=lambda account, kind: SignedTestProbe(
            settings=exchange,
            memory=memory,
            account=Subject("account", account),
            load=keys[account],
            kind=kind,
        ),
        symbol_rules=lambda endpoint, symbol: SymbolProbe(
            settings=exchange, memory=memory, endpoint=endpoint, symbol=symbol
        ),
        exchange=exchange,
        memory=memory,
        engines=engines,
        timekeeping=timekeeping,
        now=now,
    )


def _keys(config: AgentConfig) -> dict[str, LoadKey]:
    return {account.name: account.key_files.load for account in config.account}


def _clock(config: AgentConfig, now: HostClock) -> NtpProbe:
    return NtpProbe(
        servers=tuple(NtpServer.parse(server) for server in config.clock.servers),
        samples=config.clock.samples,
        timeout=config.clock.timeout,
        now=now,
    )


def _synchronization(
    config: AgentConfig, timekeeping: Timekeeping, now: HostClock
) -> dict[str, Probe]:
    seen = ClockHistoryProbe(
        watched=timekeeping.watcher.watched, drift=timekeeping.calibrator.drift, now=now
    )
    if config.clock.synchronizer == "elsewhere":
        return {"clock-history": seen}
    return {"clock-history": seen, "synchronizer": SynchronizerProbe(now=now)}


def _timekeeping(clock: NtpProbe, scout: ScoutProbe, before: Timekeeping | Clocks) -> Timekeeping:
    """Return what goes on about the clock: what went on before, asking whom to ask now."""
    ntp = NtpProbes(clock, replace(clock, samples=min(clock.samples, _SPARING)))
    if isinstance(before, Timekeeping):
        before.calibrator.ntp, before.calibrator.exchange = ntp, scout
        before.calibrator.lately = scout.lately
        return before
    calibrator = Calibrator(
        ntp=ntp,
        exchange=scout,
        lately=scout.lately,
        clocks=before,
        refused=scout.memory.timestamp_refused,
    )
    return Timekeeping(ClockWatcher(before), calibrator)


def _memory(config: AgentConfig, clocks: Clocks) -> ExchangeMemory:
    gate = Gate(clocks, ClosureFile(config.agent.state_dir / "gate.json", clocks))
    spending = SpendingFile(config.agent.state_dir)
    return ExchangeMemory(gate, Budget(config.budget.weight_per_minute, spending))


def _exchange(config: AgentConfig, now: HostClock) -> ExchangeSettings:
    return ExchangeSettings(
        urls=_urls(config),
        tls=public_tls(),
        proxy=config.exchange.proxy or None,
        resolver=config.exchange.resolver,
        local_address=_ANY_ADDRESS.get(config.exchange.family),
        recv_window=config.recv_window,
        now=now,
    )


def _urls(config: AgentConfig) -> dict[Subject, str]:
    """Return the endpoints in the order in which they are asked."""
    urls = config.urls
    return {each: urls[each.name] for each in (USDM, SPOT, COINM) if each.name in urls}


def _settings(config: AgentConfig, now: HostClock) -> SettingsProbe:
    settings = AgentSettings(
        version=__version__,
        recv_window=config.engine.recv_window,
        require=frozenset(config.policy.require),
        forbid=frozenset(config.policy.forbid),
        accounts=tuple(account.name for account in config.account),
        environment=config.exchange.environment,
    )
    lists = {account.name: account.networks for account in config.account if account.whitelist}
    return SettingsProbe(settings=settings, whitelists=lists, now=now)


def run(read: Callable[[], AgentConfig]) -> None:
    """Serve until SIGTERM or SIGINT, then let running calls finish. SIGHUP reads anew.

    Raises `ConfigInvalidError` or `UnavailableError` where an address cannot be served on.
    """
    logs.configure()
    asyncio.run(serve(read))


async def serve(read: Callable[[], AgentConfig]) -> None:
    """Serve the agent on its unix socket and, where configured, on TCP."""
    config = read()
    host.check_to_serve(config)
    for problem in host.key_problems(config):
        logger.warning("Key unusable", extra={"reason": problem})
    agent = build(config)
    told = supervisor(os.environ)
    reloader = Reloader(
        config=config,
        read=read,
        apply=lambda new: _change(agent, new),
        reloads=agent.running.tally.reloads,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told.reloading, reloader.reload)
    addresses = {f"unix:{config.agent.socket.absolute()}": None, **_tcp(config)}
    servers, healths = [], []
    for address, tls in addresses.items():
        server = _new_server(_counted_and_logged(agent))
        rpc.add_AgentServiceServicer_to_server(AgentService(agent), server)
        # Over TLS comes the service, which knows the contract.
        health = add_health_and_reflection(server, [SERVICE], reflect=tls is None)
        healths.append((health, [SERVICE]))
        logger.info("Serving", extra={"address": bind(server, address, tls)})
        servers.append(server)
    last_hours = restored(config, agent)
    jobs = {"watchdog": told.keep_awake, **_jobs(agent, last_hours)}
    failures = agent.running.tally.job_failures
    async with engine_side(config, agent) as (server, health), beside(jobs, failures):
        servers.append(server)
        healths.append((health, [ENGINE_SERVICE]))
        await serve_until_signalled(
            servers, healths, _GRACE, ready=told.ready, stopping=told.stopping
        )
    logger.info("Stopped")


def restored(config: AgentConfig, agent: Agent) -> LastHours:
    """Have an agent know what the one before it measured, or the one that runs beside it."""
    last_hours = LastHours.within(
        config.agent.state_dir, agent.memory.round_trips, agent.timekeeping
    )
    last_hours.restore()
    return last_hours


def _jobs(agent: Agent, last_hours: LastHours) -> dict[str, Job]:
    """Return what the agent measures for itself while it runs."""
    return {
        "clock-watch": agent.timekeeping.watcher.run,
        "calibration": agent.timekeeping.calibrator.run,
        "path": lambda: watch(lambda: agent.path, agent.now),
        "last-hours": last_hours.run,
    }


def _change(agent: Agent, config: AgentConfig) -> None:
    agent.become(build(config, agent.now, agent))
    agent.memory.budget.allow(config.budget.weight_per_minute)


def _counted_and_logged(agent: Agent) -> CallEnded:
    def ended(method: str, code: str, elapsed: timedelta) -> None:
        agent.running.tally.called(method, code, elapsed)
        log_call(method, code, elapsed)

    return ended


def _new_server(ended: CallEnded) -> grpc.aio.Server:
    return new_server(
        max_concurrent_streams=_MOST_STREAMS, max_receive_bytes=_MOST_BYTES, ended=ended
    )


@asynccontextmanager
async def engine_side(
    config: AgentConfig, agent: Agent
) -> AsyncIterator[tuple[grpc.aio.Server, Any]]:
    """Listen for engines, on a server that serves nothing else, and bring on what they report."""
    socket = config.engine_socket.absolute()
    with closing(Spool(config.agent.state_dir / SPOOL)) as spool:
        symbols = RefusedSymbols(read=agent.read_symbol_rules, now=since_start)
        # An engine in trouble calls often: its calls are counted and not logged.
        server = _new_server(agent.running.tally.called)
        service = _engine_service(config, agent, spool, symbols)
        add_EngineServiceServicer_to_server(service, server)
        health = add_health_and_reflection(server, [ENGINE_SERVICE], reflect=True)
        logger.info("Serving engines", extra={"address": bind(server, f"unix:{socket}")})
        admit_group(socket)
        async with _lines(config, agent, service):
            with _metrics(config, agent, spool):
                jobs = {
                    "symbols": symbols.run,
                    "listening": lambda: agent.engines.listen(spool.keep_listening),
                    **_forwarding(config, spool),
                }
                async with beside(jobs, agent.running.tally.job_failures):
                    yield server, health


@asynccontextmanager
async def _lines(config: AgentConfig, agent: Agent, service: EngineService) -> AsyncIterator[None]:
    socket = config.engine_lines.absolute()
    async with serve_lines(socket, service, agent.running.tally.called):
        admit_group(socket)
        logger.info("Serving engines", extra={"address": str(socket)})
        yield


@contextmanager
def _metrics(config: AgentConfig, agent: Agent, spool: Spool) -> Iterator[None]:
    address = config.metrics.address
    if address is None:
        yield
        return
    # They cost memory that most hosts can spare.
    from sonde_agent.metrics import AgentCollector  # noqa: PLC0415
    from sonde_agent.metrics_server import serving_metrics  # noqa: PLC0415

    collector = AgentCollector(agent, spool, asyncio.get_running_loop())
    with serving_metrics(address, collector) as listening:
        logger.info("Serving metrics", extra={"address": listening})
        yield


def _engine_service(
    config: AgentConfig, agent: Agent, spool: Spool, symbols: RefusedSymbols
) -> EngineService:
    calibrator = agent.timekeeping.calibrator
    return EngineService(
        spool=spool,
        engines=agent.engines,
        adviser=Adviser(
            closed_until=agent.closed_until,
            told_to_wait=agent.told_to_wait,
            calibration=calibrator.current,
            timestamp_refused=calibrator.timestamp_refused,
            rules=symbols.get,
            recv_window=config.recv_window,
            now=agent.now,
        ),
        calibration=calibrator.current,
        now=agent.now,
    )


def _forwarding(config: AgentConfig, spool: Spool) -> dict[str, Job]:
    address, files = config.reports.service, config.agent.identity
    if not address:
        return {}
    forwarder = Forwarder(
        spool=spool,
        host=config.reports_host,
        open_channel=lambda: open_channel(address, files),
    )
    return {"forwarding": forwarder.run}


def _tcp(config: AgentConfig) -> dict[str, TlsFiles | None]:
    return {config.agent.listen: config.agent.identity} if config.agent.listen else {}
