"""Errors on the wire: a canonical code and one google.rpc.ErrorInfo (AIP-193)."""

import inspect
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from sonde_core import errors as core
from sonde_wire.calls import CallEnded, log_call, serving

M = TypeVar("M", bound=Message)

logger = logging.getLogger(__name__)

DOMAIN = "sonde"
_DETAILS = "grpc-status-details-bin"

# Most specific first; what the table lacks is the caller's fault of no better-known kind.
CODES: tuple[tuple[type[core.SondeError], grpc.StatusCode], ...] = (
    (core.NotFoundError, grpc.StatusCode.NOT_FOUND),
    (core.AlreadyExistsError, grpc.StatusCode.ALREADY_EXISTS),
    (core.RequestInvalidError, grpc.StatusCode.INVALID_ARGUMENT),
    (core.UnavailableError, grpc.StatusCode.UNAVAILABLE),
    (core.NoRoomError, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (core.NotAllowedError, grpc.StatusCode.PERMISSION_DENIED),
    (core.SondeError, grpc.StatusCode.FAILED_PRECONDITION),
)
_CLASSES = {code: class_ for class_, code in CODES}


def status_of(error: core.SondeError) -> tuple[grpc.StatusCode, Status]:
    """Return an error as a canonical code and a status with its ErrorInfo and its other details."""
    code = next(code for class_, code in CODES if isinstance(error, class_))
    status = Status(code=code.value[0], message=str(error))
    info = ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    for detail in (info, *messages_of(error)):
        status.details.add().Pack(detail)
    return code, status


def messages_of(error: core.SondeError) -> list[Message]:
    """Return what an error carries for its caller beside its reason."""
    return [each for each in error.details if isinstance(each, Message)]


def error_info(error: grpc.aio.AioRpcError) -> ErrorInfo | None:
    """Return the ErrorInfo that an RPC error carries, if any."""
    return detail_of(error, ErrorInfo)


def detail_of(error: grpc.aio.AioRpcError, class_: type[M]) -> M | None:
    """Return the message of a kind that an RPC error carries, if any."""
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS and isinstance(value, bytes):
            for detail in Status.FromString(value).details:
                message = class_()
                if detail.Unpack(message):
                    return message
    return None


def from_rpc_error(error: grpc.aio.AioRpcError) -> core.SondeError:
    """Return an RPC error as the error that the other side raised."""
    info = error_info(error)
    class_ = _CLASSES.get(error.code(), core.SondeError)
    result = class_(error.details() or error.code().name, **(info.metadata if info else {}))
    if info:
        result.reason = info.reason
    return result


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """Owns the error text of every call.

    gRPC sends the text of an uncaught exception to the peer. Here a `SondeError` becomes its
    status, and anything else an opaque id that stands beside the traceback in the log. It is also
    where a call gets its id and where its end is told.
    """

    def __init__(self, ended: CallEnded = log_call) -> None:
        self._ended = ended

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wrap the handler of one call."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.request_streaming:
            return handler  # reflection alone streams requests: it is not ours
        if handler.response_streaming and not inspect.isasyncgenfunction(handler.unary_stream):
            return handler  # health's Watch alone writes its responses: it is not ours
        # gRPC would tell the peer the text of what its bytes make go wrong.
        codec = (None, handler.response_serializer)
        decode = handler.request_deserializer
        name = handler_call_details.method
        if handler.response_streaming:
            stream = _stream(handler.unary_stream, decode, name, self._ended)
            return grpc.unary_stream_rpc_method_handler(stream, *codec)
        unary = _unary(handler.unary_unary, decode, name, self._ended)
        return grpc.unary_unary_rpc_method_handler(unary, *codec)


Decode = Callable[[bytes], Any]


def _decoded(decode: Decode, request: bytes) -> Any:
    try:
        return decode(request)
    except DecodeError as error:
        raise core.RequestInvalidError(
            "request: its bytes are no message of this method"
        ) from error


def _unary(
    method: Callable[[Any, Any], Awaitable[Any]], decode: Decode, name: str, ended: CallEnded
) -> Callable[[Any, Any], Awaitable[Any]]:
    async def call(request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        with serving(name, context, ended):
            try:
                return await method(_decoded(decode, request), context)
            except Exception as error:  # noqa: BLE001 - the last line before the peer
                await _abort(error, context)

    return call


def _stream(
    method: Callable[[Any, Any], AsyncIterator[Any]], decode: Decode, name: str, ended: CallEnded
) -> Callable[[Any, Any], AsyncIterator[Any]]:
    async def call(
        request: bytes, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Any]:
        with serving(name, context, ended):
            try:
                async for response in method(_decoded(decode, request), context):
                    yield response
            except Exception as error:  # noqa: BLE001 - the last line before the peer
                await _abort(error, context)

    return call


async def _abort(error: Exception, context: grpc.aio.ServicerContext[Any, Any]) -> None:
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if isinstance(error, core.SondeError):
        code, status = status_of(error)
        await context.abort(code, str(error), ((_DETAILS, status.SerializeToString()),))
    if isinstance(error, NotImplementedError):  # what generated code does for a missing method
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "this server lacks the method")
    incident = secrets.token_hex(4)
    logger.error("Call failed", exc_info=error, extra={"incident": incident})
    await context.abort(grpc.StatusCode.INTERNAL, f"internal error, incident {incident}")
