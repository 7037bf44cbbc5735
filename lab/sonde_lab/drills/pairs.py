"""Two faults at once: both are named, the one that hides the other first."""

import msgspec

from sonde_lab.drills.access import (
    ANOTHER_SECRET,
    DELETED,
    ELSEWHERE,
    FUTURES_OFF,
    STALE,
    UNKNOWN_KEY,
    failing,
)
from sonde_lab.drills.clock import AHEAD, BEHIND
from sonde_lab.drills.drill import (
    ADDRESS,
    Drill,
    Step,
    confirmed,
    likely,
    listed,
    possible,
    world,
)
from sonde_lab.drills.healthy import SECOND_KEY, SILENT
from sonde_lab.drills.limits import BANNED, USED_UP
from sonde_lab.drills.orders import ORDERS
from sonde_lab.drills.path import CLOSED
from sonde_lab.drills.products import TOO_OLD, restricted
from sonde_lab.host import KeyOnHost, Setup
from sonde_lab.world import Answer, Fault, Key, Permissions, Restriction, Surface

DRILLS = (
    Drill(
        name="ahead-and-not-listed",
        about="clock 1.5 s ahead, and the address is not on the recorded list",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_AHEAD", "self"),
                    confirmed("IP_NOT_WHITELISTED"),
                    tempting=("KEY_INVALID",),
                ),
                world=world(ELSEWHERE),
            ).ahead(AHEAD),
        ),
        recorded={"main": (STALE,)},
        orders=ORDERS,
    ),
    Drill(
        name="behind-and-futures-off",
        about="clock 7 s behind, and the permission for futures is off",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_BEHIND", "self"), confirmed("PERMISSION_MISSING")
                ),
                world=world(FUTURES_OFF),
            ).ahead(BEHIND),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="ahead-and-secret-swapped",
        about="clock 1.5 s ahead, and the secret belongs to another key",
        steps=(
            Step(
                expected=failing(confirmed("CLOCK_AHEAD", "self"), confirmed("SIGNATURE_INVALID")),
            ).ahead(AHEAD),
        ),
        setup=Setup(accounts={"main": KeyOnHost(secret=ANOTHER_SECRET)}),
        orders=ORDERS,
    ),
    Drill(
        name="behind-and-key-deleted",
        about="clock 7 s behind, and the key was deleted",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_BEHIND", "self"),
                    *UNKNOWN_KEY,
                    tempting=("IP_NOT_WHITELISTED",),
                ),
                world=world(DELETED),
            ).ahead(BEHIND),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="ahead-and-withdrawals",
        about="clock 1.5 s ahead, and the key may withdraw",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_AHEAD", "self"), confirmed("WITHDRAWALS_ENABLED")
                ),
                world=world(listed(permissions=Permissions(enable_withdrawals=True))),
            ).ahead(AHEAD),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="banned-and-ahead",
        about="banned from futures, and the clock is 1.5 s ahead",
        steps=(
            Step(
                expected=failing(confirmed("IP_BANNED", "usdm"), confirmed("CLOCK_AHEAD", "self")),
                world=world(usdm=BANNED),
            ).ahead(AHEAD),
        ),
    ),
    Drill(
        name="location-and-not-listed",
        about="futures turn the location away, and the address is not on the recorded list",
        steps=(
            Step(
                expected=failing(
                    confirmed("GEO_RESTRICTED", "usdm"),
                    likely("IP_NOT_WHITELISTED"),
                    tempting=("KEY_INVALID",),
                ),
                world=world(
                    ELSEWHERE,
                    faults=(Fault(surface=Surface.USDM, answer=Answer.RESTRICTED_LOCATION),),
                ),
            ),
        ),
        recorded={"main": (STALE,)},
        orders=ORDERS,
    ),
    Drill(
        name="futures-unreachable-and-key-deleted",
        about="nobody listens at the futures' address, and the key was deleted",
        steps=(
            Step(
                expected=failing(
                    confirmed("NETWORK_CONNECTION", "usdm"),
                    *UNKNOWN_KEY,
                    tempting=("IP_NOT_WHITELISTED",),
                ),
                world=world(DELETED),
            ),
        ),
        setup=Setup(usdm=CLOSED),
        orders=ORDERS,
    ),
    Drill(
        name="futures-off-and-withdrawals",
        about="futures off, withdrawals on",
        steps=(
            Step(
                expected=failing(confirmed("PERMISSION_MISSING"), confirmed("WITHDRAWALS_ENABLED")),
                world=world(
                    listed(permissions=Permissions(enable_futures=False, enable_withdrawals=True))
                ),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="futures-off-and-no-list",
        about="futures off, and the key has no IP list",
        steps=(
            Step(
                expected=failing(confirmed("PERMISSION_MISSING"), confirmed("IP_RESTRICTION_OFF")),
                world=world(Key(permissions=Permissions(enable_futures=False))),
            ),
        ),
        recorded={},
        orders=ORDERS,
    ),
    Drill(
        name="futures-off-and-another-tool",
        about="futures off, and another tool uses 88 % of the limit",
        steps=(
            Step(
                expected=failing(
                    confirmed("PERMISSION_MISSING"), possible("FOREIGN_USAGE", "usdm")
                ),
                world=world(FUTURES_OFF, usdm=USED_UP),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="overloaded-and-not-listed",
        about="the futures' public call answers -1008, and the address is not on the recorded list",
        steps=(
            Step(
                expected=failing(
                    likely("IP_NOT_WHITELISTED"), confirmed("EXCHANGE_OVERLOAD", "usdm")
                ),
                world=world(
                    ELSEWHERE,
                    faults=(Fault(path="/fapi/v1/time", answer=Answer.OVERLOADED),),
                ),
            ),
        ),
        recorded={"main": (STALE,)},
    ),
    Drill(
        name="ahead-and-closed-udp-and-futures-off",
        about="clock 1.5 s ahead, no NTP packet comes back, futures off",
        steps=(
            Step(
                expected=failing(confirmed("CLOCK_AHEAD", "self"), confirmed("PERMISSION_MISSING")),
                world=world(FUTURES_OFF),
                sources=(SILENT,) * 3,
            ).ahead(AHEAD),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="not-listed-and-secret-swapped",
        about="the address is not on the recorded list, and the secret belongs to another key; "
        "what is checked first is all that shows",
        steps=(
            Step(
                expected=failing(confirmed("IP_NOT_WHITELISTED"), tempting=("KEY_INVALID",)),
                under=dict.fromkeys(
                    ("signature before address", "address last"),
                    failing(confirmed("SIGNATURE_INVALID"), tempting=("KEY_INVALID",)),
                ),
                world=world(ELSEWHERE),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(secret=ANOTHER_SECRET)}),
        recorded={"main": (STALE,)},
        orders=ORDERS,
    ),
    Drill(
        name="ahead-and-older-key",
        about="clock 1.5 s ahead, and the key is older than the futures account",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_AHEAD", "self"),
                    likely("KEY_OLDER_THAN_FUTURES"),
                    tempting=("PERMISSION_MISSING",),
                ),
                world=world(TOO_OLD),
            ).ahead(AHEAD),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="behind-and-account-inactive",
        about="clock 7 s behind, and the futures account is inactive",
        steps=(
            Step(
                expected=failing(
                    confirmed("CLOCK_BEHIND", "self"), confirmed("ACCOUNT_RESTRICTED")
                ),
                world=world(restricted(Restriction.INACTIVE)),
            ).ahead(BEHIND),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="cooling-off-and-no-list",
        about="the futures account is cooling off, and the key has no IP list",
        steps=(
            Step(
                expected=failing(confirmed("ACCOUNT_RESTRICTED"), confirmed("IP_RESTRICTION_OFF")),
                world=world(restricted(Restriction.COOLING_OFF, ip_list=())),
            ),
        ),
        recorded={},
        orders=ORDERS,
    ),
    Drill(
        name="spot-down-and-futures-off",
        about="spot answers 503, so nobody can ask what the key may do, and futures are off",
        steps=(
            Step(
                expected=failing(
                    confirmed("EXCHANGE_UNAVAILABLE", "spot"),
                    possible("PERMISSION_MISSING"),
                    possible("KEY_INVALID"),
                    tempting=("IP_NOT_WHITELISTED",),
                ),
                world=world(
                    FUTURES_OFF,
                    faults=(Fault(path="/api/v3/time", answer=Answer.SERVICE_UNAVAILABLE),),
                ),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="futures-unreachable-and-older-key",
        about="nobody listens at the futures' address, and the key is older than the account there",
        steps=(
            Step(
                expected=failing(
                    confirmed("NETWORK_CONNECTION", "usdm"), unknown=("KEY_OLDER_THAN_FUTURES",)
                ),
                world=world(TOO_OLD),
            ),
        ),
        setup=Setup(usdm=CLOSED),
    ),
    Drill(
        name="reading-off-and-account-inactive",
        about="reading is off, and the futures account is inactive; every read says -2015",
        steps=(
            Step(
                expected=failing(
                    likely("PERMISSION_MISSING"),
                    confirmed("ACCOUNT_RESTRICTED"),
                    tempting=("KEY_INVALID", "IP_NOT_WHITELISTED"),
                ),
                world=world(
                    msgspec.structs.replace(
                        restricted(Restriction.INACTIVE),
                        permissions=Permissions(enable_reading=False),
                    )
                ),
            ),
        ),
        orders=ORDERS,
    ),
    Drill(
        name="two-accounts-two-faults",
        about="one key lacks futures, the other one was deleted",
        steps=(
            Step(
                expected=failing(
                    confirmed("PERMISSION_MISSING"),
                    likely("KEY_INVALID", "hedge"),
                    possible("WRONG_ENVIRONMENT", "hedge"),
                ),
                world=world(FUTURES_OFF, listed(api_key=SECOND_KEY, deleted=True)),
            ),
        ),
        setup=Setup(accounts={"main": KeyOnHost(), "hedge": KeyOnHost(api_key=SECOND_KEY)}),
        recorded={"main": (ADDRESS,), "hedge": (ADDRESS,)},
        orders=ORDERS,
    ),
)
