"""The service, as the command calls it. Every call has a deadline; every failure has a remedy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
import grpc.aio

from sonde.support.v1.support_service_pb2_grpc import SupportServiceStub
from sonde_core.errors import SondeError, UnavailableError
from sonde_wire.channels import open_channel
from sonde_wire.errors import error_info, from_rpc_error
from sonde_wire.failures import why
from sonde_wire.tls import TlsFiles

if TYPE_CHECKING:  # the stub's type exists in the stub file only
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub

DEADLINE = 10.0
"""Seconds, for every call that measures nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAddress:
    """Where the service listens, and who calls it."""

    address: str
    tls: TlsFiles | None = None
    """Who the caller is. None: unix sockets and loopback only."""
    tls_name: str = ""
    """The name that the service's certificate must carry, where it is not the address's own."""


@asynccontextmanager
async def connect(service: ServiceAddress) -> AsyncIterator["SupportServiceAsyncStub"]:
    """Open a channel to the service.

    Raises the error that the service raised, or `UnavailableError` where it cannot be asked.
    """
    async with open_channel(service.address, service.tls, service.tls_name) as channel:
        try:
            yield SupportServiceStub(channel)
        except grpc.aio.AioRpcError as error:
            raise _explained(error, service) from error


def _explained(error: grpc.aio.AioRpcError, service: ServiceAddress) -> SondeError:
    address = service.address
    if error_info(error):
        return from_rpc_error(error)
    match error.code():
        case grpc.StatusCode.UNAVAILABLE:
            reason = why(error, address, service.tls, service.tls_name)
            return UnavailableError(
                f"no service answers at {address}; start it with `sonde-service run`, or name "
                f"another with --service or SONDE_SERVICE ({reason})"
            )
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return UnavailableError(f"the service at {address} did not answer within its time")
        case grpc.StatusCode.UNIMPLEMENTED:
            return UnavailableError(
                f"{address} does not offer this; is it the service's address, and its version new?"
            )
        case _:
            return from_rpc_error(error)
