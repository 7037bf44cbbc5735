"""Knows errors that are no refusal of Binance's: other exchanges' shapes, and plain bugs.

Binance answers ``{"code": -NNNN, "msg": "…"}``, or ``{"msg": "…", "success": false}`` on a few old
paths. Every other shape was written by somebody else.
"""

import re

from sonde_core.explainer.signs import Heard, Sign, Table, phrases
from sonde_core.findings import Confidence

LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE

SHAPES = Table(
    phrases(
        "OTHER", LIKELY,
        "retcode", "ret_code", "retmsg", "ret_msg", "errcode: 1", "errcode: 3", "ext_code",
        "ext_info", "eapi:", "eorder:", "egeneral:", "eservice:", "equery:", "etrade:",
        "efunding:", "scode", "smsg", "err-code", "err-msg", "err_code", "err_msg", "error_id",
        "requesttime\"", "accountnoenough", "account_no_enough", "invalid_permission",
        "\"label\":", "'label':", "balance_not_enough", "order_size_invalid", "invalid_api_key",
        "invalid_signature", "insufficient_available", "\"result\":\"error\"",
        "\"result\": \"error\"", "jsonrpc", "wss-data", "unifiedaccount", "unified_",
        "error_message\":", "\"errors\":[", "\"errors\": [", "cannot fix reduce-only",
        "already had 500", "kc-api", "cb-access", "ok-access", "x-bapi",
    ),
)  # fmt: skip
NUMBERED = re.compile(
    r"[\"']?(?:code|status|error_code|errcode|err_code|errorcode|error)[\"']?\s{0,2}[:=]\s{0,2}[\"'(]?(\d{5,9})(?!\d)"
    r"|\bsuccess[\"']?\s{0,2}[:=]\s{0,2}(?:false|0)\b(?=[^}\n]{0,200}\b(?:error|message|reason|failure)\w{0,12}[\"']?\s{0,2}[:=])"
    r"|\b(?:error|message|reason|failure)\w{0,12}[\"']?\s{0,2}[:=][^}\n]{0,200}\bsuccess[\"']?\s{0,2}[:=]\s{0,2}(?:false|0)\b",
    re.A,
)
BUGS = Table(
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
        "no such file or directory", "sqlite", "sqlalchemy", "docker", "operationalerror",
        "could not convert", "object is not", "has no len", "unhashable", "list index",
        "dataframe", "event loop is closed", "no current event loop",
        "cannot reuse already awaited", "not callable", "notimplemented", "overloaderror",
        "cors policy", "cannot find module", "npm err", "pip install", "compile error",
        "undefined method", "undefined symbol", "segment fault", "outofmemory",
        "arrayindexoutofbounds", "numberformatexception", "invalidoperation",
        "illegalargumentexception", "illegalstateexception", "notsupported", "not supported yet",
        "does not support", "deprecationwarning", "futurewarning",
    ),
)  # fmt: skip
NOT_JSON = Table(
    phrases(
        "EXCHANGE_UNAVAILABLE", POSSIBLE,
        "expecting value: line 1", "*jsondecodeerror", "invalid json", "unexpected token <",
        "unexpected token '<'", "unexpected end of json", "invalid character '<'", "not valid json",
        "is not valid json", "failed to parse json", "unexpected token n in json", "in json at",
        "contenttypeerror", "unexpected mimetype", "attempt to decode json", "json parse error",
        also=("WAF_BLOCKED", "OTHER", "GEO_RESTRICTED", "NETWORK_CONNECTION"),
    ),
)  # fmt: skip
NO_ANSWER = Table(
    phrases(
        "EXCHANGE_UNAVAILABLE", POSSIBLE,
        "unexpected character", "invalid response", "unexpected response", "empty response",
        "no response", "could not load markets", "unable to initialize markets",
        also=("NETWORK_CONNECTION", "WAF_BLOCKED", "OTHER", "NETWORK_TIMEOUT"),
    ),
)  # fmt: skip


def shapes(lower: str, heard: Heard) -> list[Sign]:
    """Find the answers in a shape that is not Binance's."""
    signs = SHAPES.signs(lower, heard)
    match = None if signs else NUMBERED.search(lower)
    if match:
        signs.append(Sign(at=match.start(), cause="OTHER", confidence=LIKELY))
    return signs
