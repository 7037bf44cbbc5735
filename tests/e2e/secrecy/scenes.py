"""What may go wrong around an agent.

| where                 | what is gone through                                                  |
| --------------------- | --------------------------------------------------------------------- |
| the exchange          | every `Answer` of the lab, on signed calls and on all                 |
| the key, the limits   | a world for each                                                      |
| NTP                   | every `Behaviour` of the lab                                          |
| the way               | every way that a drill of the lab has                                 |
| the engine's proxy    | everything in `PROXIES`, on signed calls and on tunnels               |
| the other name server | everything in `RESOLVERS`                                             |
| the centre            | it is away                                                            |

So whatever the lab or a table learns is among it. `DRILLED` has every step of every drill besides.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from sonde_core.readings import KeyType
from sonde_lab.drills.drill import Drill
from sonde_lab.drills.every import DRILLS
from sonde_lab.host import Setup
from sonde_lab.name_server import reply_to
from sonde_lab.ntp import Behaviour, Source
from sonde_lab.world import Answer, Fault, Key, Limits, Permissions, Place, SurfaceState, World
from tests.agent import servers
from tests.agent.between import Meddle
from tests.agent.servers import Respond, answer
from tests.agent.test_second_resolver import answer as resolved
from tests.e2e.secrecy.place import HEALTHY, HMAC_ID, SECRET

SIGNED = (
    "/sapi/v1/account/apiRestrictions",
    "/sapi/v1/account/status",
    "/fapi/v1/accountConfig",
    "/fapi/v1/order/test",
    "/api/v3/account",
)
HEADERS = ("Content-Type", "Date", "Location", "Retry-After", "Server", "X-MBX-USED-WEIGHT-1M")
Resolve = Callable[[bytes], list[bytes]]

PROXIED = "{proxy}"
PLAIN = Setup(proxy=PROXIED)
HALF = Setup(proxy=PROXIED, usdm="https://localhost:{port}")
"""What is asked of futures goes through a tunnel."""
OPENED = Setup(proxy=PROXIED, spot="{intercepted}", usdm="{intercepted}", trusting=True)


def passed_on(head: bytes) -> None:
    """Do what a proxy is there for."""
    del head


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What surrounds an agent. By default all is well."""

    world: World = HEALTHY
    sources: tuple[Source, ...] = (Source(),)
    setup: Setup = field(default_factory=Setup)
    """Of it the way counts alone, where `{proxy}` may stand too."""
    proxy: Meddle = passed_on
    resolver: Resolve | None = None
    reported: bool = True
    """Whether the centre is there."""


def keys(**changes: object) -> Scene:
    """Return a scene in which both keys are different in some way."""
    keys = tuple(replace(key, **changes) for key in HEALTHY.keys)
    return Scene(world=replace(HEALTHY, keys=keys))


def counting(limits: Limits) -> Scene:
    """Return a scene in which every product counts differently."""
    state = SurfaceState(limits=limits)
    return Scene(world=replace(HEALTHY, spot=state, sapi=state, usdm=state))


def struck(answer: Answer, paths: Iterable[str | None]) -> Scene:
    """Return a scene in which something goes wrong on some paths."""
    faults = tuple(Fault(path=path, answer=answer) for path in paths)
    return Scene(world=replace(HEALTHY, faults=faults))


_DELAYS = tuple(Fault(path=path, delay_ms=3_000) for path in SIGNED)
_MISTAKEN = (Key(api_key=HMAC_ID, secret="another"), HEALTHY.keys[1])
EXCHANGE = {
    "nothing": Scene(),
    **{f"{each}, signed": struck(each, SIGNED) for each in Answer},
    **{str(each): struck(each, [None]) for each in Answer if each.place is not Place.WAY_BACK},
    "delay": Scene(world=replace(HEALTHY, faults=_DELAYS)),
    "the clock": Scene(world=replace(HEALTHY, clock_offset_ms=60_000)),
    "no key": keys(deleted=True),
    "the address": keys(ip_list=("203.0.113.7",)),
    "permissions": keys(permissions=Permissions(enable_reading=False, enable_futures=False)),
    "withdrawals": keys(permissions=Permissions(enable_withdrawals=True)),
    "the secret": Scene(world=replace(HEALTHY, keys=_MISTAKEN)),
    "a ban": counting(Limits(banned_until_ms=9_000_000_000_000)),
    "the weight": counting(Limits(weight_limit=30)),
    "maintenance": Scene(world=replace(HEALTHY, system_maintenance=True)),
}
NTP = {f"NTP {each}": Scene(sources=(Source(behaviour=each),)) for each in Behaviour} | {
    f"one NTP server {each}": Scene(sources=(Source(), Source(behaviour=each), Source()))
    for each in (Behaviour.LIAR, Behaviour.SILENT)
}


def told(head: bytes) -> str:
    """Return what a request tells that nobody else may know: its key and its signature."""
    sought = (rb"(?i:x-mbx-apikey): (\S+)", rb"signature=([^\s&]+)")
    return b" ".join(each for one in sought for each in re.findall(one, head)).decode()


PROXIES: Mapping[str, Meddle] = {
    "refuses": lambda _: answer(b"no", "403 Forbidden"),
    "wants a login": lambda _: answer(
        b"", "407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"\r\n'
    ),
    "cuts": lambda _: b"",
    "cuts in the middle": lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "answers garbage": lambda _: b"\x00\xff\x16\x03\x01 garbage\r\n\r\n",
    "repeats as a page": lambda head: answer(b"<html>" + head, "502 Bad Gateway"),
    "repeats as a refusal": lambda head: answer(
        b'{"code":-1000,"msg":"%s"}' % b" ".join(head.split()), "400 Bad Request"
    ),
    "repeats as its status": lambda head: b"HTTP/1.1 502 " + head,
    "repeats as a header": lambda head: b"HTTP/1.1 502 no\r\n" + head,
    "repeats as it is": lambda head: head,
    "repeats in its headers": lambda head: answer(
        b"{}", headers="".join(f"{name}: {told(head)}\r\n" for name in HEADERS)
    ),
    "repeats as what it packed with": lambda head: answer(
        b"{}", headers=f"Content-Encoding: {told(head)}\r\n"
    ),
    "is silent": lambda _: servers.silence,
    "drips": lambda _: servers.dripping,
    "does not end its headers": lambda _: servers.endless_headers,
}
RESOLVERS: Mapping[str, Resolve] = {
    "disagrees": lambda asked: [reply_to(asked, ["198.51.100.20", "2001:db8::20"])],
    "knows no such name": lambda asked: [resolved(asked, outcome=3)],
    "refuses": lambda asked: [resolved(asked, outcome=5)],
    "is silent": lambda _: [],
    "is cut off": lambda asked: [resolved(asked)[:-20]],
    "answers garbage": lambda asked: [resolved(asked)[: len(asked)] + b"\xff" * 40],
    "repeats": lambda asked: [asked],
}


def struck_by(meddle: Meddle) -> Scene:
    """Return a scene in which a proxy meddles with signed requests, and with tunnels."""

    def on_some(head: bytes) -> bytes | Respond | None:
        return meddle(head) if b"signature=" in head or head.startswith(b"CONNECT") else None

    return Scene(setup=HALF, proxy=on_some)


BETWEEN = {
    "a proxy": Scene(setup=PLAIN),
    "a proxy, and somebody opens TLS behind it": Scene(setup=OPENED),
    "somebody opens the TLS of a proxy": Scene(setup=Setup(proxy="{intercepted}")),
    **{f"a proxy {name}": struck_by(meddle) for name, meddle in PROXIES.items()},
    **{f"a name server {name}": Scene(resolver=each) for name, each in RESOLVERS.items()},
}


def way(setup: Setup) -> Setup:
    """Return the way to the exchange that a host has, and nothing else of it."""
    return Setup(
        spot=setup.spot,
        usdm=setup.usdm,
        proxy=setup.proxy,
        second_resolver=setup.second_resolver,
        trusting=setup.trusting,
    )


def as_in(drill: Drill, **fields: Any) -> Scene:  # noqa: ANN401 - Scene checks them
    """Return a scene that has a drill's way to the exchange."""
    told = drill.setup.second_resolver
    resolver = (lambda asked: [reply_to(asked, told)]) if told else None
    return Scene(setup=way(drill.setup), resolver=resolver, **fields)


WAYS = {repr(way(drill.setup)): drill for drill in reversed(list(DRILLS.values()))}
"""The first drill of each way to the exchange."""


def watched(world: World) -> World:
    """Return a drill's world with the keys that must not be seen, which are what its keys are."""
    first = (
        replace(world.keys[0], api_key=HMAC_ID, type=KeyType.HMAC, secret=SECRET, public_key=None)
        if world.keys
        else HEALTHY.keys[0]
    )
    return replace(world, keys=(first, HEALTHY.keys[1]))


SCENES = {
    **BETWEEN,
    **EXCHANGE,
    **NTP,
    **{f"as in {drill.name}": as_in(drill) for drill in WAYS.values()},
    "nobody takes the reports": Scene(reported=False),
}
DRILLED = {
    f"{drill.name} {number}": as_in(drill, world=watched(step.world), sources=step.sources)
    for drill in DRILLS.values()
    for number, step in enumerate(drill.steps)
}
