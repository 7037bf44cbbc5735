"""Ways to reach an agent. The fan-out does not know which one it uses."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import grpc
import grpc.aio

from sonde.agent.v1.agent_service_pb2 import (
    CollectEvidenceRequest,
    CollectEvidenceResponse,
    GetSymbolRulesRequest,
    GetSymbolRulesResponse,
)
from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from sonde_core.errors import ConfigInvalidError
from sonde_core.evidence import Contact
from sonde_service.hosts import Host
from sonde_wire.calls import id_for_others
from sonde_wire.channels import open_channel
from sonde_wire.failures import why
from sonde_wire.readings.texts import MAX_TEXT
from sonde_wire.times import to_duration
from sonde_wire.tls import TlsSource

if TYPE_CHECKING:  # the stub's type exists in the stub file only
    from sonde.agent.v1.agent_service_pb2_grpc import AgentServiceAsyncStub

CONTACTS = {
    grpc.StatusCode.UNAVAILABLE: Contact.UNREACHABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: Contact.TIMEOUT,
    grpc.StatusCode.UNAUTHENTICATED: Contact.REFUSED,
    grpc.StatusCode.PERMISSION_DENIED: Contact.REFUSED,
}
"""What a failed call says about the contact. Any other code: reached, and not answered."""

_FOR_THE_WAY_BACK = 10
"""The agent's own limit is shorter than the call's by this part of it."""


class LinkError(Exception):
    """An agent did not answer, or not to the end."""

    def __init__(self, contact: Contact, detail: str) -> None:
        super().__init__(f"{contact}: {detail}")
        self.contact = contact
        self.detail = detail[:MAX_TEXT]


class AgentLink(Protocol):
    """Reaches agents."""

    def collect(
        self, host: Host, limit: timedelta, *, at_once: bool
    ) -> AsyncGenerator[CollectEvidenceResponse, None]:
        """Return what the host's agent reads, as it comes, or in one message `at_once`.

        Raises `LinkError` where it does not answer within `limit`, or not to the end.
        """
        ...

    async def symbol_rules(
        self, host: Host, endpoint: str, symbol: str, limit: timedelta
    ) -> GetSymbolRulesResponse:
        """Return what the host's agent reads of a symbol's rules at an endpoint.

        Raises `LinkError` where it does not answer within `limit`.
        """
        ...


@dataclass(frozen=True, slots=True)
class DirectLink:
    """Calls an agent on its own socket or port, with a connection per call.

    A connection that is kept costs about 100 KiB and a file descriptor for a host that is asked
    once in a while.
    """

    tls: TlsSource | None = None
    """Who the service is. None: unix sockets and loopback only."""

    async def collect(
        self, host: Host, limit: timedelta, *, at_once: bool
    ) -> AsyncGenerator[CollectEvidenceResponse, None]:
        """Return what the host's agent reads."""
        request = _request(limit, at_once=at_once)
        async with self._calling(host, limit) as stub:
            call = stub.CollectEvidence(
                request, timeout=limit.total_seconds(), metadata=id_for_others()
            )
            async for response in call:
                yield response

    async def symbol_rules(
        self, host: Host, endpoint: str, symbol: str, limit: timedelta
    ) -> GetSymbolRulesResponse:
        """Return what the host's agent reads of a symbol's rules at an endpoint."""
        request = GetSymbolRulesRequest(endpoint=endpoint, symbol=symbol)
        async with self._calling(host, limit) as stub:
            return await stub.GetSymbolRules(
                request, timeout=limit.total_seconds(), metadata=id_for_others()
            )

    @asynccontextmanager
    async def _calling(
        self, host: Host, limit: timedelta
    ) -> AsyncIterator["AgentServiceAsyncStub"]:
        if not host.address:
            raise LinkError(Contact.NOT_ENROLLED, "no address is recorded")
        async with self._channel(host) as channel:
            try:
                yield AgentServiceStub(channel)
            except grpc.aio.AioRpcError as error:
                reason = why(error, host.address, self.tls, host.tls_name)
                raise _link_error(error, channel, limit, reason) from error

    def _channel(self, host: Host) -> grpc.aio.Channel:
        try:
            return open_channel(host.address, self.tls, host.tls_name)
        except ConfigInvalidError as error:
            raise LinkError(Contact.UNREACHABLE, str(error)) from error


@lru_cache(maxsize=16)
def _request(limit: timedelta, *, at_once: bool) -> CollectEvidenceRequest:
    timeout = to_duration(limit - limit / _FOR_THE_WAY_BACK)
    return CollectEvidenceRequest(timeout=timeout, single_response=at_once)


def _link_error(
    error: grpc.aio.AioRpcError, channel: grpc.aio.Channel, limit: timedelta, reason: str
) -> LinkError:
    contact = CONTACTS.get(error.code(), Contact.REFUSED)
    connected = channel.get_state() is grpc.ChannelConnectivity.READY
    if contact is Contact.TIMEOUT:
        # gRPC's words are the same whether the agent or the way to it is silent.
        if not connected:
            return LinkError(Contact.UNREACHABLE, f"no connection within {_seconds(limit)}")
        return LinkError(contact, f"no complete answer within {_seconds(limit)}")
    if contact is Contact.UNREACHABLE or not connected:
        # A unix socket that is not there is FAILED_PRECONDITION to gRPC.
        return LinkError(Contact.UNREACHABLE, reason)
    return LinkError(contact, f"{error.code().name}: {error.details()}")


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g} s"
