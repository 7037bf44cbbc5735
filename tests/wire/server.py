"""An agent that fails in each way that a handler can."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
from grpc_health.v1 import health_pb2

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde_core.errors import NotFoundError, RequestInvalidError, SondeError, UnavailableError
from sonde_wire.serving import add_health_and_reflection, bind, new_server
from sonde_wire.tls import TlsFiles

SERVICE = "sonde.agent.v1.AgentService"
Context = grpc.aio.ServicerContext[Any, Any]


class FailingAgent(rpc.AgentServiceServicer):
    """Fails in each way that a handler can."""

    async def GetAgentInfo(
        self, request: pb.GetAgentInfoRequest, context: Context
    ) -> pb.GetAgentInfoResponse:
        raise ZeroDivisionError("canary-secret")

    async def GetClockStatus(
        self, request: pb.GetClockStatusRequest, context: Context
    ) -> pb.GetClockStatusResponse:
        raise UnavailableError("not now")

    async def GetOutboundIp(
        self, request: pb.GetOutboundIpRequest, context: Context
    ) -> pb.GetOutboundIpResponse:
        raise SondeError("not so")

    async def RunSignedTest(
        self, request: pb.RunSignedTestRequest, context: Context
    ) -> pb.RunSignedTestResponse:
        raise NotFoundError(f"no account {request.account!r}", account=request.account)

    async def GetSymbolRules(
        self, request: pb.GetSymbolRulesRequest, context: Context
    ) -> pb.GetSymbolRulesResponse:
        raise RequestInvalidError("symbol: unknown", symbol=request.symbol)

    async def CollectEvidence(
        self, request: pb.CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[pb.CollectEvidenceResponse]:
        yield pb.CollectEvidenceResponse()
        raise RequestInvalidError("probes: unknown", probes=",".join(request.probes))


@asynccontextmanager
async def serving(
    address: str, tls: TlsFiles | None = None, *, streams: int = 16
) -> AsyncIterator[str]:
    """Serve an agent that fails, and return its address."""
    server = new_server(max_concurrent_streams=streams, max_receive_bytes=65_536)
    rpc.add_AgentServiceServicer_to_server(FailingAgent(), server)
    health = add_health_and_reflection(server, (SERVICE,), reflect=True)
    bound = bind(server, address, tls)
    await server.start()
    await health.set("", health_pb2.HealthCheckResponse.SERVING)
    try:
        yield bound
    finally:
        await server.stop(None)
