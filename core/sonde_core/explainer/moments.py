"""Reads when a ban ends, and how long to stay away, out of what a text says.

| written                                               | read                             |
| ----------------------------------------------------- | -------------------------------- |
| an epoch in seconds, milliseconds or microseconds     | as it is                         |
| 2026-11-29 07:10, an HTTP date                        | in the zone beside it, else UTC  |
| 2026年11月29日 15:10                                  | in the zone beside it, else of   |
|                                                       | China: all who write so share it |
| beside it UTC+8, GMT+08:00, JST, 北京时间, Asia/Tokyo | in that zone                     |
| beside it CST, EST, 当地时间, another zone's name     | not: nobody knows which is meant |
| 29/11/2026, 11/12/2026                                | not: days and months change ends |
| a year in which no ban ends                           | not: a number was cut off        |
| 2h30m, 90 seconds, 1 小时 30 分                       | as a span, if a ban can take it  |
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.explanation import LONGEST_PAUSE

YEARS = range(2017, 2100)
"""From the exchange's first one on, to one that no ban reaches: what lies outside was cut off."""
MILLISECONDS = 100_000_000_000
"""An epoch from here on is told in milliseconds, a thousand times that in microseconds."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = rf"(?:{'|'.join(MONTHS)})[a-z]{{0,6}}\.?"
MOMENT = re.compile(
    r"(?<![\d/.])(?:(?P<epoch>\d{10,16})(?!\d)"
    r"|(?:(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    rf"|(?P<day_1>\d{{1,2}})[ -](?P<month_1>{MONTH})[ -](?P<year_1>\d{{4}})"
    rf"|(?<![a-z])(?P<month_2>{MONTH})\s(?P<day_2>\d{{1,2}}),?\s(?P<year_2>\d{{4}}))"
    r"(?:[t,\s]{1,3}|(?<=日))(?P<hour>\d{1,2})[:点时](?P<minute>\d\d)分?"
    r"(?::?(?P<second>\d\d)秒?(?:[.,]\d{1,9})?)?(?!\d))",
    re.A,
)
OFFSET = r"(?:utc|gmt)?\s?(?:\+|-(?!1\d\d\d))\d{1,2}(?::?\d\d)?(?!\d)"
"""-1003 behind a moment is a code."""
PLACES = (
    r"(?:beijing|china|hong kong|singapore|tokyo|japan|korea|seoul|taipei|moscow|london|new york|"
    r"eastern|central|mountain|pacific|european|us|local|server|system|your|my)"
    r" (?:standard |daylight |summer )?time"
    r"|(?:北京|中国|香港|台北|新加坡|东京|日本|首尔|韩国|莫斯科|伦敦|纽约|欧洲|美国|美东|美西|东部|"
    r"太平洋|世界|当地|本地|服务器|系统)(?:标准)?时间|东八区"
)
IANA = (
    r"(?:asia|europe|america|africa|australia|pacific|atlantic|etc|us)"
    r"/[a-z_]{2,20}(?:/[a-z_]{2,20})?"
)
NAMED = rf"{OFFSET}|{PLACES}|{IANA}|(?:utc|gmt|msk|z|[a-z]{{2,4}}t)(?![a-z])"
BEHIND = re.compile(rf"\s{{0,2}}[(\[]?\s?({NAMED})", re.A)
BEFORE = re.compile(rf"(?<![a-z\d])({NAMED})[)\]:,\s]{{0,3}}$", re.A)
WIDEST_ZONE = 40
HOURS_AHEAD = {
    "z": 0, "utc": 0, "gmt": 0, "etc/utc": 0, "世界时间": 0, "世界标准时间": 0,
    "msk": 3, "europe/moscow": 3, "moscow time": 3, "莫斯科时间": 3,
    "hkt": 8, "sgt": 8, "asia/shanghai": 8, "asia/hong_kong": 8, "asia/singapore": 8,
    "asia/taipei": 8, "beijing time": 8, "china time": 8, "china standard time": 8,
    "hong kong time": 8, "singapore time": 8, "taipei time": 8, "北京时间": 8, "中国时间": 8,
    "中国标准时间": 8, "香港时间": 8, "台北时间": 8, "新加坡时间": 8, "东八区": 8,
    "jst": 9, "kst": 9, "asia/tokyo": 9, "asia/seoul": 9, "tokyo time": 9, "japan time": 9,
    "japan standard time": 9, "korea time": 9, "seoul time": 9, "东京时间": 9, "日本时间": 9,
    "首尔时间": 9, "韩国时间": 9,
}  # fmt: skip
"""Zones that are one thing all year long: no summer time, and nobody else's name."""
CHINA = timezone(timedelta(hours=8))
SHARED = frozenset({"cst", "est", "pst", "mst", "ist", "bst", "edt", "pdt", "cdt", "mdt", "cet"})
"""Abbreviations that are read in small letters too; others only in capitals."""
NO_ZONES = frozenset({"usdt", "get", "put", "post", "not", "but"})
"""What stands in capitals behind a moment and ends as zones' abbreviations do."""
HOURS = 14
QUARTER = 15
"""No zone is further off, and none by less, in hours and in minutes."""

BAN = re.compile(r"(?:ban(?:ned)?+(?! (?:at|on|since)\b)|封禁|封锁|解封|限制)", re.A)
UP_TO = re.compile(r"[^\d\n]{0,40}+(?:(?<=[+-])\d{1,2}(?::?\d\d)?[^\d\n]{0,8})?", re.A)
"""What may stand between what a ban is called and its end: no other number than a zone's."""
LIFTED = re.compile(r"[^\d\n]{0,12}?(?:解封|解禁|解除|恢复)", re.A)
"""What is said behind the end of a ban."""
DIGITS = 4
"""How many digits one number of every moment has at least: those of its year."""
AHEAD = 96
"""How far from such a word a moment is looked for, in characters."""
RETRY_AFTER = re.compile(r"retry[-_ ]?after[\"']?[^\w\n]{0,8}", re.A)
SECONDS = re.compile(
    r"(?P<value>\d{1,16})(?:\.\d{1,3})?\s?(?P<unit>ms|msec|milliseconds|m|min|minutes?)?\b"
    r"(?![-/:.]\d)",
    re.A,
)
UNIT = (
    r"(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|"
    r"毫秒|秒钟?|分钟?|个?小时|天)"
)
SPAN = rf"\d{{1,6}}\s?{UNIT}(?:[\s,]{{0,2}}(?:and |又|零)?\d{{1,6}}\s?{UNIT}){{0,3}}(?![a-z])"
AGAIN = re.compile(
    r"(?:again|retry|wait|banned|ban|available|解封|重试|封禁|封了|等待|等)"
    rf"[^\d\n.]{{0,32}}+({SPAN})",
    re.A,
)
AFTERWARDS = re.compile(
    rf"(?<!\d)({SPAN})\s?(?:之|以)?(?:后|内)[^\d\n]{{0,8}}?(?:解封|解禁|解除|重试|再|恢复|请求)",
    re.A,
)
PARTS = re.compile(rf"(\d{{1,6}})\s?({UNIT})", re.A)
UNITS = {
    "ms": timedelta(milliseconds=1), "mil": timedelta(milliseconds=1),
    "毫秒": timedelta(milliseconds=1),
    "s": timedelta(seconds=1), "秒": timedelta(seconds=1),
    "m": timedelta(minutes=1), "分": timedelta(minutes=1),
    "h": timedelta(hours=1), "小": timedelta(hours=1), "个": timedelta(hours=1),
    "d": timedelta(days=1), "天": timedelta(days=1),
}  # fmt: skip


def ban_end(text: Text) -> datetime | None:
    """Return when a ban ends, in UTC, where the text leaves no doubt about it."""
    lower = text.lower
    if max(map(len, text.numbers), default=0) < DIGITS:
        return None
    for match in BAN.finditer(lower):
        end = _moment_from(text, match.end())
        if end:
            return end
    return _lifted(text) if "解" in lower or "恢复" in lower else None


def pause(text: Text) -> tuple[timedelta | None, datetime | None]:
    """Return how long to stay away, or until when: some answers name an instant."""
    lower = text.lower
    label = RETRY_AFTER.search(lower) if "retry" in lower else None
    if label:
        end = _moment_from(text, label.end())
        told = SECONDS.match(lower, label.end())
        if end or told:
            spans = [(told["value"], told["unit"] or "s")] if told else []
            return (None, end) if end else (_bounded(spans), None)
    if not lower.isascii():
        match = AFTERWARDS.search(lower)
        if match:
            return _bounded(PARTS.findall(match[1])), None
    match = AGAIN.search(lower)
    return (_bounded(PARTS.findall(match[1])) if match else None), None


def _moment_from(text: Text, start: int) -> datetime | None:
    """Return the moment that a text names right behind a place."""
    match = MOMENT.search(text.lower, start, start + AHEAD)
    if match is None or not UP_TO.fullmatch(text.lower, start, match.start()):
        return None
    return _read(match, text)


def _lifted(text: Text) -> datetime | None:
    """Return the moment of which a text says behind it that a ban ends then."""
    for match in MOMENT.finditer(text.lower):
        if LIFTED.match(text.lower, match.end()):
            return _read(match, text)
    return None


def _read(match: re.Match[str], text: Text) -> datetime | None:
    if match["epoch"]:
        return _epoch(int(match["epoch"]))
    zone = _zone(text, match.start(), match.end())
    year = int(match["year"] or match["year_1"] or match["year_2"])
    month = match["month"] or match["month_1"] or match["month_2"]
    number = int(month) if month.isdigit() else MONTHS.index(month[:3]) + 1
    day = int(match["day"] or match["day_1"] or match["day_2"])
    time = (int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    if zone is None or year not in YEARS:
        return None
    with suppress(ValueError):
        return datetime(year, number, day, *time, tzinfo=zone).astimezone(UTC)
    return None


def _epoch(value: int) -> datetime | None:
    """Read seconds, milliseconds or microseconds since 1970."""
    while value >= MILLISECONDS:
        value //= 1000
    end = datetime.fromtimestamp(value, UTC)
    return end if end.year in YEARS else None


def _zone(text: Text, start: int, end: int) -> timezone | None:
    """Return the zone beside a moment, or nothing where it is not clear which one is meant."""
    behind = BEHIND.match(text.lower, end, end + WIDEST_ZONE)
    if behind and _names_a_zone(text.plain[slice(*behind.span(1))]):
        return _known_zone(behind[1])
    before = BEFORE.search(text.lower, max(0, start - WIDEST_ZONE), start)
    if before and _names_a_zone(text.plain[slice(*before.span(1))]):
        return _known_zone(before[1])
    return CHINA if "年" in text.lower[start:end] else UTC


def _names_a_zone(told: str) -> bool:
    """Tell whether a word behind a moment is a zone at all."""
    name = told.lower()
    if not name.isalpha() or name in HOURS_AHEAD or name in SHARED or not name.isascii():
        return True
    return told.isupper() and name not in NO_ZONES


def _known_zone(told: str) -> timezone | None:
    """Return a zone by its name, where that means one alone."""
    name = " ".join(told.split())
    if name in HOURS_AHEAD:
        return timezone(timedelta(hours=HOURS_AHEAD[name]))
    sign, digits = ("-" if "-" in name else "+"), re.sub(r"\D", "", name)
    if not digits:
        return None
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > len("14") else (digits, "0")
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    if ahead > timedelta(hours=HOURS) or int(minutes) % QUARTER:
        return None
    return timezone(-ahead if sign == "-" else ahead)


def _bounded(parts: Sequence[tuple[str, str]]) -> timedelta | None:
    """Return a span of numbers and their units; nothing where no ban takes so long."""
    with suppress(OverflowError):
        total = sum((int(value) * _one(unit) for value, unit in parts), timedelta())
        return total if total <= LONGEST_PAUSE else None
    return None


def _one(unit: str) -> timedelta:
    return next(span for name, span in UNITS.items() if unit.startswith(name))
