"""What every call has: an id that its log lines share, and an end that somebody counts."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import grpc
import grpc.aio

logger = logging.getLogger(__name__)

CallEnded = Callable[[str, str, timedelta], None]
"""Told of each call that ended: its method, the name of its code, how long it took."""

_HEADER = "x-request-id"
_FIT = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Return the id of the call that is being served, or nothing outside of one."""
    return _request_id.get()


def begin(given: str = "") -> None:
    """Give what runs here an id: the given one, or one of its own."""
    _request_id.set(given or secrets.token_hex(8))


def id_for_others() -> tuple[tuple[str, str], ...]:
    """Return the metadata that lets whoever is called next use the same id."""
    return ((_HEADER, request_id()),) if request_id() else ()


def log_call(method: str, code: str, elapsed: timedelta) -> None:
    """Write a call's end to the log; of those that ask for health, only what went wrong."""
    if code != "OK" or not method.startswith("/grpc.health."):
        milliseconds = round(elapsed / timedelta(milliseconds=1), 1)
        logger.info("Call ended", extra={"method": method, "code": code, "ms": milliseconds})


@contextmanager
def serving(
    method: str, context: grpc.aio.ServicerContext[Any, Any], ended: CallEnded
) -> Iterator[None]:
    """Give a call its id and tell of its end. A caller that hung up or timed out: CANCELLED.

    The id is the caller's, if it is at most 64 letters, digits, dots, dashes and underscores.
    """
    began = time.monotonic()
    begin(_given(context))
    code = grpc.StatusCode.UNKNOWN.name
    try:
        yield
        code = grpc.StatusCode.OK.name
    except grpc.aio.AbortError:
        code = _name(context.code())
        raise
    except (asyncio.CancelledError, GeneratorExit):
        code = grpc.StatusCode.CANCELLED.name
        raise
    finally:
        ended(method, code, timedelta(seconds=time.monotonic() - began))


def _given(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == _HEADER and isinstance(value, str) and _FIT.fullmatch(value):
            return value
    return ""


_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


def _name(code: object) -> str:
    """Return a code's name; gRPC gives some as members and some as numbers."""
    return code.name if isinstance(code, grpc.StatusCode) else _NAMES.get(code, "UNKNOWN")  # type: ignore[call-overload]
