"""Reads HTTP statuses, and the pages that proxies, firewalls and load balancers answer with.

| status           | cause                                      | confidence |
| ---------------- | ------------------------------------------ | ---------- |
| 451              | GEO_RESTRICTED                             | confirmed  |
| 418              | IP_BANNED                                  | confirmed  |
| 429              | RATE_LIMIT_WEIGHT, or ORDER_RATE_LIMIT     | likely     |
| 403, page        | WAF_BLOCKED                                | likely     |
| 403, bare        | WAF_BLOCKED, or what refuses a key         | possible   |
| 401              | KEY_INVALID, or what else refuses a key    | possible   |
| 407              | NETWORK_CONNECTION: a proxy wants a login  | likely     |
| 408              | UNKNOWN_EXECUTION, or NETWORK_TIMEOUT      | possible   |
| 5xx, of an order | UNKNOWN_EXECUTION: it may be on the book   | likely     |
| 502, 503         | EXCHANGE_UNAVAILABLE                       | confirmed  |
| other 5xx        | EXCHANGE_UNAVAILABLE                       | likely     |
| 400              | PARAMETER_INVALID, or whatever was refused | possible   |
| 404              | PARAMETER_INVALID, or WRONG_ENVIRONMENT    | possible   |
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.labels import ERRORS
from sonde_core.explainer.signs import Heard, Sign, Table, holds, phrases
from sonde_core.findings import Confidence

KNOWN = frozenset(
    map(str, (400, 401, 403, 404, 407, 408, 409, 418, 429, 451, *range(500, 505), *range(520, 530)))
)
NUMBER = re.compile(rf"(?:{'|'.join(sorted(KNOWN))})(?<![\w.,\-/]\d{{3}})(?![\w%]|[.,:]\d)", re.A)
"""What stands before it is looked at last: to look for digits is faster."""
BEFORE = re.compile(
    r"(?:status(?: ?code)?|http(?:/\d(?:\.\d)?)?|response|errors|handshake|failed|"
    r"rejected|reject|fail|got|get|gets|hit|hits|hitting|see|seeing|throws?|gives?|returns?|returned|getting|receiv(?:ed|ing)|answered|with|"
    r"respond\w{0,3}|responde|devuelve|retorna|renvoie|meldet|liefert|returning|状态码?|返回|被|出现|遇到|收到|显示|提示|报|статус|ответ|상태|"
    rf"{ERRORS}|"
    r"binance(?:us|usdm|coinm)?|币安|バイナンス|바이낸스|"
    r"binance (?:get|post|put|delete)\s+\S{1,80}|api_error|apierror)"
    r"(?: ?(?:code|is|was|of|a|an|the|status|errors?))?"
    r"[\"']?\s{0,2}[:=>\-\[({#]{0,3}\s{0,2}[\"'\[(<]{0,2}$",
    re.A,
)
AFTER = re.compile(
    r"[\"'\])]{0,2}[\s,:\-(]{0,3}(?:http|error|forbidden|client error|server error|i'm a teapot|"
    r"im a teapot|too many|bad gateway|bad request|service (?:temporarily )?unavailable|"
    r"gateway time|unavailable for|internal server|unauthorized|not found|request timeout|"
    r"conflict|origin error|[{\[\s,]{0,4}[\"']?x-mbx-|none,|错误|(?:from |by )?(?:binance|币安)|"
    r"了|proxy auth|response|status|code|page|unavailable|\s{0,3}\{)",
    re.A,
)
ELSEWHERE = "451"
PLACES = ("github action", "vpn", "region", "us-east", "us-west", "美国", "country", "地区")
"""Beside one of these the number is a status, whatever stands around it."""
BARE = re.compile(r"(?:\d{3}|[\s/,.;:+&|()-]|and|or|和|或|http){1,40}", re.A)
"""A text of nothing but statuses, as somebody types it to look them up."""
LABEL = re.compile(rf"(?:status|http|response|状态|статус|ответ|상태|{ERRORS})[^\n\d]{{0,16}}$")
SERVERS = 500
"""Statuses from here on are the server's own failures."""
LIMIT = 429
LINE = 48
"""How much around a number tells whether it is a status, in characters."""

CONFIRMED, LIKELY, POSSIBLE = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE
DOWN = phrases(
    "EXCHANGE_UNAVAILABLE",
    LIKELY,
    also=("EXCHANGE_OVERLOAD", "UNKNOWN_EXECUTION", "NETWORK_TIMEOUT"),
)
MEANING = {
    400: phrases(
        "PARAMETER_INVALID",
        POSSIBLE,
        also=("CLOCK_SKEW", "SIGNATURE_INVALID", "FILTER_VIOLATION", "KEY_INVALID"),
    ),
    401: phrases(
        "KEY_INVALID",
        POSSIBLE,
        also=("IP_NOT_WHITELISTED", "PERMISSION_MISSING", "WRONG_ENVIRONMENT", "SIGNATURE_INVALID"),
    ),
    403: phrases(
        "WAF_BLOCKED",
        POSSIBLE,
        also=("RATE_LIMIT_WEIGHT", "GEO_RESTRICTED", "IP_BANNED", "PERMISSION_MISSING"),
    ),
    404: phrases("PARAMETER_INVALID", POSSIBLE, also=("WRONG_ENVIRONMENT", "EXCHANGE_UNAVAILABLE")),
    407: phrases("NETWORK_CONNECTION", LIKELY, also=("NETWORK_TIMEOUT",)),
    408: phrases("UNKNOWN_EXECUTION", POSSIBLE, also=("NETWORK_TIMEOUT", "EXCHANGE_UNAVAILABLE")),
    409: phrases("PARAMETER_INVALID", POSSIBLE, also=("UNKNOWN_EXECUTION",)),
    418: phrases("IP_BANNED", CONFIRMED, also=("RATE_LIMIT_WEIGHT",)),
    429: phrases("RATE_LIMIT_WEIGHT", LIKELY, also=("IP_BANNED", "ORDER_RATE_LIMIT")),
    451: phrases("GEO_RESTRICTED", CONFIRMED),
}
GONE = {502: "bad gateway", 503: "unavailable"}
"""Statuses that say in the load balancer's own words that nobody answered behind it."""
ORDERS = re.compile(r"\borders?\b(?!.?book)|下单|委托|订单")
SENT = re.compile(
    r"\b(?:submit|plac|creat|send|sent|execut)\w{0,4}\b[^\n.]{0,40}\border\b(?!.?book)"
)
"""That an order was sent, with a few words between, such as its side."""
WEIGHT = ("x-mbx-used-weight", "request weight")
UNSETTLED = phrases("UNKNOWN_EXECUTION", LIKELY, also=("EXCHANGE_UNAVAILABLE", "EXCHANGE_OVERLOAD"))
"""A 5xx that answers an order says nothing of the order."""
ORDER = (
    "submitting order", "submit order", "place order", "placing order", "placing an order",
    "create order", "creating order", "new order", "order submission", "post order", "/order",
    "placing a sell", "placing a buy", "place a sell", "place a buy", "market order", "limit order",
    "order failed", "send order", "sending order", "createorder", "create_order", "下单", "委托",
    "order id was filled", "order was filled", "order was placed", "order went through",
)  # fmt: skip
ORDERING = ("/order", "/batchorders", "/algoorder", "/order/oco", "/orderlist/oco")
PAGES = Table(
    # Binance's streams ask for no key when a WebSocket is opened.
    phrases("OTHER", LIKELY, "handshake…401", "upgrade…401", also=("KEY_INVALID",)),
    phrases(
        "GEO_RESTRICTED", CONFIRMED,
        "from a restricted location", "unavailable for legal reasons", "b. eligibility",
        "block access from your country", "blocked access from your country",
    ),
    phrases("IP_BANNED", LIKELY, "ip banned until", "ip…banned until", also=("RATE_LIMIT_WEIGHT",)),
    phrases(
        "UNKNOWN_EXECUTION", LIKELY,
        "execution status unknown", "send status unknown", "执行状态未知", "不知道有没有成交",
        also=("EXCHANGE_UNAVAILABLE", "NETWORK_TIMEOUT", "EXCHANGE_OVERLOAD"),
    ),
    phrases(
        "GEO_RESTRICTED", LIKELY,
        "restricted location", "not available in your country", "not available in your region",
        "restricted country", "restricted region", "geo-block", "geoblock", "geo block",
        "geo restrict", "geo-restrict", "your country or region", "限制地区", "受限地区",
        "所在地区", "地区限制", "地域限制",
        also=("WAF_BLOCKED", "ACCOUNT_RESTRICTED", "NETWORK_CONNECTION"),
    ),
    phrases(
        "WAF_BLOCKED", LIKELY,
        "the request could not be satisfied", "request blocked", "generated by cloudfront",
        "access denied", "attention required", "cf-error", "captcha", "just a moment...",
        "human verification", "web application firewall", "waf limit", "awswaf", "waf…block",
        also=("RATE_LIMIT_WEIGHT", "IP_BANNED", "GEO_RESTRICTED", "PARAMETER_INVALID"),
    ),
    phrases(
        "EXCHANGE_UNAVAILABLE", LIKELY,
        "bad gateway", "badgateway", "gateway time-out", "gateway timeout", "gatewaytimeout",
        "service temporarily unavailable", "*serviceunavailable", "*internalservererror",
        "service unavailable", "internal server error", "under maintenance", "system maintenance",
        "upgrading", "系统维护", "服务不可用", "系统升级", "维护中", "网关超时", "服务器错误",
        "server error", "system is busy", "system busy", "系统繁忙", "no healthy upstream",
        also=("EXCHANGE_OVERLOAD", "UNKNOWN_EXECUTION", "NETWORK_TIMEOUT", "OTHER"),
    ),
)  # fmt: skip


class Status(NamedTuple):
    """An HTTP status that a text names."""

    at: int
    value: int
    labelled: bool
    """It is called a status, or told with its reason; other numbers are counted, too."""


def statuses(text: Text) -> list[Status]:
    """Find the HTTP statuses in a text."""
    if KNOWN.isdisjoint(text.numbers):
        return []
    if KNOWN.issuperset(text.numbers) and BARE.fullmatch(text.lower):
        return [
            Status(it.start(), int(it[0]), labelled=False) for it in NUMBER.finditer(text.lower)
        ]
    return list(_statuses(text.lower))


def _statuses(lower: str) -> Iterator[Status]:
    for match in NUMBER.finditer(lower):
        start, end = match.span()
        before = lower[max(0, start - LINE) : start]
        if before.endswith(("line ", "limit ", "weight ", "port ")):
            continue
        reason = AFTER.match(lower, end, end + LINE)
        located = match[0] == ELSEWHERE and holds(lower, PLACES)
        if reason or located or BEFORE.search(before):
            labelled = reason is not None or LABEL.search(before) is not None
            yield Status(start, int(match[0]), labelled)


def answered(text: Text, heard: Heard, found: list[Status]) -> list[Sign]:
    """Read the statuses and pages of a text."""
    lower = text.lower
    pages = PAGES.signs(lower, heard)
    values = {status.value for status in found}
    if values and min(values) >= SERVERS:
        # One page tells of a blocked caller and of a silent server; its status tells them apart.
        pages = [sign for sign in pages if sign.cause != "WAF_BLOCKED"]
    located = any(sign.cause == "GEO_RESTRICTED" for sign in pages)
    signs = [*pages, *(_meant(status, lower, located=located) for status in found)]
    if any(sign.cause == DOWN.cause for sign in signs) and _ordered(text):
        return [UNSETTLED.sign(sign.at) if sign.cause == DOWN.cause else sign for sign in signs]
    return signs


def _ordered(text: Text) -> bool:
    """Tell whether an order was sent, in words or to an address that takes orders."""
    lower = text.lower
    if holds(lower, ORDER) or SENT.search(lower):
        return True
    return "get " not in lower and any(path.endswith(ORDERING) for _, path in text.addresses)


def _meant(status: Status, lower: str, *, located: bool) -> Sign:
    """Read a status. ``located`` tells whether the text speaks of a location as well."""
    sign = MEANING.get(status.value, DOWN).sign(status.at)
    gone = status.value in GONE and status.labelled and GONE[status.value] in lower
    if gone and not ORDERS.search(lower):
        return sign._replace(confidence=CONFIRMED)
    if status.value == LIMIT and status.labelled and any(word in lower for word in WEIGHT):
        return sign._replace(confidence=CONFIRMED)
    if sign.confidence is CONFIRMED and not status.labelled and not located:
        return sign._replace(confidence=LIKELY)
    return sign
