"""Faults on the way to the exchange, and of the agent itself."""

from dataclasses import replace
from datetime import timedelta

from sonde_core.exits import Exit
from sonde_lab.drills.drill import (
    Claim,
    Drill,
    Expected,
    Incident,
    Step,
    confirmed,
    likely,
    possible,
    world,
)
from sonde_lab.drills.engine import NAME as ENGINE
from sonde_lab.host import Setup
from sonde_lab.interceptor import INTERCEPTOR
from sonde_lab.world import Answer, Fault, Surface

_KEY = ("IP_NOT_WHITELISTED", "KEY_INVALID", "SIGNATURE_INVALID")
CLOSED = "http://127.0.0.1:{closed}"
NOBODY = "https://api.exchange.invalid"
NO_TLS = "https://127.0.0.1:{port}"
OPENED = "{intercepted}"
PUBLIC = "192.88.99.1"
"""Nobody is there any more (RFC 7526), and nobody asks it."""


def broken(cause: str) -> Expected:
    """Return what a host must come to that reaches neither endpoint: nothing about its key."""
    found = (confirmed(cause, "spot"), confirmed(cause, "usdm"))
    return Expected(found=found, exit=Exit.FAILURE, unknown=(*_KEY, "PERMISSION_MISSING"))


def _of_futures(*claims: Claim) -> Expected:
    """Return what a host must come to whose futures calls fail on their way."""
    return Expected(found=claims, exit=Exit.FAILURE, tempting=_KEY)


def _answered(name: str, about: str, answer: Answer, expected: Expected) -> Drill:
    """Return a drill in which everything is answered by something in between."""
    step = Step(expected=expected, world=world(faults=(Fault(answer=answer),)))
    return Drill(name=name, about=about, steps=(step,))


_OPENED = replace(broken("NETWORK_TLS"), named=INTERCEPTOR)
_STRANGER = Expected(
    found=(likely("NETWORK_CONNECTION", "spot"), likely("NETWORK_CONNECTION", "usdm")),
    exit=Exit.FAILURE,
    unknown=(*_KEY, "PERMISSION_MISSING"),
)
"""Somebody answers who is not the exchange."""

DRILLS = (
    Drill(
        name="name-not-found",
        about="the exchange's name does not resolve",
        steps=(Step(expected=broken("NETWORK_DNS")),),
        setup=Setup(spot=NOBODY, usdm=NOBODY),
    ),
    Drill(
        name="name-servers-differ",
        about="another name server tells another address of the exchange, which has many",
        steps=(Step(expected=Expected(exit=Exit.HEALTHY, tempting=("NETWORK_DNS",))),),
        setup=Setup(second_resolver=("127.0.0.2",)),
    ),
    Drill(
        name="name-leads-to-a-relay",
        about="the host's own name server tells a private address, another one a public one",
        steps=(
            Step(
                expected=Expected(
                    found=(possible("NETWORK_DNS", "usdm"),),
                    exit=Exit.WARNING,
                    tempting=("NETWORK_CONNECTION", "NETWORK_TLS"),
                )
            ),
        ),
        setup=Setup(second_resolver=(PUBLIC,)),
    ),
    Drill(
        name="connection-refused",
        about="nobody listens at the exchange's address",
        steps=(Step(expected=broken("NETWORK_CONNECTION")),),
        setup=Setup(spot=CLOSED, usdm=CLOSED),
    ),
    Drill(
        name="futures-unreachable",
        about="spot works, nobody listens at the futures' address",
        steps=(Step(expected=_of_futures(confirmed("NETWORK_CONNECTION", "usdm"))),),
        setup=Setup(usdm=CLOSED),
    ),
    Drill(
        name="proxy-down",
        about="the engine's proxy is down",
        steps=(Step(expected=broken("NETWORK_CONNECTION")),),
        setup=Setup(proxy=CLOSED),
    ),
    Drill(
        name="no-tls",
        about="something in between does not speak TLS",
        steps=(Step(expected=broken("NETWORK_TLS")),),
        setup=Setup(spot=NO_TLS, usdm=NO_TLS),
    ),
    Drill(
        name="tls-opened-by-the-company",
        about="a gateway opens TLS, and the host trusts its authority",
        steps=(Step(expected=_OPENED),),
        setup=Setup(spot=OPENED, usdm=OPENED, trusting=True),
    ),
    Drill(
        name="tls-opened-by-a-stranger",
        about="somebody opens TLS on the way to futures, and nobody vouches for him",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("NETWORK_TLS", "usdm"),),
                    named=INTERCEPTOR,
                    exit=Exit.FAILURE,
                    tempting=(*_KEY, "CLOCK_AHEAD"),
                )
            ),
        ),
        setup=Setup(usdm=OPENED),
    ),
    Drill(
        name="futures-silent",
        about="futures do not answer within 4 s",
        steps=(
            Step(
                expected=_of_futures(confirmed("NETWORK_TIMEOUT", "usdm")),
                world=world(faults=(Fault(surface=Surface.USDM, delay_ms=6_000),)),
            ),
        ),
    ),
    Drill(
        name="signed-call-silent",
        about="the public call is answered, a signed one is not",
        steps=(
            Step(
                expected=_of_futures(likely("NETWORK_TIMEOUT", "usdm")),
                world=world(faults=(Fault(path="/fapi/v1/accountConfig", delay_ms=6_000),)),
            ),
        ),
    ),
    _answered(
        "cut-connections",
        "each connection ends without an answer",
        Answer.NO_ANSWER,
        broken("NETWORK_CONNECTION"),
    ),
    _answered(
        "sign-in-page", "the network answers with its sign-in page", Answer.HTML_PAGE, _STRANGER
    ),
    _answered("redirected", "the network redirects every call", Answer.REDIRECT, _STRANGER),
    _answered(
        "location-refused",
        "the exchange turns the location away",
        Answer.RESTRICTED_LOCATION,
        broken("GEO_RESTRICTED"),
    ),
    Drill(
        name="futures-location-refused",
        about="only futures turn the location away",
        steps=(
            Step(
                expected=_of_futures(confirmed("GEO_RESTRICTED", "usdm")),
                world=world(
                    faults=(Fault(surface=Surface.USDM, answer=Answer.RESTRICTED_LOCATION),)
                ),
            ),
        ),
    ),
    Drill(
        name="agent-died",
        about="the agent's process has ended",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("AGENT_UNREACHABLE", "self"),),
                    exit=Exit.SILENT,
                ),
                incident=Incident.DIES,
            ),
        ),
    ),
    Drill(
        name="agent-frozen",
        about="the agent's process stands still",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("AGENT_UNREACHABLE", "self"),),
                    exit=Exit.SILENT,
                ),
                incident=Incident.FREEZES,
                timeout=timedelta(seconds=1),
            ),
        ),
    ),
    Drill(
        name="engine-silent",
        about="the engine beside the agent has ended; it used to report every second",
        steps=(
            Step(
                expected=Expected(
                    found=(confirmed("ENGINE_SILENT", ENGINE),),
                    exit=Exit.FAILURE,
                    tempting=("AGENT_UNREACHABLE",),
                ),
                incident=Incident.LOSES_ENGINE,
            ),
        ),
    ),
)
