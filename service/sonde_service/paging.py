"""Pages: how many rows, where the next one begins."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from google.protobuf.message import Message

from sonde_core.errors import RequestInvalidError

M = TypeVar("M", bound=Message)
R = TypeVar("R")

LARGEST_PAGE = 1_000
_LARGEST_BYTES = 512 * 1024
"""Half of what a client receives in one message."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def page_size(asked: int, default: int) -> int:
    """Return how many rows a page has at most. Raises `RequestInvalidError` on less than none."""
    if asked < 0:
        raise RequestInvalidError("page_size: must not be negative", field="page_size")
    return min(asked or default, LARGEST_PAGE)


def cut(
    rows: Sequence[R], size: int, message: Callable[[R], M], key: Callable[[R], str]
) -> tuple[list[M], str]:
    """Return one page of messages, and the token of the next one or nothing.

    `rows` holds one row more than a page where there is a next page. A page ends sooner where its
    messages are large, and never before its first.
    """
    page: list[M] = []
    total = 0
    for number, row in enumerate(rows):
        made = message(row)
        total += made.ByteSize()
        if number == size or (page and total > _LARGEST_BYTES):
            return page, _token(key(rows[number - 1]))
        page.append(made)
    return page, ""


def _token(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode()


def read_token(token: str) -> str:
    """Return the key of the last row before a page, or nothing for the first page."""
    try:
        key = urlsafe_b64decode(token).decode()
    except ValueError as error:
        raise _bad_token() from error
    if "\0" in key:
        raise _bad_token()
    return key


def time_key(instant: datetime, name: str) -> str:
    """Return the key of a row that is ordered by time and name."""
    return f"{(instant - _EPOCH) // _MICROSECOND} {name}"


def read_time_token(token: str) -> tuple[datetime, str] | None:
    """Return the time and name of the last row before a page, or None for the first page."""
    if not token:
        return None
    microseconds, _, name = read_token(token).partition(" ")
    try:
        return _EPOCH + timedelta(microseconds=int(microseconds)), name
    except (ValueError, OverflowError) as error:
        raise _bad_token() from error


def _bad_token() -> RequestInvalidError:
    return RequestInvalidError(
        "page_token: not one of ours; pass the next_page_token of the page before unchanged",
        field="page_token",
    )
