"""Runs the checks one after the other, against an agent that may still be coming up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import grpc
import grpc.aio

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde_agent.smoke.flaws import CheckFailedError, NotRunError
from sonde_agent.smoke.identity import Identity
from sonde_agent.smoke.result import Check, Outcome, SmokeResult
from sonde_agent.smoke.rpcs import Rpcs
from sonde_agent.stopwatch import Stopwatch, host_clock
from sonde_wire.addresses import TcpAddress, parse_address
from sonde_wire.channels import is_serving, open_channel
from sonde_wire.tls import TlsFiles

_PAUSE = timedelta(milliseconds=200)
"""Between two tries to reach a server that is not up yet."""
_SILENT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which agent, and how to call it."""

    address: str
    tls: TlsFiles | None = None
    tls_name: str = ""
    timeout: timedelta
    """How long one call may take."""
    wait: timedelta
    """How long to wait for it to come up."""

    def dial(self) -> grpc.aio.Channel:
        """Return a channel. Raises `ConfigInvalidError` for a wrong address or wrong files."""
        return open_channel(self.address, self.tls, self.tls_name)

    @property
    def identity(self) -> Identity | None:
        """Its TLS side, if it has one."""
        server = parse_address(self.address)
        if self.tls is None or not isinstance(server, TcpAddress):
            return None
        return Identity(server, self.tls, self.tls_name or server.host)


async def smoke(target: Target) -> SmokeResult:
    """Run every check that applies. Raises `ConfigInvalidError` for what cannot be called."""
    run = _Run(target, Stopwatch.start(host_clock))
    await run.all()
    return SmokeResult(
        address=target.address,
        time=run.stopwatch.began,
        checks=run.checks,
        elapsed=run.stopwatch.elapsed,
    )


@dataclass(slots=True)
class _Run:
    """The checks so far."""

    target: Target
    stopwatch: Stopwatch
    checks: list[Check] = field(default_factory=list)

    async def all(self) -> None:
        """Begin with what the rest depends on."""
        reached = await self.check("reach", lambda: _reach(self.target))
        identity = self.target.identity
        if identity:
            await self.check("TLS identity", self._bounded(identity.carries_its_name))
        if reached is None:
            return
        if identity:
            await self.check("TLS client refused", self._bounded(identity.refuses_the_nameless))
        async with self.target.dial() as channel:
            await self._ask(Rpcs(channel, self.target.timeout))

    async def _ask(self, rpcs: Rpcs) -> None:
        await self.check("health", rpcs.health)
        await self.check("health AgentService", rpcs.health_of_service)
        info = await self._info(rpcs)
        if info is None:
            return
        await self.check("GetClockStatus", rpcs.clock_status)
        await self.check("GetOutboundIp", rpcs.outbound_ip)
        for account in info.accounts:
            await self.check(f"RunSignedTest {account}", lambda a=account: rpcs.signed_test(a))
        await self.check("unknown account", rpcs.unknown_account)
        await self.check("CollectEvidence streamed", rpcs.evidence_streamed)
        # One probe only: to run them all again would spend the exchange's request weight twice.
        await self.check("CollectEvidence single", lambda: rpcs.evidence_at_once(info.probes[0]))
        if self.target.identity is None:
            await self.check("reflection", rpcs.reflection)
        await self.check("deadline 200 ms", rpcs.nothing_runs_after_a_deadline)

    async def _info(self, rpcs: Rpcs) -> pb.GetAgentInfoResponse | None:
        """Return what the agent is: without it, most questions cannot be asked."""
        answers: list[pb.GetAgentInfoResponse] = []

        async def ask() -> str:
            info = await rpcs.info()
            if not info.version or not info.probes:
                raise CheckFailedError("an answer without version and probes")
            answers.append(info)
            accounts = ", ".join(info.accounts) or "none"
            return f"version {info.version}, {len(info.probes)} probes, accounts: {accounts}"

        await self.check("GetAgentInfo", ask)
        return answers[0] if answers else None

    def _bounded(self, ask: Callable[[], Awaitable[str]]) -> Callable[[], Awaitable[str]]:
        async def bounded() -> str:
            async with asyncio.timeout(self.target.timeout.total_seconds()):
                return await ask()

        return bounded

    async def check(self, name: str, ask: Callable[[], Awaitable[str]]) -> str | None:
        """Run one check and return what it saw; None where it did not pass."""
        began = self.stopwatch.elapsed
        outcome, detail = await self._outcome(ask)
        self.checks.append(Check(name, outcome, detail, self.stopwatch.elapsed - began))
        return detail if outcome is Outcome.PASSED else None

    async def _outcome(self, ask: Callable[[], Awaitable[str]]) -> tuple[Outcome, str]:
        try:
            return Outcome.PASSED, await ask()
        except CheckFailedError as error:
            return Outcome.FAILED, str(error)
        except NotRunError as error:
            return Outcome.ERROR, str(error)
        except TimeoutError:
            return Outcome.FAILED, f"no answer within {self.target.timeout.total_seconds():g} s"
        except grpc.aio.AioRpcError as error:
            return Outcome.FAILED, _said(error)


async def _reach(target: Target) -> str:
    """Wait until a gRPC server answers anything at all."""
    give_up = time.monotonic() + target.wait.total_seconds()
    while True:
        why = await _try(target)
        if why is None:
            return "a gRPC server answers"
        if time.monotonic() + _PAUSE.total_seconds() > give_up:
            raise NotRunError(why)
        await asyncio.sleep(_PAUSE.total_seconds())


async def _try(target: Target) -> str | None:
    """Call once, over a channel that has not learnt to wait. Return why nobody answers, if so."""
    async with target.dial() as channel:
        try:
            async with asyncio.timeout(target.timeout.total_seconds()):
                serving = await is_serving(channel)
        except TimeoutError:
            return f"no answer within {target.timeout.total_seconds():g} s"
        except grpc.aio.AioRpcError as error:
            return _said(error) if error.code() in _SILENT else None
        return None if serving else "it says that it is not serving"


def _said(error: grpc.aio.AioRpcError) -> str:
    return f"{error.code().name}: {error.details()}"
