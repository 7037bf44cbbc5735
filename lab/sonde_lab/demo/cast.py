"""Who plays in the demo: ten hosts, each with its own world and its own trouble.

Each host has its own exchange and its own NTP servers, so its clock is put wrong by skewing the
world around it, never the machine.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sonde_lab.world import Key, Limits, Permissions, SurfaceState, World

STALE_ADDRESS = "198.51.100.7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One host of the demo."""

    name: str
    trouble: str
    address: str
    """What the exchange sees."""
    listed: str
    """What the key's IP list has, and what support recorded."""
    clock_ahead: timedelta = timedelta()
    """The host's clock minus the world's."""
    permissions: Permissions = field(default_factory=Permissions)
    limits: Limits = field(default_factory=Limits)
    secret: str | None = None
    """The secret on the host, where it is not the key's."""
    dies: bool = False
    """Its agent dies before the diagnosis."""

    def world(self) -> World:
        """Return the world around this host."""
        return World(
            clock_offset_ms=-round(self.clock_ahead / timedelta(milliseconds=1)),
            seen_ip=self.address,
            keys=(Key(ip_list=(self.listed,), permissions=self.permissions),),
            usdm=SurfaceState(limits=self.limits),
        )


def cast(now: datetime) -> list[Player]:
    """Return the ten hosts. A ban needs the present instant."""
    banned_until = now + timedelta(minutes=4, seconds=12)
    return [
        _host("sgp-01", 11, "nothing is wrong"),
        _host("tyo-02", 12, "clock 1.5 s ahead", clock_ahead=timedelta(milliseconds=1_500)),
        _host("tyo-03", 13, "clock 7 s behind", clock_ahead=timedelta(seconds=-7)),
        _host("sgp-04", 14, "address not on the key's IP list", listed=STALE_ADDRESS),
        _host(
            "fra-05", 15, "futures permission off", permissions=Permissions(enable_futures=False)
        ),
        _host(
            "hkg-06",
            16,
            "key may withdraw",
            permissions=Permissions(enable_withdrawals=True),
        ),
        _host("tyo-07", 17, "secret of another key", secret="AnotherKeysSecret" * 4),
        _host(
            "sgp-08",
            18,
            "address banned for a while",
            limits=Limits(banned_until_ms=round(banned_until.timestamp() * 1_000)),
        ),
        _host(
            "fra-09",
            19,
            "another tool spends the request limit",
            limits=Limits(weight_foreign=2_210),
        ),
        _host("hkg-10", 20, "agent died", dies=True),
    ]


def _host(name: str, number: int, trouble: str, **also: Any) -> Player:  # noqa: ANN401 - Player checks them
    address = f"203.0.113.{number}"
    return Player(name=name, trouble=trouble, address=address, **{"listed": address, **also})
