"""An agent that breaks the contract in ways that are not errors."""

from collections.abc import AsyncIterator

from sonde.agent.v1 import agent_service_pb2 as pb
from tests.wire.server import Context, FailingAgent


class Careless(FailingAgent):
    """Breaks the contract in ways that are not errors, beside two that are."""

    def __init__(self) -> None:
        self.asked = 0

    async def GetAgentInfo(
        self, request: pb.GetAgentInfoRequest, context: Context
    ) -> pb.GetAgentInfoResponse:
        return pb.GetAgentInfoResponse(
            version="\x1b[31m1", probes=["one"], accounts=["main"], running_probes=self.running()
        )

    def running(self) -> int:
        """Say that a probe runs, except when asked for the first two times."""
        self.asked += 1
        return int(self.asked > 2)

    async def GetOutboundIp(
        self, request: pb.GetOutboundIpRequest, context: Context
    ) -> pb.GetOutboundIpResponse:
        return pb.GetOutboundIpResponse()

    async def RunSignedTest(
        self, request: pb.RunSignedTestRequest, context: Context
    ) -> pb.RunSignedTestResponse:
        return pb.RunSignedTestResponse()

    async def GetSymbolRules(
        self, request: pb.GetSymbolRulesRequest, context: Context
    ) -> pb.GetSymbolRulesResponse:
        return pb.GetSymbolRulesResponse()

    async def CollectEvidence(
        self, request: pb.CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[pb.CollectEvidenceResponse]:
        yield pb.CollectEvidenceResponse()
        yield pb.CollectEvidenceResponse()
