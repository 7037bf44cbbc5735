"""Reads the numbers that Windows has for failures of a path: they are the same in every language.

| number              | what failed                        |
| ------------------- | ---------------------------------- |
| 11001, 11002, 11004 | the name was not resolved          |
| 10060               | nothing answered in time           |
| 10061               | the connection was refused         |
| 10053, 10054        | the connection was broken off      |
| 10051, 10065        | there is no way to the network     |
"""

import re

from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.labels import ERRORS
from sonde_core.explainer.signs import Sign, phrases
from sonde_core.findings import Confidence

_NO_NAME = phrases(
    "NETWORK_DNS", Confidence.LIKELY, also=("NETWORK_CONNECTION", "NETWORK_TIMEOUT"),
)  # fmt: skip
_SILENCE = phrases(
    "NETWORK_TIMEOUT", Confidence.LIKELY,
    also=("NETWORK_CONNECTION", "NETWORK_DNS", "GEO_RESTRICTED", "EXCHANGE_UNAVAILABLE"),
)  # fmt: skip
_BROKEN = phrases(
    "NETWORK_CONNECTION", Confidence.LIKELY,
    also=("NETWORK_TIMEOUT", "NETWORK_DNS", "NETWORK_TLS", "GEO_RESTRICTED"),
)  # fmt: skip
MEANING = {
    **dict.fromkeys(("11001", "11002", "11004"), _NO_NAME),
    "10060": _SILENCE,
    **dict.fromkeys(("10051", "10053", "10054", "10061", "10065"), _BROKEN),
}
NUMBER = re.compile(
    rf"(?:{'|'.join(MEANING)})(?<![\w.,-]\d{{5}})(?![\w%]|[.,:]\d|\s?(?:usd|btc|元))", re.A
)
BEFORE = re.compile(
    rf"(?:{ERRORS}|wsa\w{{0,24}}|winsock|socket\w{{0,12}}|winerror|exception|binance|币安|套接字|连接|网络)"
    r"[^\w\n]{0,6}$|[(\[]\s?$",
    re.A,
)
BEHIND = re.compile(r"\s?[)\]]|[,:]?\s{0,2}[\"']?wsa|[\s,:]{0,3}(?:binance|币安|错误)", re.A)
BESIDE = 40


def sockets(text: Text) -> list[Sign]:
    """Return what the numbers of sockets in a text say, each cause once."""
    if MEANING.keys().isdisjoint(text.numbers):
        return []
    lower = text.lower
    found: dict[str, Sign] = {}
    for match in NUMBER.finditer(lower):
        meaning, (start, end) = MEANING[match[0]], match.span()
        if meaning.cause in found:
            continue
        if BEFORE.search(lower, max(0, start - BESIDE), start) or BEHIND.match(lower, end):
            found[meaning.cause] = meaning.sign(start)
    return list(found.values())
