"""Runs the checks one after the other, against an agent that may still be coming up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

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
from sonde_wire.failures import why
from sonde_wire.tls import TlsFiles

_PAUSE = timedelta(milliseconds=200)
"""Between two tries to reach a server that is not up yet."""


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
    def late(self) -> str:
        """What is said of a call that took too long."""
        return f"no answer within {self.timeout.total_seconds():g} s"

    @property
    def identity(self) -> Identity | None:
        """Its TLS side, if it has one."""
        server = parse_address(self.address)
        if self.tls is None or not isinstance(server, TcpAddress):
            return None
        return Identity(server, self.tls, self.tls_name or server.host, self.timeout)


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
        if await self.check("reach", partial(_reach, self.target)) is None:
            return
        identity = self.target.identity
        if identity:
            if await self.check("TLS identity", identity.carries_its_name) is None:
                return
            await self.check("TLS client refused", identity.refuses_the_nameless)
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
            await self.check(f"RunSignedTest {account}", partial(rpcs.signed_test, account))
        await self.check("GetSymbolRules", rpcs.symbol_rules)
        await self.check("unknown account", rpcs.unknown_account)
        await self.check("CollectEvidence streamed", rpcs.evidence_streamed)
        # One probe only: to run them all again would spend the exchange's request weight twice.
        await self.check("CollectEvidence single", partial(rpcs.evidence_at_once, info.probes[0]))
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
            return Outcome.FAILED, self.target.late
        except grpc.aio.AioRpcError as error:
            return Outcome.FAILED, _said(error)


async def _reach(target: Target) -> str:
    """Wait until the server says that it is serving, or at least answers when the wait is over."""
    give_up = time.monotonic() + target.wait.total_seconds()
    while True:
        over = time.monotonic() + _PAUSE.total_seconds() > give_up
        try:
            if target.identity:
                # gRPC does not tell a wrong certificate from a server that is down.
                await target.identity.carries_its_name()
            if await _is_serving(target) or over:
                return "a gRPC server answers"
        except CheckFailedError:
            return "a TLS server answers"
        except NotRunError:
            if over:
                raise
        await asyncio.sleep(_PAUSE.total_seconds())


async def _is_serving(target: Target) -> bool:
    """Ask once, over a channel of its own: one that has failed waits longer each time."""
    async with target.dial() as channel:
        try:
            async with asyncio.timeout(target.timeout.total_seconds()):
                return await is_serving(channel)
        except TimeoutError as error:
            raise NotRunError(target.late) from error
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                reason = why(error, target.address, target.tls, target.tls_name)
                raise NotRunError(f"no agent answers there: {reason}") from error
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                raise NotRunError(target.late) from error
            return True  # whoever it is; what it lacks is for the checks to say


def _said(error: grpc.aio.AioRpcError) -> str:
    return f"{error.code().name}: {error.details()}"
