"""What an exception says, whichever client raised it.

Nothing is imported to know a client: its exceptions are read by the names of their fields.

| client               | the exchange's code     | HTTP status   | message         | Retry-After   |
| -------------------- | ----------------------- | ------------- | --------------- | ------------- |
| ccxt                 | in the text             | its context's | in the text     | its context's |
| python-binance       | `code`                  | `status_code` | `message`       | its response  |
| binance-connector    | `error_code`            | `status_code` | `error_message` | `header`      |
| the exchange's SDKs  | `status_code`, if < 0   | –             | `error_message` | `retry_after` |
| requests, httpx      | in the response's body  | its response  | in the body     | its response  |
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from sonde_reporter.redaction import redact

T = TypeVar("T")

MOST_TEXT = 4_000
_MOST_FIELD = 500
_MOST_BODY = 2_000
_MOST_CAUSES = 3
_MOST_HEADERS = 100
_CODES = ("code", "error_code", "status_code", "status")
_MESSAGES = ("error_message", "message", "msg")
_HEADERS = ("header", "headers")
_READ = (*_CODES, *_MESSAGES, *_HEADERS, "retry_after")
_CODE = re.compile(r"\bcode\\?[\"']?\s*[:=]\s*[\"']?(-\d{1,6})\b")
_MESSAGE = re.compile(r"\"msg\"\s*:\s*(\"(?:[^\"\\]|\\.){0,1000}\")")
_STATUS = re.compile(r"\b[a-z]{2,8}://\S+ ([1-5]\d\d)\b")
_SURFACES = re.compile(r"//(ws-f?api)\b|/(fapi|dapi|papi|sapi|ws-f?api|api)/(?:v\d|ws)")
_NAMED = {"fapi": "usdm", "dapi": "coinm", "api": "spot", "ws-api": "ws", "ws-fapi": "ws"}
_HTTP = range(100, 600)
_LONGEST_PAUSE_S = 10**9


_Plain = tuple[type, str, Mapping[str, object], tuple[object, ...], bool]
Captured = tuple[_Plain, ...]
"""An error and its causes, each as the fields of a `Raised`. To make one of those takes longer."""


class Raised(NamedTuple):
    """One exception, without its traceback: a report keeps nothing of the engine alive."""

    kind: type
    text: str
    fields: Mapping[str, object]
    response: tuple[object, ...]
    """Status, headers, URL and beginning of the answer, where it has one."""
    explicit: bool
    """It is the error itself, or what was given as its cause. Of what the error was merely raised
    beside only the response counts: ccxt leaves the HTTP client's error there."""


def capture(error: object) -> Captured:
    """Take what is needed of an error and of what it came from, the error first.

    It runs in the caller's thread, so it does no more than that, in plain tuples.
    """
    if not isinstance(error, BaseException):
        return ((type(error), _text(error), {}, (), True),)
    own, before, beside = error.__dict__, error.__cause__, error.__context__
    if not own and before is None and beside is None:
        return ((type(error), str(error)[: MOST_TEXT + 1], {}, (), True),)
    first = _raised(error)
    if before is not None:
        return (first, *_causes(before))
    if beside is None or error.__suppress_context__ or not beside.__dict__:
        return (first,)
    return first, (type(beside), "", {}, _response(beside.__dict__), False)


def _causes(cause: BaseException | None) -> Iterator[_Plain]:
    for _ in range(_MOST_CAUSES):
        if cause is None:
            return
        yield _raised(cause)
        cause = cause.__cause__


def _raised(error: BaseException) -> _Plain:
    text, own = str(error)[: MOST_TEXT + 1], error.__dict__
    fields = {name: own[name] for name in _READ if name in own} if own else {}
    return type(error), text, fields, _response(own), True


def _text(thing: object) -> str:
    if isinstance(thing, Mapping):
        thing = json.dumps(thing, default=str)
    return str(thing)[: MOST_TEXT + 1]


def _response(own: Mapping[str, object]) -> tuple[object, ...]:
    """Return status, headers, URL and the beginning of an error's response, not the response."""
    response = own.get("response")
    if response is None:
        return ()
    kept = getattr(response, "__dict__", None) or {}
    # Where requests and httpx keep a body that was read. Their properties would read it now.
    body = kept.get("_content")
    return (
        kept.get("status_code") or _get(response, "status"),
        kept.get("headers") or _get(response, "headers"),
        kept.get("url") or _get(response, "url"),
        body[:_MOST_BODY] if isinstance(body, bytes) else b"",
    )


def _get(thing: object, name: str) -> object:
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a property of somebody else's class
        return None


def describe(captured: Captured) -> dict[str, object]:
    """Return what was captured as fields of a FailureReport, without secrets."""
    chain = [Raised._make(each) for each in captured]
    if _first(chain, _code) is None:
        chain = [_with_body(each) for each in chain]
    facts: dict[str, object] = {
        "text": redact(" caused by ".join(_told(chain)), MOST_TEXT),
        "exception": "" if chain[0].kind in (str, dict) else _name(chain[0].kind),
        "code": _first(chain, _code),
        "message": redact(_first(chain, _message) or "", _MOST_FIELD),
        "httpStatus": _first(chain, _status),
        "surface": _first(chain, _surface),
    }
    pause = _first(chain, _retry_after)
    facts["retryAfter"] = None if pause is None else f"{pause}s"
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _with_body(raised: Raised) -> Raised:
    body = b"".join(each for each in raised.response if isinstance(each, bytes))
    if not body or not raised.explicit:
        return raised
    return raised._replace(text=f"{raised.text} {body.decode(errors='replace')}")


def _told(chain: list[Raised]) -> Iterator[str]:
    for number, each in enumerate(each for each in chain if each.explicit):
        yield f"{_name(each.kind)}: {each.text}" if number else each.text


def _name(kind: type) -> str:
    name = kind.__qualname__
    return (name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}")[:_MOST_FIELD]


def _first(chain: list[Raised], read: Callable[[Raised], T | None]) -> T | None:
    return next((value for value in map(read, chain) if value is not None), None)


def _code(raised: Raised) -> int | None:
    """Return the exchange's code. Every one of them is below zero."""
    for name in _CODES:
        value = _whole(raised.fields.get(name))
        if value is not None and -(10**6) < value < 0:
            return value
    found = _CODE.search(raised.text)
    return int(found[1]) if found else None


def _message(raised: Raised) -> str | None:
    for name in _MESSAGES:
        value = raised.fields.get(name)
        if value and isinstance(value, str):
            return value[: MOST_TEXT + 1]
    found = _MESSAGE.search(raised.text)
    try:
        return str(json.loads(found[1])) if found else None
    except ValueError:
        return None


def _status(raised: Raised) -> int | None:
    for value in (*map(raised.fields.get, _CODES), *raised.response[:1]):
        status = _whole(value)
        if status in _HTTP:
            return status
    found = _STATUS.search(raised.text)
    return int(found[1]) if found else None


def _retry_after(raised: Raised) -> int | None:
    told = raised.fields.get("retry_after")
    headers = [raised.fields.get(name) for name in _HEADERS]
    for value in (told, *map(_header, (*headers, *raised.response[1:2]))):
        pause = _whole(value)
        if pause is not None and 0 <= pause <= _LONGEST_PAUSE_S:
            return pause
    return None


def _header(headers: object) -> object:
    if isinstance(headers, Mapping):
        for name in list(headers)[:_MOST_HEADERS]:
            if isinstance(name, str) and name.lower() == "retry-after":
                return headers[name]
    return None


def _surface(raised: Raised) -> str | None:
    for text in (*map(str, raised.response[2:3]), raised.text):
        found = _SURFACES.search(text[: MOST_TEXT + 1])
        if found:
            name = found[1] or found[2]
            return _NAMED.get(name, name)
    return None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None
