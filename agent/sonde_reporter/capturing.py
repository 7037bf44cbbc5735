"""What is taken of an error while its engine waits: little, bounded, and nothing that is alive.

It came from its cause, or from what it was raised in the place of. A group is told as the errors
in it.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import islice
from opcode import opmap
from types import TracebackType
from typing import Any, NamedTuple

from sonde_reporter.taking import Plain, taken

MOST_TEXT = 4_000
MOST_FIELD = 500
_MOST_KEPT = 16_000
"""Of a text. Few are longer, and only those are copied while their engine waits."""
MOST_CAUSE_TEXT = 2_000
MOST_BODY = 2_000
_MOST_CAUSES = 3
_MOST_HEADERS = 100
CODES = ("code", "error_code", "status_code", "status")
MESSAGES = ("error_message", "message", "msg")
_PLAIN_FIELDS = (*CODES, *MESSAGES, "retry_after")
_HEADERS = ("header", "headers")
_RETRY_AFTER = "retry-after"
_LENGTH = len(_RETRY_AFTER)  # few names are as long: most need no second look
_NOT_SAID = ("", None)
_NO_FIELDS: Mapping[str, Plain] = {}
_CODE = re.compile(r"\bcode\\?[\"']?\s*+[:=]\s*+[\"']?(-\d{1,6})\b")
_BAD_REQUEST = 400
_STATUSES = 1_000
_RAISE = opmap["RAISE_VARARGS"]

Response = tuple[Plain, Plain, Plain, bytes]
"""Status, Retry-After, URL and the beginning of the body."""
_Plain = tuple[type, str, Mapping[str, Plain], Response | None, bool]
Captured = tuple[_Plain, ...]
"""An error and its causes, each as the fields of a `Raised`. To make one of those takes longer."""


class Raised(NamedTuple):
    """One exception, without its traceback: a report keeps nothing of the engine alive."""

    kind: type
    text: str
    fields: Mapping[str, Plain]
    response: Response | None
    explicit: bool
    """It is the error itself, or what it came from. Of what the error was merely raised beside
    only the response counts: ccxt leaves the HTTP client's error there."""


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Return the errors that a group is made of; of any other, the error itself."""
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(reversed(each.exceptions))
        else:
            yield each


def capture(error: object, most: int = _MOST_KEPT, causes: int = _MOST_CAUSES) -> Captured:
    """Take what is needed of an error and of so many that it came from, the error first.

    Of what cannot be read, its class. What nearly every error needs stands in this one function:
    an engine waits, and to enter another costs as much as what that would do.
    """
    first: _Plain = (type(error), "", _NO_FIELDS, None, True)
    try:
        if not isinstance(error, BaseException):
            return ((type(error), _text(error), _NO_FIELDS, None, True),)
        if own := error.__dict__:
            first = _with_fields(error, own, most)
        else:
            first = (type(error), str(error)[:most], _NO_FIELDS, None, True)
        before, beside = error.__cause__, error.__context__
        if before is None and beside is not None and not error.__suppress_context__:
            last, caught = error.__traceback__, beside.__traceback__
            while last is not None and last.tb_next is not None:
                last = last.tb_next
            if last and caught and last.tb_frame is caught.tb_frame and _is_raised(last):
                before = beside
            else:
                response = _response(beside.__dict__, explicit=False)
                if response is not None:
                    return first, (type(beside), "", _NO_FIELDS, response, False)
        if before is not None and causes:
            return first, *capture(next(leaves(before)), MOST_CAUSE_TEXT + 1, causes - 1)
    except Exception:  # noqa: BLE001, S110 - what an engine hands over may be anything
        pass
    return (first,)


def code_of(raised: Raised) -> int | None:
    """Return the exchange's code. Every one of them is below zero."""
    for name in CODES:
        value = whole(raised.fields.get(name))
        if value is not None and -(10**6) < value < 0:
            return value
    found = _CODE.search(raised.text) if "code" in raised.text else None
    return int(found[1]) if found else None


def whole(value: Plain) -> int | None:
    """Return a value as a whole number, where it is one."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _is_raised(last: TracebackType) -> bool:
    """Tell `except Refused: raise OrderFailed` from a failure of what was done about a refusal.

    The one is raised by a statement in the frame that caught the other. An order that is sent once
    more in that place and times out fails deeper; the refusal before it says nothing about it.
    """
    return last.tb_frame.f_code.co_code[last.tb_lasti] == _RAISE


def _with_fields(error: BaseException, own: Mapping[str, object], most: int) -> _Plain:
    fields = {name: taken(own[name], MOST_FIELD + 1) for name in _PLAIN_FIELDS if name in own}
    for name in _HEADERS:
        if name in own and fields.get("retry_after") is None:
            fields["retry_after"] = _retry_after(own[name])
    try:
        text = str(error)[:most]
    except Exception:  # noqa: BLE001 - a method of somebody else's class
        text = ""
    return type(error), text, fields, _response(own, explicit=True), True


def _text(thing: object) -> str:
    if isinstance(thing, Mapping | list):
        parts = json.JSONEncoder(default=str).iterencode(thing)
        thing = "".join(islice(parts, MOST_TEXT))
    return str(thing)[: MOST_TEXT + 1]


def _response(own: Mapping[str, object], *, explicit: bool) -> Response | None:
    """Return what is needed of an error's response, not the response."""
    response: Any = own.get("response")
    if response is None:
        return None
    try:
        status, url, headers = response.status_code, response.url, response.headers
    except Exception:  # noqa: BLE001 - others have other names, or properties that fail
        status = _get(response, "status_code") or _get(response, "status")
        url, headers = _get(response, "url"), _get(response, "headers")
    # Where requests and httpx keep a body that was read. Their properties would read it now.
    body = getattr(response, "__dict__", {}).get("_content") if explicit else None
    return (
        status if type(status) is int and 0 <= status < _STATUSES else taken(status, MOST_FIELD),
        # Nearly all refusals are Bad Request and name no pause: to look for one takes longest.
        None if status == _BAD_REQUEST or headers is None else _retry_after(headers),
        url[:MOST_FIELD] if type(url) is str else taken(url, MOST_FIELD),
        body[: MOST_BODY + 1] if isinstance(body, bytes) else b"",
    )


def _get(thing: object, name: str) -> object:
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a property of somebody else's class
        return None


def _retry_after(headers: object) -> Plain:
    """Return what is said of a pause. Clients' own mappings know a name in every spelling."""
    try:
        # Where requests keeps them. To ask its mapping takes several times as long.
        stored = getattr(headers, "_store", None)
        if type(stored) is OrderedDict:
            said = stored.get(_RETRY_AFTER, _NOT_SAID)[1]
        elif type(headers) is dict:
            said = _in_any_spelling(headers)
        else:
            said = headers.get(_RETRY_AFTER) if isinstance(headers, Mapping) else None
        return None if said is None else taken(said, MOST_FIELD)
    except Exception:  # noqa: BLE001 - a method of somebody else's class
        return None


def _in_any_spelling(headers: Mapping[object, object]) -> object:
    for name in islice(headers, _MOST_HEADERS):
        if isinstance(name, str) and len(name) == _LENGTH and name.lower() == _RETRY_AFTER:
            return headers[name]
    return None
