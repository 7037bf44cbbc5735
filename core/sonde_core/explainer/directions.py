"""Which way a clock is wrong, where a text says it of the host's own and leaves no doubt.

"ahead" and "behind" stand in many sentences about clocks: of the exchange's, in questions, in what
is denied. Only a sentence whose subject is the host's clock tells the direction; where the subject
is the exchange's, or both directions are asked about, none is told.
"""

import re

from sonde_core.explainer.signs import Sign

AHEAD, BEHIND, UNKNOWN = "CLOCK_AHEAD", "CLOCK_BEHIND", "CLOCK_SKEW"
ALSO = {
    AHEAD: (UNKNOWN, "CLOCK_UNSYNCHRONIZED", "CLOCK_STEPPED", BEHIND),
    BEHIND: (UNKNOWN, "RECV_WINDOW_LATENCY", "CLOCK_UNSYNCHRONIZED", AHEAD),
    UNKNOWN: (BEHIND, AHEAD, "RECV_WINDOW_LATENCY", "CLOCK_UNSYNCHRONIZED"),
}
_BEFORE, _AFTER = 40, 24
"""How much beside the words that tell a direction is looked at, in characters."""
_TOLD = (
    re.compile(
        r"\b(?:clock|system time|local time)(?: of (?:the|my|our) [a-z]+)?"
        r"(?: (?:is|was|are|were|runs?|ran|running|goes|went|drifted|has|been|about|around|by|some"
        r"|an?|few|several|one|two|three|four|five|ten|half|hours?|[\d.,]+ ?(?:ms|s|min|h)?|ms|s"
        r"|secs?|seconds?|mins?|minutes?|milliseconds?|too|always|constantly)){1,7}"
        r" (?:(?P<behind>behind|slow)|(?P<ahead>ahead|fast))\b"
    ),
    re.compile(
        r"\b(?:clock|system time|local time)(?: of (?:the|my|our) [a-z]+)?"
        r" (?:(?P<behind>lags|lagged|trails)|(?P<ahead>gains))\b"
    ),
    re.compile(
        r"(?:本地|本机|电脑|主机|系统|我们?的|vps)[^，。；,;!?！？比不没]{0,6}(?:时间|时钟)"
        r"(?:比[^，。；,;!?！？不没]{1,12})?(?:偏|太|走得)?(?:(?P<behind>慢)|(?P<ahead>快))"
    ),
    re.compile(
        r"\b(?:часы|reloj|relógio)(?: (?!не\b|no\b|não\b|бирж|binance)\w+){0,4}"
        r" (?:(?P<behind>отста|atrasad)|(?P<ahead>спеш|adelantad|adiantad))"
    ),
)
_OURS = re.compile(r"\b(?:my|our)\b|我")
_NOT_OURS = re.compile(
    r"\b(?:binance|exchange|server|their|your|if|whether|is|are)\b|币安|交易所|如果|是否"
)
_COMPARED_WITH_OURS = re.compile(r" (?:of|than) (?:my|our|mine|the host|local)")
_THEIRS = re.compile(
    r"(?:\b(?:binance|exchange)(?:'s|’s)?|币安|交易所)(?: server|服务器)?(?:'s|的)? ?"
    r"(?:clock|time|时钟|时间)"
)
_ASKED = re.compile(r"ahead or behind|behind or ahead|fast or slow|slow or fast|快还是慢|慢还是快")
_END = re.compile(r"[.,;!?。，；！？\n]")


def directed(signs: list[Sign], lower: str) -> list[Sign]:
    """Return signs of a wrong clock with the direction that is told, and others as they are."""
    direction = UNKNOWN if _ASKED.search(lower) else _direction(lower)
    return [_directed(sign, direction, lower) for sign in signs]


def _directed(sign: Sign, direction: str | None, lower: str) -> Sign:
    if sign.cause == UNKNOWN:
        cause = direction or UNKNOWN
    elif sign.cause in ALSO and (direction == UNKNOWN or _of_theirs(sign.at, lower)):
        cause = UNKNOWN
    else:
        return sign
    return sign if cause == sign.cause else sign._replace(cause=cause, also=ALSO[cause])


def _direction(lower: str) -> str | None:
    """Return the direction that the host's clock is said to be wrong in, if it is only one."""
    told = set()
    for pattern in _TOLD:
        for found in pattern.finditer(lower):
            owner = _END.split(lower[max(0, found.start() - _BEFORE) : found.start()])[-1]
            after = lower[found.end() : found.end() + _AFTER]
            ours = _OURS.search(owner) or not _NOT_OURS.search(owner)
            if ours and not _COMPARED_WITH_OURS.match(after):
                told.add(BEHIND if found["behind"] else AHEAD)
    return told.pop() if len(told) == 1 else None


def _of_theirs(at: int, lower: str) -> bool:
    """Tell whether what is said at a place is said of the exchange's clock."""
    return _THEIRS.search(lower, max(0, at - _BEFORE), at + _AFTER) is not None
