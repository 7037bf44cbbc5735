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
from collections.abc import Callable, Iterator
from typing import TypeVar

from sonde_reporter.capturing import (
    CODES,
    MESSAGES,
    MOST_BODY,
    MOST_CAUSE_TEXT,
    MOST_FIELD,
    MOST_TEXT,
    Captured,
    Raised,
    code_of,
    whole,
)
from sonde_reporter.redaction import cut, redact

T = TypeVar("T")

_MESSAGE = re.compile(r"\"msg\"\s*+:\s*+(\"(?:[^\"\\]|\\.){0,1000}+\")")
# What a word has after its first "://" is read with it, and so looked at once.
_STATUS = re.compile(r"://\S++(?: ([1-5]\d\d)\b)?")
_SURFACES = re.compile(r"//(ws-f?api)\b|/(fapi|dapi|papi|sapi|ws-f?api|api)/(?:v\d|ws)")
_NAMED = {"fapi": "usdm", "dapi": "coinm", "api": "spot", "ws-api": "ws", "ws-fapi": "ws"}
_HTTP = range(100, 600)
_LONGEST_PAUSE_S = 10**9


def describe(captured: Captured) -> dict[str, object]:
    """Return what was captured as fields of a FailureReport, without secrets."""
    first, *causes = map(Raised._make, captured)
    chain = [_bounded(first, MOST_TEXT), *(_bounded(each, MOST_CAUSE_TEXT) for each in causes)]
    code = _first(chain, code_of)
    if code is None:
        chain = [_with_body(each) for each in chain]
        code = _first(chain, code_of)
    text = redact(" caused by ".join(_told(chain)), MOST_TEXT)
    pause = _first(chain, _retry_after)
    facts: dict[str, object] = {
        "text": text,
        "exception": "" if chain[0].kind in (str, dict) else _name(chain[0].kind),
        "code": code,
        "message": redact(_first(chain, _message) or "", MOST_FIELD) or _message_in(text),
        "httpStatus": _first(chain, _status),
        "surface": _first(chain, _surface),
        "retryAfter": None if pause is None else f"{pause}s",
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _bounded(raised: Raised, most: int) -> Raised:
    return raised._replace(text=cut(raised.text, most))


def _with_body(raised: Raised) -> Raised:
    if raised.response is None or not raised.response[3] or not raised.explicit:
        return raised
    body = cut(raised.response[3].decode(errors="replace"), MOST_BODY)
    return raised._replace(text=f"{raised.text} {body}")


def _told(chain: list[Raised]) -> Iterator[str]:
    for number, each in enumerate(each for each in chain if each.explicit):
        yield f"{_name(each.kind)}: {each.text}" if number else each.text


def _name(kind: type) -> str:
    name = kind.__qualname__
    return (name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}")[:MOST_FIELD]


def _first(chain: list[Raised], read: Callable[[Raised], T | None]) -> T | None:
    return next((value for value in map(read, chain) if value is not None), None)


def _message(raised: Raised) -> str | None:
    told = map(raised.fields.get, MESSAGES)
    return next((value for value in told if value and isinstance(value, str)), None)


def _message_in(text: str) -> str:
    found = _MESSAGE.search(text)
    try:
        return str(json.loads(found[1]))[:MOST_FIELD] if found else ""
    except ValueError:
        return ""


def _status(raised: Raised) -> int | None:
    for value in (*map(raised.fields.get, CODES), raised.response and raised.response[0]):
        status = whole(value)
        if status is not None and status in _HTTP:  # None would be compared with each of them
            return status
    return next((int(found[1]) for found in _STATUS.finditer(raised.text) if found[1]), None)


def _retry_after(raised: Raised) -> int | None:
    for value in (raised.fields.get("retry_after"), raised.response and raised.response[1]):
        pause = whole(value)
        if pause is not None and 0 <= pause <= _LONGEST_PAUSE_S:
            return pause
    return None


def _surface(raised: Raised) -> str | None:
    for text in (raised.response and raised.response[2], raised.text):
        found = _SURFACES.search(text) if isinstance(text, str) else None
        if found:
            name = found[1] or found[2]
            return _NAMED.get(name, name)
    return None
