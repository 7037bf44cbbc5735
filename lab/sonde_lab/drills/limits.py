"""Limits of the exchange, and its own troubles."""

from sonde_core.exits import Exit
from sonde_lab.drills.access import failing
from sonde_lab.drills.drill import Drill, Expected, Step, confirmed, likely, possible, world
from sonde_lab.host import TO_FUTURES, Setup
from sonde_lab.world import Answer, Fault, Limits, Surface, SurfaceState

BANNED = SurfaceState(limits=Limits(weight_limit=0, refusals_before_ban=0))
"""The first call is one too many, and brings a ban of two minutes."""
LIMITED = SurfaceState(limits=Limits(weight_limit=0))
USED_UP = SurfaceState(limits=Limits(weight_foreign=2_100))
_KEY = ("IP_NOT_WHITELISTED", "KEY_INVALID", "PERMISSION_MISSING")


def _futures(name: str, about: str, answer: Answer, expected: Expected) -> Drill:
    """Return a drill in which every futures call gets one answer."""
    fault = Fault(surface=Surface.USDM, answer=answer)
    return Drill(
        name=name, about=about, steps=(Step(expected=expected, world=world(faults=(fault,))),)
    )


def _orders(name: str, about: str, placed: int, expected: Expected) -> Drill:
    """Return a drill in which so many orders are placed in every span of time."""
    usdm = SurfaceState(limits=Limits(orders_foreign=placed))
    return Drill(name=name, about=about, steps=(Step(expected=expected, world=world(usdm=usdm)),))


DRILLS = (
    Drill(
        name="banned",
        about="the address is banned from futures",
        steps=(
            Step(
                expected=failing(
                    confirmed("IP_BANNED", "usdm"), tempting=(*_KEY, "RATE_LIMIT_WEIGHT")
                ),
                world=world(usdm=BANNED),
            ),
        ),
    ),
    Drill(
        name="banned-everywhere",
        about="the address is banned from futures and spot",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("IP_BANNED", "spot"), confirmed("IP_BANNED", "usdm")),
                    exit=Exit.FAILURE,
                    unknown=_KEY,
                ),
                world=world(usdm=BANNED, spot=BANNED, sapi=BANNED),
            ),
        ),
    ),
    Drill(
        name="banned-without-retry-after",
        about="the address is banned, and no header says for how long",
        steps=(
            Step(
                expected=failing(confirmed("IP_BANNED", "usdm")),
                world=world(
                    usdm=SurfaceState(
                        limits=Limits(weight_limit=0, refusals_before_ban=0, retry_after=False)
                    )
                ),
            ),
        ),
    ),
    Drill(
        name="weight-spent",
        about="the minute's request weight is spent",
        steps=(
            Step(
                expected=failing(
                    confirmed("RATE_LIMIT_WEIGHT", "usdm"), tempting=("IP_BANNED", *_KEY)
                ),
                world=world(usdm=LIMITED),
            ),
        ),
    ),
    Drill(
        name="another-tool",
        about="another tool uses 88 % of the limit; nothing is refused yet",
        steps=(
            Step(
                expected=Expected(
                    found=(possible("FOREIGN_USAGE", "usdm"),),
                    exit=Exit.WARNING,
                    tempting=("RATE_LIMIT_WEIGHT", "IP_BANNED"),
                ),
                world=world(usdm=USED_UP),
            ),
        ),
    ),
    Drill(
        name="another-tool-on-coinm",
        about="the host trades COIN-M futures too; another tool uses 90 % of their limit",
        steps=(
            Step(
                expected=Expected(
                    found=(possible("FOREIGN_USAGE", "coinm"),),
                    exit=Exit.WARNING,
                    tempting=("RATE_LIMIT_WEIGHT", "IP_BANNED"),
                ),
                world=world(coinm=SurfaceState(limits=Limits(weight_foreign=5_400))),
            ),
        ),
        setup=Setup(coinm=TO_FUTURES),
    ),
    _orders(
        "orders-over-limit",
        "the engine has placed as many orders as it may in ten seconds, and one more is refused",
        300,
        failing(confirmed("ORDER_RATE_LIMIT"), tempting=("RATE_LIMIT_WEIGHT", "IP_BANNED", *_KEY)),
    ),
    _orders(
        "orders-at-limit",
        "an order fits into the last ten seconds, and no other one after it",
        299,
        failing(likely("ORDER_RATE_LIMIT"), tempting=("RATE_LIMIT_WEIGHT",)),
    ),
    _orders(
        "orders-near-limit",
        "the engine places 90 % of the orders that it may in ten seconds",
        270,
        Expected(
            found=(possible("ORDER_RATE_LIMIT"),),
            exit=Exit.WARNING,
            tempting=("RATE_LIMIT_WEIGHT", "FOREIGN_USAGE"),
        ),
    ),
    _futures(
        "firewall",
        "the firewall in front of the futures blocks the address",
        Answer.WAF,
        failing(confirmed("WAF_BLOCKED", "usdm"), tempting=("GEO_RESTRICTED", "IP_BANNED", *_KEY)),
    ),
    Drill(
        name="firewall-on-orders",
        about="the firewall blocks test orders alone",
        steps=(
            Step(
                expected=failing(confirmed("WAF_BLOCKED", "usdm"), tempting=_KEY),
                world=world(faults=(Fault(path="/fapi/v1/order/test", answer=Answer.WAF),)),
            ),
        ),
    ),
    _futures(
        "futures-down",
        "futures answer 503, the request failed",
        Answer.SERVICE_UNAVAILABLE,
        failing(
            confirmed("EXCHANGE_UNAVAILABLE", "usdm"),
            tempting=("EXCHANGE_OVERLOAD", "NETWORK_CONNECTION"),
        ),
    ),
    _futures(
        "futures-internal-error",
        "futures answer -1001",
        Answer.INTERNAL_ERROR,
        failing(confirmed("EXCHANGE_UNAVAILABLE", "usdm")),
    ),
    _futures(
        "futures-overloaded",
        "futures answer -1008 to everything",
        Answer.OVERLOADED,
        Expected(
            found=(confirmed("EXCHANGE_OVERLOAD", "usdm"),),
            exit=Exit.WARNING,
            tempting=("EXCHANGE_UNAVAILABLE", "RATE_LIMIT_WEIGHT"),
        ),
    ),
    Drill(
        name="signed-read-times-out-inside",
        about="the exchange answers -1007 to a signed read",
        steps=(
            Step(
                expected=failing(
                    likely("EXCHANGE_UNAVAILABLE", "usdm"), tempting=("NETWORK_TIMEOUT",)
                ),
                world=world(
                    faults=(Fault(path="/fapi/v1/accountConfig", answer=Answer.BACKEND_TIMEOUT),)
                ),
            ),
        ),
    ),
)
