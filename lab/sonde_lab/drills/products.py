"""Faults of the account behind a key, and keys of another product or environment."""

from sonde_core.exits import Exit
from sonde_lab.drills.access import failing
from sonde_lab.drills.drill import ADDRESS, Drill, Expected, Step, confirmed, likely, listed, world
from sonde_lab.drills.orders import ORDERS
from sonde_lab.world import (
    Account,
    FuturesAccount,
    Key,
    Restriction,
    Surface,
    SurfaceState,
)

_OPENED_LATER = FuturesAccount(opened_ms=1_750_000_000_000)
TOO_OLD = listed(account=Account(futures=_OPENED_LATER))
"""Made before the futures account was opened, whatever its permission says."""
_TEST_NET = SurfaceState(offered=False)
_KEY = ("KEY_INVALID", "PERMISSION_MISSING", "IP_NOT_WHITELISTED")


def restricted(restriction: Restriction, ip_list: tuple[str, ...] = (ADDRESS,)) -> Key:
    """Return a good key of an account that futures refuse."""
    account = Account(futures=FuturesAccount(restriction=restriction))
    return Key(ip_list=ip_list, account=account)


def _refused(restriction: Restriction, about: str) -> Drill:
    """Return a drill in which futures say why they refuse an account."""
    step = Step(
        expected=failing(confirmed("ACCOUNT_RESTRICTED"), tempting=_KEY),
        world=world(restricted(restriction)),
    )
    name = f"account-{restriction.value.replace('_', '-')}"
    return Drill(name=name, about=about, steps=(step,), orders=ORDERS)


def _spot_only(name: str, about: str, account: Account) -> Drill:
    """Return a drill in which an account is restricted and futures go on working."""
    step = Step(
        expected=Expected(found=(likely("ACCOUNT_RESTRICTED"),), exit=Exit.WARNING, tempting=_KEY),
        world=world(listed(account=account)),
    )
    return Drill(name=name, about=about, steps=(step,))


DRILLS = (
    Drill(
        name="key-older-than-futures",
        about="the key was made before the futures account was opened; its permission is on",
        steps=(
            Step(
                expected=failing(likely("KEY_OLDER_THAN_FUTURES"), tempting=_KEY),
                world=world(TOO_OLD),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="key-older-than-futures-unrecorded",
        about="the same, and nobody recorded the list",
        steps=(
            Step(
                expected=failing(likely("KEY_OLDER_THAN_FUTURES"), tempting=_KEY),
                world=world(TOO_OLD),
            ),
        ),
        recorded={},
        orders=ORDERS,
    ),
    Drill(
        name="no-futures-account",
        about="the permission for futures is on, and there is no futures account",
        steps=(
            Step(
                expected=failing(likely("KEY_OLDER_THAN_FUTURES"), tempting=_KEY),
                world=world(listed(account=Account(futures=FuturesAccount(opened_ms=None)))),
            ),
        ),
    ),
    Drill(
        name="spot-test-net-key",
        about="test net: the key is one of spot, futures take another",
        steps=(
            Step(
                expected=failing(likely("WRONG_ENVIRONMENT"), tempting=_KEY),
                world=world(Key(surfaces=(Surface.SPOT,)), sapi=_TEST_NET),
            ),
        ),
        recorded={},
        orders=ORDERS,
    ),
    _refused(Restriction.INACTIVE, "the futures account is inactive (-4109)"),
    _refused(Restriction.KEYS_LOCKED, "the keys of the account are locked (-2017)"),
    _refused(Restriction.COOLING_OFF, "the account is cooling off (-4192)"),
    _refused(Restriction.REDUCE_ONLY, "the account may only reduce positions (-4087)"),
    _refused(Restriction.NO_ORDERS, "the account may place no orders (-4088)"),
    Drill(
        name="futures-may-not-trade",
        about="the futures account says that it may not trade",
        steps=(
            Step(
                expected=failing(confirmed("ACCOUNT_RESTRICTED"), tempting=_KEY),
                world=world(listed(account=Account(futures=FuturesAccount(can_trade=False)))),
            ),
        ),
    ),
    _spot_only(
        "account-not-normal",
        "the account's status is not Normal, and futures go on working",
        Account(status="Locked"),
    ),
    _spot_only(
        "spot-may-not-trade",
        "the spot account may not trade, and futures go on working",
        Account(can_trade=False),
    ),
)
