"""The service, as the command calls it. Every call has a deadline; every failure has a remedy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import grpc
import grpc.aio

from sonde.support.v1.support_service_pb2_grpc import SupportServiceStub
from sonde_core.errors import SondeError, UnavailableError
from sonde_wire.channels import open_channel
from sonde_wire.errors import error_info, from_rpc_error

if TYPE_CHECKING:  # the stub's type exists in the stub file only
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub

DEADLINE = 10.0
"""Seconds, for every call that measures nothing."""


@asynccontextmanager
async def connect(address: str) -> AsyncIterator["SupportServiceAsyncStub"]:
    """Open a channel to the service.

    Raises the error that the service raised, or `UnavailableError` where it cannot be asked.
    """
    async with open_channel(address) as channel:
        try:
            yield SupportServiceStub(channel)
        except grpc.aio.AioRpcError as error:
            raise _explained(error, address) from error


def _explained(error: grpc.aio.AioRpcError, address: str) -> SondeError:
    if error_info(error):
        return from_rpc_error(error)
    match error.code():
        case grpc.StatusCode.UNAVAILABLE:
            return UnavailableError(
                f"no service answers at {address}; start it with `sonde-service run`, or name "
                f"another with --service or SONDE_SERVICE ({_last_error(error)})"
            )
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return UnavailableError(f"the service at {address} did not answer within its time")
        case grpc.StatusCode.UNIMPLEMENTED:
            return UnavailableError(
                f"{address} does not offer this; is it the service's address, and its version new?"
            )
        case _:
            return from_rpc_error(error)


def _last_error(error: grpc.aio.AioRpcError) -> str:
    """Return the system's own words at the end of gRPC's."""
    return (error.details() or "").rpartition(": ")[2]
