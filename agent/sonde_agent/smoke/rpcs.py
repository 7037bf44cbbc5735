"""Checks of a server's health and of each RPC of the contract."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import grpc
import grpc.aio
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde.agent.v1 import reading_pb2
from sonde_agent.smoke.flaws import CheckFailedError, NotRunError
from sonde_wire.channels import is_serving
from sonde_wire.errors import DOMAIN, error_info
from sonde_wire.readings import ReadingUnreadableError, decode

if TYPE_CHECKING:  # the stub's type exists in the stub file only
    from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceAsyncStub

SERVICE = pb.DESCRIPTOR.services_by_name["AgentService"].full_name
NOBODY = "no-such-account"
SYMBOL = "BTCUSDT"
SHORT = timedelta(milliseconds=200)
LATER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Rpcs:
    """The checks that go over one channel. Each returns what it saw or raises what was wrong."""

    channel: grpc.aio.Channel
    within: timedelta
    """How long one call may take."""

    @property
    def _stub(self) -> "AgentServiceAsyncStub":
        return rpc.AgentServiceStub(self.channel)

    @property
    def _seconds(self) -> float:
        return self.within.total_seconds()

    async def health(self) -> str:
        """Check that the server as a whole is serving."""
        return await self._healthy("")

    async def health_of_service(self) -> str:
        """Check that the agent's service is serving."""
        return await self._healthy(SERVICE)

    async def _healthy(self, service: str) -> str:
        async with asyncio.timeout(self._seconds):
            if not await is_serving(self.channel, service):
                raise CheckFailedError("it says that it is not serving")
        return "serving"

    async def info(self) -> pb.GetAgentInfoResponse:
        """Ask the agent what it is."""
        return await self._stub.GetAgentInfo(pb.GetAgentInfoRequest(), timeout=self._seconds)

    async def clock_status(self) -> str:
        """Check GetClockStatus."""
        answer = await self._stub.GetClockStatus(pb.GetClockStatusRequest(), timeout=self._seconds)
        return _readable(answer.readings)

    async def outbound_ip(self) -> str:
        """Check GetOutboundIp."""
        answer = await self._stub.GetOutboundIp(pb.GetOutboundIpRequest(), timeout=self._seconds)
        return _readable(answer.readings)

    async def signed_test(self, account: str) -> str:
        """Check RunSignedTest. An exchange that refuses the key answers too."""
        answer = await self._stub.RunSignedTest(_test(account), timeout=self._seconds)
        return _readable(answer.readings)

    async def symbol_rules(self) -> str:
        """Check GetSymbolRules. An exchange that cannot be asked now is a reading too."""
        request = pb.GetSymbolRulesRequest(endpoint="usdm", symbol=SYMBOL)
        answer = await self._stub.GetSymbolRules(request, timeout=self._seconds)
        return _readable([answer.reading] if answer.HasField("reading") else [])

    async def unknown_account(self) -> str:
        """Check that an account nobody configured is an error as the contract has it."""
        try:
            await self._stub.RunSignedTest(_test(NOBODY), timeout=self._seconds)
        except grpc.aio.AioRpcError as error:
            info = error_info(error)
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            if info is None or info.domain != DOMAIN:
                raise CheckFailedError(
                    f'NOT_FOUND without ErrorInfo of domain "{DOMAIN}"'
                ) from error
            return f'{error.code().name} from "{info.domain}"'
        raise CheckFailedError("no error; NOT_FOUND is due")

    async def evidence_streamed(self) -> str:
        """Check CollectEvidence with every probe, as a stream."""
        readings, messages = await self._collect(pb.CollectEvidenceRequest())
        return f"{_readable(readings)} in {_count(messages, 'message')}"

    async def evidence_at_once(self, probe: str) -> str:
        """Check CollectEvidence with one probe, as a single message."""
        request = pb.CollectEvidenceRequest(probes=[probe], single_response=True)
        readings, messages = await self._collect(request)
        if messages != 1:
            raise CheckFailedError(f"{_count(messages, 'message')}; one is due")
        return _readable(readings)

    async def _collect(
        self, request: pb.CollectEvidenceRequest
    ) -> tuple[list[reading_pb2.Reading], int]:
        readings: list[reading_pb2.Reading] = []
        messages = 0
        async for message in self._stub.CollectEvidence(request, timeout=self._seconds):
            readings.extend(message.readings)
            messages += 1
        return readings, messages

    async def reflection(self) -> str:
        """Check that reflection lists the agent's service."""
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(cast(Any, self.channel))
        question = reflection_pb2.ServerReflectionRequest(list_services="")
        call = stub.ServerReflectionInfo(iter([question]), timeout=self._seconds)
        answer = await call.read()
        if answer is grpc.aio.EOF:
            raise CheckFailedError("no answer")
        services = [service.name for service in answer.list_services_response.service]
        if SERVICE not in services:
            raise CheckFailedError(f"{SERVICE} is not among what it lists")
        return _count(len(services), "service")

    async def nothing_runs_after_a_deadline(self) -> str:
        """Check that a call whose deadline has passed leaves no probe behind."""
        if await self._running():
            raise NotRunError("probes of other callers are running; try on a quiet agent")
        try:
            call = self._stub.CollectEvidence(
                pb.CollectEvidenceRequest(), timeout=SHORT.total_seconds()
            )
            async for _ in call:
                pass
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                raise
        await asyncio.sleep(LATER.total_seconds())
        left = await self._running()
        if left:
            raise CheckFailedError(f"{_count(left, 'probe')} still running after a second")
        return "no probe runs a second later"

    async def _running(self) -> int:
        info = await self.info()
        if not info.HasField("running_probes"):
            raise NotRunError("this agent does not say how many probes run; it is too old")
        return info.running_probes


def _test(account: str) -> pb.RunSignedTestRequest:
    return pb.RunSignedTestRequest(account=account, test=reading_pb2.READING_KIND_API_RESTRICTIONS)


def _readable(readings: Sequence[reading_pb2.Reading]) -> str:
    """Return how many readings there are; none, or one that makes no sense, is wrong."""
    if not readings:
        raise CheckFailedError("an answer without any reading")
    try:
        for reading in readings:
            decode(reading)
    except ReadingUnreadableError as error:
        raise CheckFailedError(f"a reading that cannot be read: {error}") from error
    return _count(len(readings), "reading")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
