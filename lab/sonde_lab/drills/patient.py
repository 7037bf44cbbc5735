"""A host for drills: its agent, what is around it, and its diagnoses."""

import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network

import msgspec

from sonde.support.v1 import host_pb2, support_service_pb2, support_service_pb2_grpc
from sonde_core.errors import UnavailableError
from sonde_core.readings import WhitelistRecord
from sonde_core.report import HostReport
from sonde_lab.drills.drill import Drill, Incident, Step
from sonde_lab.drills.engine import lose_engine
from sonde_lab.drills.judge import complaints, of_the_drill
from sonde_lab.drills.orders import Order
from sonde_lab.exchange import Exchange, serve_exchange
from sonde_lab.host import Around, put_keys
from sonde_lab.interceptor import intercept
from sonde_lab.name_server import serve_names
from sonde_lab.ntp import NtpServer, serve_ntp
from sonde_lab.stage import Agent, Stage, ready
from sonde_wire.channels import open_channel
from sonde_wire.readings.setup import encode_whitelist
from sonde_wire.results import decode_result


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """One diagnosis of a drill and what is wrong with it."""

    step: int
    order: Order
    report: HostReport
    complaints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """A host with all that is around it, which takes one drill after another."""

    service: str
    agent: Agent
    exchange: Exchange
    sources: Sequence[NtpServer]

    async def diagnoses(self, drill: Drill) -> AsyncIterator[Diagnosed]:
        """Have it diagnosed in each step, and under each order of the exchange's checks."""
        put_keys(self.agent.home, drill.setup.accounts)
        for order in drill.orders:
            # Under each order it is another host to the service, which knows no history of it.
            host = f"{drill.name}.{order.name.replace(' ', '-')}"
            await self._record(host, drill.recorded)
            for number, step in enumerate(drill.steps):
                report = await self._diagnose(host, step, order)
                wrong = complaints(report, step.under.get(order.name, step.expected))
                yield Diagnosed(number, order, report, tuple(wrong))

    async def _record(self, host: str, recorded: Mapping[str, Sequence[str]]) -> None:
        """Tell the service of the host, and which IP lists support recorded."""
        whitelists = {
            account: encode_whitelist(
                WhitelistRecord(
                    entries=tuple(map(ip_network, entries)),
                    recorded=datetime.now(UTC),
                    recorded_by="support",
                )
            )
            for account, entries in recorded.items()
        }
        message = host_pb2.Host(name=host, address=self.agent.address, whitelists=whitelists)
        async with open_channel(self.service) as channel:
            stub = support_service_pb2_grpc.SupportServiceStub(channel)
            await stub.CreateHost(support_service_pb2.CreateHostRequest(host=message))

    async def _diagnose(self, host: str, step: Step, order: Order) -> HostReport:
        await self._bring_about(step, order)
        request = support_service_pb2.DiagnoseHostsRequest()
        request.filter.names.append(host)
        request.timeout.FromTimedelta(step.timeout)
        async with open_channel(self.service) as channel:
            stub = support_service_pb2_grpc.SupportServiceStub(channel)
            results = [
                event.result
                async for event in stub.DiagnoseHosts(request)
                if event.HasField("result")
            ]
        if step.incident is Incident.FREEZES:
            self.agent.process.kill()  # it would not hear a kinder signal
        if not results:
            raise UnavailableError(f"the service gave no result for {host}")
        return of_the_drill(decode_result(results[0]))

    async def _bring_about(self, step: Step, order: Order) -> None:
        self.exchange.world = msgspec.structs.replace(step.world, check_order=order.checks)
        for server, source in zip(self.sources, step.sources, strict=True):
            server.source = source
        put_keys(self.agent.home, step.keys)
        match step.incident:
            case Incident.DIES:
                self.agent.process.kill()
                await self.agent.process.wait()
            case Incident.FREEZES:
                self.agent.process.send_signal(signal.SIGSTOP)
            case Incident.LOSES_ENGINE:
                await lose_engine(self.agent.home)
            case Incident.NOTHING:
                pass


async def set_up(here: Stage, stack: AsyncExitStack, directory: str, drill: Drill) -> Patient:
    """Start a host for a drill and those of its shape. Closing the stack ends it."""
    first = drill.steps[0]
    exchange = await stack.enter_async_context(serve_exchange(first.world))
    sources = [await stack.enter_async_context(serve_ntp(source)) for source in first.sources]
    gateway = here.home / f"{directory}.gateway"
    gateway.mkdir()
    interceptor = await stack.enter_async_context(intercept(gateway))
    told = drill.setup.second_resolver
    around = Around(
        url=exchange.url,
        sources=[source.address for source in sources],
        closed=stack.enter_context(_closed_port()),
        intercepted=interceptor.url,
        resolver=await stack.enter_async_context(serve_names(*told)) if told else "",
    )
    # OpenSSL's own variable says whom a host trusts.
    trust = {"SSL_CERT_FILE": str(interceptor.authority)} if drill.setup.trusting else {}
    agent = await Stage(here.home, stack).set_up_host(directory, drill.setup, around, **trust)
    await ready([agent.address])
    return Patient(here.service, agent, exchange, sources)


@contextmanager
def _closed_port() -> Iterator[int]:
    """Keep a port that nobody listens on, and that nobody else gets."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]
