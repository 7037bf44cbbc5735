"""What chrony, systemd-timesyncd and ntpd say of themselves. What is not understood is left out."""

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sonde_core.timekeeping import Keeper, Synchronizer

_TRACKING_FIELDS = 14
_SOURCE_FIELDS = 10
_PEER_FIELDS = 10
_LEAP_ALARM = "11"
_MOST_NAME = 253
"""Characters of a host name (RFC 1035 section 2.3.4)."""
_NONE_FOLLOWED = {"7F7F0101", "00000000"}
"""What chrony has for a reference where it follows itself or nobody."""
_PAIR = re.compile(r"(\w+)=(\"[^\"]*\"|[^,\s}]*)")
_PIECE = re.compile(r"\b(\d{1,5}(?:\.\d{1,9})?)\s*(us|ms|s|min|h|d)\b")
_UNITS = {
    "us": timedelta(microseconds=1),
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def of_chrony(tracking: str, sources: str) -> Synchronizer | None:
    """Read `chronyc -c tracking` and `chronyc -c sources`; None where it is neither's form."""
    told = tracking.strip().split(",")
    if len(told) < _TRACKING_FIELDS:
        return None
    reach = [row[5] for row in _rows(sources, ",", _SOURCE_FIELDS)]
    offset, updated = _span(told[4]), _number(told[3])
    return Synchronizer(
        keeper=Keeper.CHRONY,
        synchronized=told[13] != "Not synchronised",
        source="" if told[0] in _NONE_FOLLOWED else told[1][:_MOST_NAME],
        stratum=_whole(told[2]),
        # chrony prints the correction that it has yet to make, positive where the host is behind.
        offset=-offset if offset is not None else None,
        root_distance=_distance(_span(told[10]), _span(told[11])),
        updated=_instant(updated) if updated else None,
        sources=len(reach),
        reachable=sum(each.strip("0") != "" for each in reach),
    )


def of_timesyncd(shown: str, state: str) -> Synchronizer:
    """Read `timedatectl show-timesync --all` and `timedatectl show`."""
    message = dict(_PAIR.findall(shown.partition("NTPMessage=")[2].partition("}")[0]))
    told, system = _lines(shown), _lines(state)
    heard = bool(message) and message.get("Ignored") != "yes"
    return Synchronizer(
        keeper=Keeper.TIMESYNCD,
        synchronized={"yes": True, "no": False}.get(system.get("NTPSynchronized", "")),
        source=(told.get("ServerName", "") or told.get("ServerAddress", ""))[:_MOST_NAME],
        stratum=_whole(message.get("Stratum", "")),
        root_distance=_distance(
            _human_span(message.get("RootDelay", "")),
            _human_span(message.get("RootDispersion", "")),
        ),
        sources=1,
        reachable=int(heard),
    )


def _lines(shown: str) -> dict[str, str]:
    """Read lines of the form name=value."""
    parted = (line.partition("=") for line in shown.splitlines())
    return {name: value for name, _, value in parted}


def of_ntpd(told: str) -> Synchronizer | None:
    """Read `ntpq -n -c rv -c peers`; None where no daemon answered."""
    values = {name: value.strip('"') for name, value in _PAIR.findall(told)}
    if "stratum" not in values or "leap" not in values:
        return None
    reach = [row[6] for row in _rows(told, None, _PEER_FIELDS) if row[6].isdecimal()]
    milliseconds = _number(values.get("offset", ""))
    delay, dispersion = (_number(values.get(name, "")) for name in ("rootdelay", "rootdisp"))
    return Synchronizer(
        keeper=Keeper.NTPD,
        synchronized=values["leap"] != _LEAP_ALARM,
        source=values.get("refid", "")[:_MOST_NAME],
        stratum=_whole(values["stratum"]),
        # ntpd counts reference minus host; ours is the reverse.
        offset=None if milliseconds is None else -timedelta(milliseconds=milliseconds),
        root_distance=_distance(_milliseconds(delay), _milliseconds(dispersion)),
        sources=len(reach),
        reachable=sum(each.strip("0") != "" for each in reach),
    )


def _rows(text: str, separator: str | None, fields: int) -> Iterator[list[str]]:
    rows = (line.split(separator) for line in text.splitlines())
    return (row for row in rows if len(row) == fields)


def _number(text: str) -> float | None:
    with suppress(ValueError):
        number = float(text)
        # More than a century is no span of a clock's.
        return number if math.isfinite(number) and abs(number) < 1e10 else None  # noqa: PLR2004
    return None


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None  # noqa: PLR2004 - a stratum


def _span(text: str) -> timedelta | None:
    seconds = _number(text)
    return None if seconds is None else timedelta(seconds=seconds)


def _milliseconds(count: float | None) -> timedelta | None:
    return None if count is None else timedelta(milliseconds=count)


def _instant(seconds: float) -> datetime | None:
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(seconds, UTC)
    return None


def _human_span(text: str) -> timedelta | None:
    """Read a span as systemd prints it: "15.076ms", "1min 2s", "0"."""
    pieces = _PIECE.findall(text)
    if not pieces:
        return timedelta() if text == "0" else None
    return sum((float(count) * _UNITS[unit] for count, unit in pieces), timedelta())


def _distance(delay: timedelta | None, dispersion: timedelta | None) -> timedelta | None:
    if delay is None or dispersion is None:
        return None
    return delay / 2 + dispersion
