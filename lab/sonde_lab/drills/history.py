"""Hosts that were diagnosed before: what changed since then decides."""

from sonde_core.exits import Exit
from sonde_lab.drills.access import (
    DELETED,
    ELSEWHERE,
    FUTURES_OFF,
    MISTYPED_KEY,
    STALE,
    UNKNOWN_KEY,
    failing,
)
from sonde_lab.drills.clock import AHEAD
from sonde_lab.drills.drill import (
    ADDRESS,
    Drill,
    Expected,
    Incident,
    Step,
    confirmed,
    likely,
    listed,
    possible,
    world,
)
from sonde_lab.drills.healthy import CLEAN, SECOND_ADDRESS
from sonde_lab.drills.limits import BANNED
from sonde_lab.host import KeyOnHost
from sonde_lab.world import Surface, World

_REFUSED_EVERYWHERE = world(DELETED, sapi_unknown_key_code=-2015)
"""What a key that is disabled for a while looks like: no text tells it from a deleted one."""
_BEFORE = Step(about="healthy at first", expected=CLEAN)


def _at(number: int) -> World:
    """Return a world that sees one of four listed addresses."""
    addresses = tuple(f"203.0.113.{each}" for each in range(31, 35))
    return world(listed(ip_list=addresses), seen_ip=addresses[number - 1])


DRILLS = (
    Drill(
        name="mended",
        about="a fault that was put right",
        steps=(
            Step(
                about="address not listed",
                expected=failing(confirmed("IP_NOT_WHITELISTED")),
                world=world(ELSEWHERE),
            ),
            Step(about="then listed", expected=CLEAN),
        ),
        recorded={"main": (STALE,)},
    ),
    Drill(
        name="clock-mended",
        about="a clock that was put right",
        steps=(
            Step(about="1.5 s ahead", expected=failing(confirmed("CLOCK_AHEAD", "self"))).ahead(
                AHEAD
            ),
            Step(about="then right", expected=CLEAN),
        ),
    ),
    Drill(
        name="futures-taken-away",
        about="a permission that was there",
        steps=(
            _BEFORE,
            Step(
                about="then futures off",
                expected=failing(
                    confirmed("PERMISSION_MISSING"), tempting=("KEY_INVALID", "IP_NOT_WHITELISTED")
                ),
                world=world(FUTURES_OFF),
            ),
        ),
        recorded={},
    ),
    Drill(
        name="agent-died-later",
        about="an agent that answered before",
        steps=(
            _BEFORE,
            Step(
                about="then its process has ended",
                expected=Expected(
                    found=(confirmed("AGENT_UNREACHABLE", "self"),), exit=Exit.SILENT
                ),
                incident=Incident.DIES,
            ),
        ),
    ),
    Drill(
        name="key-swapped",
        about="another key on the host than before",
        steps=(
            _BEFORE,
            Step(
                about="then one that the exchange does not know",
                expected=failing(*UNKNOWN_KEY, tempting=("IP_NOT_WHITELISTED", "IP_BANNED")),
                keys={"main": KeyOnHost(api_key=MISTYPED_KEY)},
            ),
        ),
        recorded={},
    ),
    Drill(
        name="key-deleted-later",
        about="a key that was accepted",
        steps=(
            _BEFORE,
            Step(
                about="then wallet calls do not know it",
                expected=failing(
                    confirmed("KEY_INVALID"), tempting=("WRONG_ENVIRONMENT", "IP_NOT_WHITELISTED")
                ),
                world=world(DELETED),
            ),
        ),
        recorded={},
    ),
    Drill(
        name="address-moved",
        about="a host that was accepted; nobody recorded the list",
        steps=(
            _BEFORE,
            Step(
                about="then it leaves by another address, and every call says -2015",
                expected=failing(
                    confirmed("IP_NOT_WHITELISTED"), tempting=("KEY_INVALID", "IP_BANNED")
                ),
                world=world(seen_ip=STALE),
            ),
        ),
        recorded={},
    ),
    Drill(
        name="address-moved-list-followed",
        about="a host that was accepted; the record has its next address too",
        steps=(
            _BEFORE,
            Step(
                about="then it leaves by that address, and every call says -2015",
                expected=failing(likely("IP_NOT_WHITELISTED"), tempting=("KEY_INVALID",)),
                world=world(seen_ip=SECOND_ADDRESS),
            ),
        ),
        recorded={"main": (ADDRESS, SECOND_ADDRESS)},
    ),
    Drill(
        name="address-keeps-moving",
        about="a host whose every address is on the key's list",
        steps=(
            Step(about="the first", expected=CLEAN, world=_at(1)),
            Step(about="the second", expected=CLEAN, world=_at(2)),
            Step(
                about="the third",
                expected=Expected(found=(likely("IP_UNSTABLE", "self"),), exit=Exit.WARNING),
                world=_at(3),
            ),
            Step(
                about="the fourth",
                expected=Expected(found=(confirmed("IP_UNSTABLE", "self"),), exit=Exit.WARNING),
                world=_at(4),
            ),
        ),
        recorded={},
    ),
    Drill(
        name="refused-from-one-moment-to-the-next",
        about="a key that was accepted from here a moment ago",
        steps=(
            _BEFORE,
            Step(
                about="then every call says -2015",
                expected=failing(
                    possible("IP_BANNED"),
                    possible("KEY_INVALID"),
                    tempting=("IP_NOT_WHITELISTED",),
                ),
                world=_REFUSED_EVERYWHERE,
            ),
        ),
    ),
    Drill(
        name="ban-posing-as-bad-key",
        about="a key that was accepted from here a moment ago",
        steps=(
            _BEFORE,
            Step(
                about="then futures ban the address",
                expected=failing(confirmed("IP_BANNED", "usdm")),
                world=world(usdm=BANNED),
            ),
            Step(
                about="then every call says -2015",
                expected=failing(
                    confirmed("IP_BANNED", "usdm"),
                    likely("IP_BANNED"),
                    tempting=("KEY_INVALID", "IP_NOT_WHITELISTED"),
                ),
                world=_REFUSED_EVERYWHERE,
            ),
        ),
    ),
    Drill(
        name="futures-refused-later",
        about="futures that were accepted",
        steps=(
            _BEFORE,
            Step(
                about="then they say -2015, though apiRestrictions says that all is on",
                expected=failing(
                    possible("IP_BANNED"),
                    possible("ACCOUNT_RESTRICTED"),
                    tempting=("KEY_OLDER_THAN_FUTURES", "PERMISSION_MISSING"),
                ),
                world=world(listed(surfaces=(Surface.SPOT, Surface.SAPI))),
            ),
        ),
    ),
    Drill(
        name="ban-is-kept",
        about="an agent that was told to stay away",
        steps=(
            Step(
                about="futures ban the address",
                expected=failing(confirmed("IP_BANNED", "usdm")),
                world=world(usdm=BANNED),
            ),
            Step(
                about="the ban has gone, and the agent does not try before its time",
                expected=failing(confirmed("IP_BANNED", "usdm"), tempting=("KEY_INVALID",)),
            ),
        ),
    ),
)
