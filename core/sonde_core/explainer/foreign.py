"""Knows errors that are no refusal of Binance's: other exchanges' shapes, and plain bugs.

Binance answers ``{"code": -NNNN, "msg": "…"}``, or ``{"msg": "…", "success": false}`` on a few old
paths. Every other shape was written by somebody else.
"""

import re

from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.signs import Heard, Sign, Table, phrases
from sonde_core.explainer.sockets import MEANING as SOCKETS
from sonde_core.findings import Confidence

CONFIRMED, LIKELY, POSSIBLE = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE

SHAPES = Table(
    # Members and headers that one of the others has, and Binance nowhere.
    phrases(
        "OTHER", CONFIRMED,
        "retcode", "ret_code", "retmsg", "ret_msg", "ext_code", "ext_info", "eapi:", "eorder:",
        "egeneral:", "eservice:", "equery:", "etrade:", "efunding:", "err-code",
        "err-msg", "requesttime\"", "accountnoenough", "account_no_enough",
        "\"label\":", "'label':", "\"result\":\"error\"",
        "\"result\": \"error\"", "errcode: 1", "errcode: 3", "kc-api", "cb-access", "ok-access",
        "x-bapi", "cannot fix reduce-only", "errtime:", "errorcode\":", "errorcode':",
        "\"error_code\":", "'error_code':", "jsonwebtokenerror",
    ),
    phrases(
        "OTHER", LIKELY,
        "scode", "smsg", "x-bfx", "err_code", "err_msg", "error_id", "invalid_permission",
        "balance_not_enough", "order_size_invalid", "invalid_api_key",
        "insufficient_available", "jsonrpc", "wss-data", "unifiedaccount",
        "unified_", "error_message\":", "\"errors\":[", "\"errors\": [",
        "already had 500", "clientoid", "x-ftx", "okx-", "validation.create",
    ),
)  # fmt: skip
NUMBERED = re.compile(
    r"\[\s?\"error\",\s?\d{5}\b"
    r"|[\"']?(?:code|status|error_code|errcode|err_code|errorcode|error)[\"']?\s{0,2}[:=]\s{0,2}[\"'(]?(\d{5,9})(?!\d)"
    r"|\bsuccess[\"']?\s{0,2}[:=]\s{0,2}(?:false|0)\b(?=[^}\n]{0,200}\b(?:error|message|reason|failure)\w{0,12}[\"']?\s{0,2}[:=])"
    r"|\b(?:error|message|reason|failure)\w{0,12}[\"']?\s{0,2}[:=][^}\n]{0,200}\bsuccess[\"']?\s{0,2}[:=]\s{0,2}(?:false|0)\b",
    re.A,
)
PRINTED = re.compile(
    r"[{(\[]\s?u?[\"'][a-z_]{2,30}[\"']\s?[:,]|(?:error|exception): ?\S|\berror\b[ -]{1,3}"
    r"|\berror\b.{1,40}: |\bhttp status\b|\bresponse: |(?:code|ret_?msg|err_?msg)[\"']?[:=]"
    r"|\bapi (?:error|warning)|\btraceback \(",
    re.A,
)
OWN_CODE = re.compile(r"(?:code|error|err)\W{1,5}-\d{4,5}(?!\d)", re.A)
BESIDE = ('"data"', "'data'", '"message"', "'message'", '"error"', "'error'", '"result"')
"""Members that Binance's answers do not have beside a number."""
LOCAL = Table(
    phrases(
        "OTHER", LIKELY,
        "permissionerror", "errno 13", "no space left", "enospc", "read-only file system", "erofs",
        "permission denied (publickey", "permission denied: '/", "permission denied: \"/",
        "eacces: permission denied", "errno 28", "disk full", "disk quota", "errno 98", "errno 24",
        "too many open files", "address already in use", "eaddrinuse", "eperm",
    ),
    phrases(
        "OTHER", LIKELY,
        "nonce too low", "nonce too high", "insufficient funds for gas", "intrinsic gas too low",
        "transaction underpriced", "execution reverted", "gas required exceeds",
    ),
)  # fmt: skip
"""What the machine itself refuses to a program, or a blockchain's node."""
DATABASES = Table(
    phrases(
        "OTHER", LIKELY,
        "duplicate key", "duplicate entry", "can't write", "sqlstate", "deadlock found",
        "foreign key", "mysql", "innodb", "syntax to use near",
    ),
)  # fmt: skip
"""What a database says beside a code that Binance has too."""
LONG = 5
"""How many digits the shortest of other exchanges' codes has that tells them by itself."""
BUGS = Table(
    # An interpreter says these of the program that it runs.
    phrases(
        "OTHER", CONFIRMED,
        "modulenotfounderror: no module", "importerror: cannot import name",
        "importerror: no module", "nameerror: name", "unboundlocalerror: ", "syntaxerror: ",
        "indentationerror: ", "got an unexpected keyword argument", "dictionary changed size",
        "required positional argument", "positional arguments but", "referenceerror: ",
        "attributeerror: module", "attributeerror: type object", "takes no arguments",
        "error: cannot find module",
        "recursionerror: ", "zerodivisionerror: ",
    ),
    phrases(
        "OTHER", LIKELY,
        "typeerror", "attributeerror", "keyerror", "nameerror", "importerror",
        "modulenotfounderror", "no module named", "syntaxerror", "indexerror", "indentationerror",
        "unboundlocalerror", "zerodivisionerror", "recursionerror", "assertionerror",
        "referenceerror", "is not a function", "is not defined", "cannot read propert",
        "has no attribute", "nonetype", "unexpected keyword", "positional argument",
        "*nullpointerexception", "*nullreferenceexception", "classcastexception",
        "classnotfoundexception", "nosuchmethod", "index out of range", "nil pointer", "panic:",
        "segmentation fault", "segfault", "undefined index", "undefined variable", "out of memory",
        "memoryerror", "cannot import name", "command not found", "filenotfounderror",
        "no such file or directory", "sqlalchemy.exc", "operationalerror", "sqlite3.",
        "could not convert", "object is not", "has no len", "unhashable", "list index",
        "event loop is closed", "no current event loop",
        "cannot reuse already awaited", "not callable", "notimplemented", "overloaderror",
        "cors policy", "cannot unmarshal", "cannot find module", "compile error",
        "undefined method", "undefined symbol", "segment fault", "outofmemory",
        "arrayindexoutofbounds", "numberformatexception", "invalidoperation",
        "illegalargumentexception", "illegalstateexception", "notsupported", "not supported yet",
        "does not support", "queueoverflow", "queue overflow", "queue size",
        "duplicate key", "unique constraint", "foreign key", "primary key",
    ),
)  # fmt: skip
AROUND = Table(
    phrases(
        "OTHER", POSSIBLE,
        "docker", "sqlite", "sqlalchemy", "pip install", "npm err", "dataframe",
        "deprecationwarning", "futurewarning", "backtest", "hyperopt", "compile", "traceback",
        "unhandled exception", "stack trace",
        also=("EXCHANGE_UNAVAILABLE", "PARAMETER_INVALID"),
    ),
)  # fmt: skip
"""What stands around a program, and is its mistake only where nothing else is said."""
NOT_JSON = Table(
    phrases(
        "EXCHANGE_UNAVAILABLE", POSSIBLE,
        "expecting value: line 1", "*jsondecodeerror", "invalid json", "unexpected token <",
        "unexpected token '<'", "unexpected end of json", "invalid character '<'", "not valid json",
        "is not valid json", "failed to parse json", "unexpected token n in json", "in json at",
        "*malformedjson", "malformed json", "*jsonparse", "jsonreaderexception",
        "error parsing json",
        "parse json", "contenttypeerror", "unexpected mimetype", "attempt to decode json",
        "json parse error",
        also=("WAF_BLOCKED", "OTHER", "GEO_RESTRICTED", "NETWORK_CONNECTION"),
    ),
)  # fmt: skip
NO_ANSWER = Table(
    phrases(
        "EXCHANGE_UNAVAILABLE", POSSIBLE,
        "unexpected character", "invalid response", "unexpected response", "empty response",
        "no response", "websocket handshake", "bad handshake", "could not load markets",
        "unable to initialize markets",
        also=("NETWORK_CONNECTION", "WAF_BLOCKED", "OTHER", "NETWORK_TIMEOUT"),
    ),
)  # fmt: skip


def printed(lower: str) -> bool:
    """Tell whether a program printed a failure that is not numbered as Binance numbers its own.

    What people tell themselves may mix things up.
    """
    return PRINTED.search(lower) is not None and not OWN_CODE.search(lower)


def shapes(text: Text, heard: Heard) -> list[Sign]:
    """Find the answers in a shape that is not Binance's."""
    lower = text.lower
    signs = SHAPES.signs(lower, heard)
    told = not signs and ("success" in lower or max(map(len, text.numbers), default=0) >= LONG)
    match = NUMBERED.search(lower) if told else None
    if match and (match[1] not in SOCKETS or lower[match.start()] in "\"'"):
        member = lower[match.start()] in "\"'[" and any(it in lower for it in BESIDE)
        sure = CONFIRMED if member else LIKELY
        signs.append(Sign(at=match.start(), cause="OTHER", confidence=sure))
    return signs
