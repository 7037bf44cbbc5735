"""Hosts that are unlike others and all right: nothing may be found."""

from datetime import timedelta

from sonde_core.exits import Exit
from sonde_lab.drills.drill import ADDRESS, LISTED, Drill, Expected, Step, listed, world
from sonde_lab.drills.orders import ORDERS
from sonde_lab.host import KeyOnHost, Setup
from sonde_lab.ntp import Behaviour, Source
from sonde_lab.world import (
    Account,
    Answer,
    Fault,
    FuturesAccount,
    Limits,
    Permissions,
    Surface,
    SurfaceState,
)

SECOND_KEY = "SondeLabExampleKeyOfASecondAccountOnTheSameHostAndNowhereElse002"
SECOND_ADDRESS = "203.0.113.22"
CLEAN = Expected(exit=Exit.HEALTHY)
SILENT = Source(behaviour=Behaviour.SILENT)
LIAR = Source(behaviour=Behaviour.LIAR)
_HALF = SurfaceState(limits=Limits(weight_foreign=1_150, orders_foreign=150))
_LITTLE_OFF = timedelta(milliseconds=600)


def _clean(*tempting: str) -> Expected:
    return Expected(exit=Exit.HEALTHY, tempting=tempting)


DRILLS = (
    Drill(
        name="healthy",
        about="nothing is wrong",
        steps=(Step(expected=CLEAN),),
        orders=ORDERS,
    ),
    Drill(
        name="slow-network",
        about="every call takes 400 ms longer",
        steps=(
            Step(
                expected=_clean("NETWORK_TIMEOUT", "RECV_WINDOW_LATENCY", "CLOCK_BEHIND"),
                world=world(faults=(Fault(delay_ms=400),)),
                sources=(Source(delay=timedelta(milliseconds=300)),) * 3,
            ),
        ),
    ),
    Drill(
        name="lying-ntp-server",
        about="one of three NTP servers is 30 s off",
        steps=(
            Step(
                expected=_clean("CLOCK_BEHIND", "CLOCK_AHEAD"), sources=(Source(), Source(), LIAR)
            ),
        ),
    ),
    Drill(
        name="lying-ntp-majority",
        about="two of three NTP servers are 30 s off and agree; the exchange contradicts them",
        steps=(
            Step(expected=_clean("CLOCK_BEHIND", "CLOCK_AHEAD"), sources=(Source(), LIAR, LIAR)),
        ),
    ),
    Drill(
        name="closed-udp",
        about="no NTP packet comes back; the exchange tells its time",
        steps=(Step(expected=_clean("CLOCK_SKEW", "NETWORK_TIMEOUT"), sources=(SILENT,) * 3),),
    ),
    Drill(
        name="clock-600-ms-ahead",
        about="clock 600 ms ahead, which the exchange takes",
        steps=(Step(expected=_clean("CLOCK_AHEAD")).ahead(_LITTLE_OFF),),
        orders=ORDERS,
    ),
    Drill(
        name="clock-600-ms-behind",
        about="clock 600 ms behind, which the exchange takes",
        steps=(Step(expected=_clean("CLOCK_BEHIND")).ahead(-_LITTLE_OFF),),
    ),
    Drill(
        name="limits-half-used",
        about="the engine uses half of the request weight and of the orders",
        steps=(
            Step(
                expected=_clean("FOREIGN_USAGE", "RATE_LIMIT_WEIGHT", "ORDER_RATE_LIMIT"),
                world=world(usdm=_HALF),
            ),
        ),
    ),
    Drill(
        name="order-test-throttled",
        about="order/test answers -1008, everything else works",
        steps=(
            Step(
                expected=_clean("EXCHANGE_OVERLOAD", "EXCHANGE_UNAVAILABLE"),
                world=world(
                    faults=(Fault(path="/fapi/v1/order/test", answer=Answer.OVERLOADED),),
                ),
            ),
        ),
    ),
    Drill(
        name="passing-503",
        about="one 503, and the repeat is answered",
        steps=(
            Step(
                expected=_clean("EXCHANGE_UNAVAILABLE"),
                world=world(
                    faults=(
                        Fault(surface=Surface.USDM, answer=Answer.INTERNAL_ERROR, times=1),
                        Fault(surface=Surface.SPOT, answer=Answer.NO_ANSWER, times=1),
                    )
                ),
            ),
        ),
    ),
    Drill(
        name="futures-not-wanted",
        about="futures are off, and the operator does not require them",
        steps=(
            Step(
                expected=_clean("PERMISSION_MISSING", "IP_NOT_WHITELISTED"),
                world=world(listed(permissions=Permissions(enable_futures=False))),
            ),
        ),
        setup=Setup(require=("enableReading",)),
        orders=ORDERS,
    ),
    Drill(
        name="spot-trading-off",
        about="a permission is off that nobody requires",
        steps=(
            Step(
                expected=_clean("PERMISSION_MISSING", "ACCOUNT_RESTRICTED"),
                world=world(listed(permissions=Permissions(enable_spot_and_margin_trading=False))),
            ),
        ),
    ),
    Drill(
        name="no-list-recorded",
        about="nobody recorded the IP list, and every call is accepted",
        steps=(Step(expected=_clean("IP_NOT_WHITELISTED")),),
        recorded={},
    ),
    Drill(
        name="stale-record",
        about="support recorded another address than the list has; every call is accepted",
        steps=(Step(expected=_clean("IP_NOT_WHITELISTED")),),
        recorded={"main": ("198.51.100.7",)},
        orders=ORDERS,
    ),
    Drill(
        name="hedge-mode",
        about="the futures account is in hedge mode, and the test order is not for it (-4061)",
        steps=(
            Step(
                expected=_clean("POSITION_MODE_MISMATCH", "ACCOUNT_RESTRICTED"),
                world=world(
                    listed(account=Account(futures=FuturesAccount(dual_side_position=True))),
                ),
            ),
        ),
    ),
    Drill(
        name="empty-wallet",
        about="the futures wallet is empty, and the test order too dear (-2019)",
        steps=(
            Step(
                expected=_clean("MARGIN_INSUFFICIENT", "ACCOUNT_RESTRICTED"),
                world=world(listed(account=Account(futures=FuturesAccount(funded=False)))),
            ),
        ),
    ),
    Drill(
        name="two-listed-addresses",
        about="requests leave by two addresses, and both are on the recorded list",
        steps=(
            Step(
                expected=_clean("IP_UNSTABLE", "IP_NOT_WHITELISTED"),
                world=world(
                    listed(ip_list=(ADDRESS, SECOND_ADDRESS)),
                    echo_ips=(ADDRESS, SECOND_ADDRESS),
                    usdm=SurfaceState(seen_ip=SECOND_ADDRESS),
                ),
            ),
        ),
        recorded={"main": (ADDRESS, SECOND_ADDRESS)},
        orders=ORDERS,
    ),
    Drill(
        name="address-in-network",
        about="a network was recorded, and it holds the address",
        steps=(Step(expected=_clean("IP_NOT_WHITELISTED")),),
        recorded={"main": ("203.0.113.0/24",)},
    ),
    Drill(
        name="two-accounts",
        about="two keys on one host, both as they should be",
        steps=(
            Step(
                expected=CLEAN,
                world=world(LISTED, listed(api_key=SECOND_KEY)),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(), "hedge": KeyOnHost(api_key=SECOND_KEY)}),
        recorded={"main": (ADDRESS,), "hedge": (ADDRESS,)},
    ),
)
