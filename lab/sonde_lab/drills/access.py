"""Faults of the key, its list and its permissions."""

from sonde_core.exits import Exit
from sonde_lab.drills.drill import (
    ADDRESS,
    LISTED,
    Claim,
    Drill,
    Expected,
    Step,
    confirmed,
    likely,
    listed,
    possible,
    world,
)
from sonde_lab.drills.healthy import SECOND_KEY
from sonde_lab.drills.orders import ORDERS
from sonde_lab.host import KeyOnHost, Setup
from sonde_lab.world import Key, Permissions, SurfaceState

STALE = "198.51.100.7"
ELSEWHERE = Key(ip_list=(STALE,))
DELETED = listed(deleted=True)
ANOTHER_SECRET = "AnotherKeysSecret" * 4
MISTYPED_KEY = "SondeLabExampleKeyWithOneLetterMistypedOnItsWayToTheHostAbcdef01"
FUTURES_OFF = listed(permissions=Permissions(enable_futures=False))
READING_OFF = listed(permissions=Permissions(enable_reading=False))


def failing(
    *found: Claim, tempting: tuple[str, ...] = (), unknown: tuple[str, ...] = ()
) -> Expected:
    """Return what a host that the exchange refuses must come to."""
    return Expected(found=found, exit=Exit.FAILURE, tempting=tempting, unknown=unknown)


UNKNOWN_KEY = (likely("KEY_INVALID"), possible("WRONG_ENVIRONMENT"))
"""Wallet calls do not know the key: it is gone, was mistyped, or belongs to the test net."""
EITHER = failing(
    possible("IP_NOT_WHITELISTED"),
    possible("KEY_INVALID"),
    tempting=("PERMISSION_MISSING", "SIGNATURE_INVALID"),
)
"""Address or key: without a record of the list nobody can tell. The address is tried quicker."""

DRILLS = (
    Drill(
        name="address-not-listed",
        about="the key's list has another address, as support recorded",
        steps=(
            Step(
                expected=failing(
                    confirmed("IP_NOT_WHITELISTED"), tempting=("KEY_INVALID", "PERMISSION_MISSING")
                ),
                world=world(ELSEWHERE),
            ),
        ),
        recorded={"main": (STALE,)},
        orders=ORDERS,
    ),
    Drill(
        name="address-not-listed-by-the-hosts-own-record",
        about="the same, and the record is in the agent's configuration",
        steps=(
            Step(
                expected=failing(confirmed("IP_NOT_WHITELISTED"), tempting=("KEY_INVALID",)),
                world=world(ELSEWHERE),
            ),
        ),
        setup=Setup(whitelist=(STALE,)),
        recorded={},
    ),
    Drill(
        name="address-outside-network",
        about="the key's list has another address, and a network was recorded in its place",
        steps=(
            Step(
                expected=failing(likely("IP_NOT_WHITELISTED"), tempting=("KEY_INVALID",)),
                world=world(ELSEWHERE),
            ),
        ),
        recorded={"main": ("198.51.100.0/24",)},
        orders=ORDERS,
    ),
    Drill(
        name="address-inside-network",
        about="the key's list has another address, and a network with both was recorded",
        steps=(Step(expected=EITHER, world=world(ELSEWHERE)),),
        recorded={"main": ("0.0.0.0/0",)},
        orders=ORDERS,
    ),
    Drill(
        name="address-not-listed-unrecorded",
        about="the key's list has another address, and nobody recorded the list",
        steps=(Step(expected=EITHER, world=world(ELSEWHERE)),),
        recorded={},
        orders=ORDERS,
    ),
    Drill(
        name="address-not-listed-other-words",
        about="the same list; futures say -1011 of the address",
        steps=(
            Step(
                expected=failing(
                    likely("IP_NOT_WHITELISTED"), tempting=("KEY_INVALID", "PERMISSION_MISSING")
                ),
                world=world(ELSEWHERE, futures_ip_code=-1011),
            ),
        ),
        recorded={"main": (STALE,)},
        orders=ORDERS,
    ),
    Drill(
        name="futures-by-another-way",
        about="requests to futures leave by another address, which is not on the list",
        steps=(
            Step(
                expected=failing(
                    likely("IP_NOT_WHITELISTED"),
                    confirmed("IP_UNSTABLE", "self"),
                    tempting=("PERMISSION_MISSING", "KEY_OLDER_THAN_FUTURES", "KEY_INVALID"),
                ),
                world=world(usdm=SurfaceState(seen_ip=STALE)),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="two-outbound-addresses",
        about="echo services see two addresses, one of them on the list; calls are accepted",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("IP_UNSTABLE", "self"),),
                    exit=Exit.WARNING,
                    tempting=("IP_NOT_WHITELISTED",),
                ),
                world=world(echo_ips=(ADDRESS, STALE)),
            ),
        ),
    ),
    Drill(
        name="key-deleted",
        about="the key was deleted; wallet calls do not know it",
        steps=(
            Step(
                expected=failing(*UNKNOWN_KEY, tempting=("IP_NOT_WHITELISTED",)),
                world=world(DELETED),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="key-deleted-one-text",
        about="the key was deleted; every call says -2015, the address is on the recorded list",
        steps=(
            Step(
                expected=failing(
                    likely("KEY_INVALID"), tempting=("IP_NOT_WHITELISTED", "PERMISSION_MISSING")
                ),
                world=world(DELETED, sapi_unknown_key_code=-2015),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="key-deleted-unrecorded",
        about="the key was deleted; every call says -2015, and nobody recorded the list",
        steps=(Step(expected=EITHER, world=world(DELETED, sapi_unknown_key_code=-2015)),),
        recorded={},
        orders=ORDERS,
    ),
    Drill(
        name="key-mistyped",
        about="the key on the host is 64 characters that the exchange never gave out",
        steps=(
            Step(
                expected=failing(
                    *UNKNOWN_KEY, tempting=("SIGNATURE_INVALID", "PERMISSION_MISSING")
                ),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(api_key=MISTYPED_KEY)}),
        orders=ORDERS,
    ),
    Drill(
        name="key-cut-off",
        about="the key on the host lacks its last character",
        steps=(
            Step(
                expected=failing(
                    confirmed("KEY_INVALID"), tempting=("IP_NOT_WHITELISTED", "SIGNATURE_INVALID")
                ),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(api_key=MISTYPED_KEY[:-1])}),
        orders=ORDERS,
    ),
    Drill(
        name="secret-swapped",
        about="the secret on the host belongs to another key",
        steps=(
            Step(
                expected=failing(confirmed("SIGNATURE_INVALID"), tempting=("KEY_INVALID",)),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(secret=ANOTHER_SECRET)}),
        orders=ORDERS,
    ),
    Drill(
        name="secret-file-missing",
        about="the configuration names a secret file that is not there",
        steps=(
            Step(
                expected=failing(
                    confirmed("CREDENTIALS_MISSING"), tempting=("KEY_INVALID", "SIGNATURE_INVALID")
                ),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(secret=None)}),
    ),
    Drill(
        name="key-file-empty",
        about="the key file is empty",
        steps=(
            Step(
                expected=failing(confirmed("CREDENTIALS_MISSING"), tempting=("KEY_INVALID",)),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(api_key="")}),
    ),
    Drill(
        name="no-account",
        about="no key is configured",
        steps=(
            Step(
                expected=failing(
                    confirmed("CREDENTIALS_MISSING", "self"), tempting=("KEY_INVALID",)
                ),
            ),
        ),
        setup=Setup(accounts={}),
        recorded={},
    ),
    Drill(
        name="futures-off",
        about="the permission for futures is off",
        steps=(
            Step(
                expected=failing(
                    confirmed("PERMISSION_MISSING"),
                    tempting=("IP_NOT_WHITELISTED", "KEY_INVALID", "KEY_OLDER_THAN_FUTURES"),
                ),
                world=world(FUTURES_OFF),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="futures-off-unrecorded",
        about="the permission for futures is off, and nobody recorded the list",
        steps=(
            Step(
                expected=failing(
                    confirmed("PERMISSION_MISSING"), tempting=("IP_NOT_WHITELISTED", "KEY_INVALID")
                ),
                world=world(FUTURES_OFF),
            ),
        ),
        recorded={},
        orders=ORDERS,
    ),
    Drill(
        name="reading-off",
        about="the permission to read is off; order/test still passes",
        steps=(
            Step(
                expected=failing(
                    likely("PERMISSION_MISSING"), tempting=("IP_NOT_WHITELISTED", "KEY_INVALID")
                ),
                world=world(READING_OFF),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="reading-off-older-words",
        about="the same, and wallet calls say -1002",
        steps=(
            Step(
                expected=failing(
                    likely("PERMISSION_MISSING"), tempting=("IP_NOT_WHITELISTED", "KEY_INVALID")
                ),
                world=world(READING_OFF, sapi_permission_code=-1002),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="required-permission-off",
        about="spot trading is off, and the operator requires it",
        steps=(
            Step(
                expected=failing(confirmed("PERMISSION_MISSING")),
                world=world(listed(permissions=Permissions(enable_spot_and_margin_trading=False))),
            ),
        ),
        setup=Setup(require=("enableReading", "enableFutures", "enableSpotAndMarginTrading")),
    ),
    Drill(
        name="withdrawals-on",
        about="the key may withdraw",
        steps=(
            Step(
                expected=Expected(found=(confirmed("WITHDRAWALS_ENABLED"),), exit=Exit.WARNING),
                world=world(listed(permissions=Permissions(enable_withdrawals=True))),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="no-ip-list",
        about="the key has no IP list",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("IP_RESTRICTION_OFF"),),
                    exit=Exit.WARNING,
                    tempting=("IP_NOT_WHITELISTED",),
                ),
                world=world(Key()),
            ),
        ),
        recorded={},
        orders=ORDERS,
    ),
    Drill(
        name="one-account-of-two",
        about="two keys on one host, the second one deleted",
        steps=(
            Step(
                expected=failing(
                    likely("KEY_INVALID", "hedge"),
                    possible("WRONG_ENVIRONMENT", "hedge"),
                    tempting=("IP_NOT_WHITELISTED",),
                ),
                world=world(LISTED, listed(api_key=SECOND_KEY, deleted=True)),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(), "hedge": KeyOnHost(api_key=SECOND_KEY)}),
        recorded={"main": (ADDRESS,), "hedge": (ADDRESS,)},
        orders=ORDERS,
    ),
)
