"""The agent's gRPC service. Decodes, calls, encodes."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import grpc.aio

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde_agent.agent import DEFAULT, LONGEST, Agent
from sonde_core.clock import Estimate, exchange_estimate, ntp_estimate
from sonde_core.errors import RequestInvalidError
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.readings import EchoedAddress, Kind, Reading
from sonde_wire.readings import KINDS, encode
from sonde_wire.times import from_duration, to_duration, to_timestamp

Context = grpc.aio.ServicerContext[Any, Any]

SERVICE = "sonde.agent.v1.AgentService"
_PAUSE = timedelta(milliseconds=50)
_MARGIN = timedelta(milliseconds=100)
"""Kept back from the caller's deadline, so that what was read still arrives."""


class AgentService(rpc.AgentServiceServicer):
    """Answers questions about this host."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    async def GetAgentInfo(
        self, request: pb.GetAgentInfoRequest, context: Context
    ) -> pb.GetAgentInfoResponse:
        """Say what this agent is."""
        del request, context
        return pb.GetAgentInfoResponse(
            version=self._agent.version,
            start_time=to_timestamp(self._agent.started),
            probes=self._agent.probes,
            accounts=self._agent.accounts,
            running_probes=self._agent.running.probes,
        )

    async def GetClockStatus(
        self, request: pb.GetClockStatusRequest, context: Context
    ) -> pb.GetClockStatusResponse:
        """Compare the clocks now."""
        del request
        readings = await self._agent.read_clocks(_within(context))
        evidence = Evidence(now=self._agent.now(), readings=by_kind_and_subject(readings))
        ntp, exchange = ntp_estimate(evidence), exchange_estimate(evidence)
        return pb.GetClockStatusResponse(
            ntp=_estimate(ntp),
            exchange=_estimate(exchange),
            disagreeing=ntp.disagreeing if ntp else (),
            readings=[encode(reading) for reading in readings],
        )

    async def GetOutboundIp(
        self, request: pb.GetOutboundIpRequest, context: Context
    ) -> pb.GetOutboundIpResponse:
        """Ask the echo services now."""
        del request
        readings = await self._agent.read_egress(_within(context))
        return pb.GetOutboundIpResponse(
            ipv4_addresses=_addresses(readings, Kind.ECHO_IPV4),
            ipv6_addresses=_addresses(readings, Kind.ECHO_IPV6),
            readings=[encode(reading) for reading in readings],
        )

    async def RunSignedTest(
        self, request: pb.RunSignedTestRequest, context: Context
    ) -> pb.RunSignedTestResponse:
        """Make one signed test now."""
        kinds = {number: kind for kind, number in KINDS.items()}
        kind = kinds.get(request.test)
        if kind is None:
            raise RequestInvalidError("test: name one of the signed kinds")
        readings = await self._agent.run_signed_test(request.account, kind, _within(context))
        return pb.RunSignedTestResponse(readings=[encode(reading) for reading in readings])

    async def GetSymbolRules(
        self, request: pb.GetSymbolRulesRequest, context: Context
    ) -> pb.GetSymbolRulesResponse:
        """Ask the exchange about one symbol now."""
        reading = await self._agent.read_symbol_rules(
            request.endpoint, request.symbol, _within(context)
        )
        return pb.GetSymbolRulesResponse(reading=encode(reading))

    async def CollectEvidence(
        self, request: pb.CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[pb.CollectEvidenceResponse]:
        """Run probes now and send what is ready, at most every 50 ms."""
        timeout = _within(context, _timeout(request))
        async with self._agent.collecting(timeout, request.probes) as readings:
            if request.single_response:
                yield _response([reading async for reading in readings])
                return
            while some := await readings.some():
                yield _response(some)
                await readings.pause(_PAUSE)


def _timeout(request: pb.CollectEvidenceRequest) -> timedelta:
    if not request.HasField("timeout"):
        return DEFAULT
    try:
        timeout = from_duration(request.timeout)
    except OverflowError as error:
        raise RequestInvalidError("timeout: no span of time") from error
    if timeout <= timedelta():
        raise RequestInvalidError("timeout: must be more than 0 s")
    return min(timeout, LONGEST)


def _within(context: Context, timeout: timedelta = DEFAULT) -> timedelta:
    """Return how long to measure, so that the answer is there before the caller gives up."""
    remaining: float | None = context.time_remaining() or None
    if remaining is None or remaining > LONGEST.total_seconds():
        return timeout
    left = timedelta(seconds=remaining)
    return min(timeout, left - min(_MARGIN, left / 10))


def _response(readings: Iterable[Reading]) -> pb.CollectEvidenceResponse:
    return pb.CollectEvidenceResponse(readings=[encode(reading) for reading in readings])


def _estimate(estimate: Estimate | None) -> pb.ClockEstimate | None:
    if estimate is None:
        return None
    return pb.ClockEstimate(
        offset=to_duration(estimate.offset),
        bound=to_duration(estimate.bound),
        sources=estimate.agreeing,
    )


def _addresses(readings: Iterable[Reading], kind: Kind) -> list[str]:
    seen = {
        str(reading.value.address)
        for reading in readings
        if reading.kind is kind and isinstance(reading.value, EchoedAddress)
    }
    return sorted(seen)
