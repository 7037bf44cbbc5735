"""Agents on real sockets that behave as a test says."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import grpc.aio

from sonde.agent.v1.agent_service_pb2 import (
    DESCRIPTOR,
    CollectEvidenceRequest,
    CollectEvidenceResponse,
)
from sonde_wire.serving import bind, new_server

Context = grpc.aio.ServicerContext[CollectEvidenceRequest, CollectEvidenceResponse]
Behaviour = Callable[[CollectEvidenceRequest, Context], AsyncIterator[CollectEvidenceResponse]]


@asynccontextmanager
async def agent(directory: Path, behaviour: Behaviour, name: str = "agent") -> AsyncIterator[str]:
    """Serve CollectEvidence on a real unix socket and return its address."""
    service = DESCRIPTOR.services_by_name["AgentService"].full_name
    method = grpc.unary_stream_rpc_method_handler(
        behaviour,
        request_deserializer=CollectEvidenceRequest.FromString,
        response_serializer=CollectEvidenceResponse.SerializeToString,
    )
    server = new_server(max_concurrent_streams=16, max_receive_bytes=1 << 16)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {"CollectEvidence": method}),)
    )
    address = bind(server, f"unix:{directory}/{name}.sock")
    await server.start()
    try:
        yield address
    finally:
        await server.stop(None)
