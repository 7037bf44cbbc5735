"""Hosts that were diagnosed before: what changed since then decides."""

from sonde_core.exits import Exit
from sonde_lab.drills.access import (
    ELSEWHERE,
    FUTURES_OFF,
    MISTYPED_KEY,
    STALE,
    failing,
)
from sonde_lab.drills.clock import AHEAD
from sonde_lab.drills.drill import Drill, Expected, Incident, Step, confirmed, likely, world
from sonde_lab.drills.healthy import CLEAN
from sonde_lab.host import KeyOnHost

_BEFORE = Step(about="healthy at first", expected=CLEAN)

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
        recorded={"main": STALE},
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
                expected=failing(likely("KEY_INVALID"), tempting=("IP_NOT_WHITELISTED",)),
                keys={"main": KeyOnHost(api_key=MISTYPED_KEY)},
            ),
        ),
        recorded={},
    ),
)
