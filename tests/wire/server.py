"""An agent that fails in each way that a handler can."""

from collections.abc import AsyncIterator
from typing import Any

import grpc.aio

from sonde.agent.v1 import agent_service_pb2 as pb
from sonde.agent.v1 import agent_service_pb2_grpc as rpc
from sonde_core.errors import NotFoundError, RequestInvalidError, SondeError, UnavailableError

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

    async def CollectEvidence(
        self, request: pb.CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[pb.CollectEvidenceResponse]:
        yield pb.CollectEvidenceResponse()
        raise RequestInvalidError("probes: unknown", probes=",".join(request.probes))
