"""Faults of the host's clock."""

from datetime import timedelta

from sonde_core.exits import Exit
from sonde_lab.drills.access import failing
from sonde_lab.drills.drill import Drill, Expected, Step, confirmed, likely, world
from sonde_lab.drills.healthy import LIAR, SILENT
from sonde_lab.drills.orders import ORDERS
from sonde_lab.host import Setup
from sonde_lab.ntp import Source
from sonde_lab.world import Answer, Fault, SurfaceState

AHEAD = timedelta(milliseconds=1_500)
BEHIND = -timedelta(seconds=7)
_SIGNED = (
    "/sapi/v1/account/apiRestrictions",
    "/sapi/v1/account/status",
    "/api/v3/account",
    "/fapi/v1/accountConfig",
    "/fapi/v1/order/test",
)
_OF_THE_KEY = ("SIGNATURE_INVALID", "KEY_INVALID", "IP_NOT_WHITELISTED", "PERMISSION_MISSING")

DRILLS = (
    Drill(
        name="clock-ahead",
        about="clock 1.5 s ahead: the exchange refuses",
        steps=(
            Step(expected=failing(confirmed("CLOCK_AHEAD", "self"), tempting=_OF_THE_KEY)).ahead(
                AHEAD
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="clock-behind",
        about="clock 7 s behind, more than recvWindow: the exchange refuses",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_BEHIND", "self"),
                    tempting=(*_OF_THE_KEY, "RECV_WINDOW_LATENCY"),
                )
            ).ahead(BEHIND),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="clock-2-s-behind",
        about="clock 2 s behind: the exchange still takes it",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("CLOCK_BEHIND", "self"),),
                    exit=Exit.WARNING,
                    tempting=_OF_THE_KEY,
                )
            ).ahead(-timedelta(seconds=2)),
        ),
    ),
    Drill(
        name="clock-days-ahead",
        about="clock three days ahead",
        steps=(
            Step(
                expected=failing(confirmed("CLOCK_AHEAD", "self"), tempting=("NETWORK_TLS",))
            ).ahead(timedelta(days=3)),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="clock-ahead-closed-udp",
        about="clock 1.5 s ahead, and no NTP packet comes back",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_AHEAD", "self"), tempting=("CLOCK_SKEW", "NETWORK_TIMEOUT")
                ),
                sources=(SILENT,) * 3,
            ).ahead(AHEAD),
        ),
    ),
    Drill(
        name="clock-ahead-lying-ntp",
        about="clock 1.5 s ahead, and one of three NTP servers is 30 s off",
        steps=(
            Step(
                expected=failing(confirmed("CLOCK_AHEAD", "self"), tempting=("CLOCK_BEHIND",)),
                sources=(Source(), Source(), LIAR),
            ).ahead(AHEAD),
        ),
    ),
    Drill(
        name="way-longer-than-recv-window",
        about="signed calls take 600 ms, the engine's recvWindow is 300 ms; the clock is right",
        steps=(
            Step(
                expected=failing(
                    confirmed("RECV_WINDOW_LATENCY", "self"),
                    tempting=("CLOCK_BEHIND", "CLOCK_SKEW", *_OF_THE_KEY),
                ),
                world=world(faults=tuple(Fault(path=path, delay_ms=600) for path in _SIGNED)),
            ),
        ),
        setup=Setup(recv_window="300ms"),
        orders=ORDERS,
    ),
    Drill(
        name="recv-window-tight",
        about="a round trip takes 1.1 s, recvWindow is 1 s; nothing is refused yet",
        steps=(
            Step(
                expected=Expected(
                    found=(likely("RECV_WINDOW_LATENCY", "self"),),
                    exit=Exit.WARNING,
                    tempting=("CLOCK_BEHIND", "NETWORK_TIMEOUT"),
                ),
                world=world(
                    faults=(
                        Fault(path="/fapi/v1/time", delay_ms=1_100),
                        Fault(path="/api/v3/time", delay_ms=1_100),
                    )
                ),
            ),
        ),
        setup=Setup(recv_window="1s"),
    ),
    Drill(
        name="futures-clock-off",
        about="the futures' own clock is 3 s behind that of spot and NTP: not the host's fault",
        steps=(
            Step(
                expected=Expected(
                    exit=Exit.WARNING,
                    unknown=("CLOCK_AHEAD",),
                    tempting=("CLOCK_BEHIND", *_OF_THE_KEY),
                ),
                world=world(usdm=SurfaceState(clock_offset_ms=-3_000)),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="no-clock-to-compare",
        about="no NTP packet comes back, and the exchange turns the location away",
        steps=(
            Step(
                expected=Expected(
                    found=(
                        confirmed("GEO_RESTRICTED", "spot"),
                        confirmed("GEO_RESTRICTED", "usdm"),
                    ),
                    exit=Exit.FAILURE,
                    unknown=(
                        "CLOCK_AHEAD",
                        "CLOCK_BEHIND",
                        "IP_NOT_WHITELISTED",
                        "KEY_INVALID",
                        "PERMISSION_MISSING",
                    ),
                ),
                world=world(faults=(Fault(answer=Answer.RESTRICTED_LOCATION),)),
                sources=(SILENT,) * 3,
            ),
        ),
    ),
)
