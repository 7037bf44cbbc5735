"""What stands on a simulated host: its agent's configuration, and its key in files."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET

TO_SPOT, TO_FUTURES = "{url}", "{named_url}"
"""The straight ways to the exchange. Two names: a ban from one endpoint is none from the other."""

_CONFIG = """\
[agent]
socket = {socket}
state_dir = {home}

[clock]
servers = {servers}
samples = 3
timeout = "2s"
synchronizer = "elsewhere"

[egress]
echo_urls = {echoes}

[exchange]
environment = "custom"
{proxy}{resolver}
[exchange.urls]
spot = {spot}
usdm = {usdm}
{coinm}
[budget]
weight_per_minute = 6000
"""
_ACCOUNT = """
[[account]]
name = {name}
api_key_file = {key}
secret_file = {secret}
whitelist = {whitelist}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOnHost:
    """A key as it was put on the host. None: there is no such file."""

    api_key: str | None = EXAMPLE_API_KEY
    secret: str | None = EXAMPLE_SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a host is set up."""

    accounts: Mapping[str, KeyOnHost] = field(default_factory=lambda: {"main": KeyOnHost()})
    spot: str = TO_SPOT
    """The base URL of spot, where `{url}` and `{named_url}` may stand for the exchange, `{port}`
    for its port, `{closed}` for a port that nobody listens on, and `{intercepted}` for somebody who
    opens TLS."""
    usdm: str = TO_FUTURES
    """The base URL of futures, likewise."""
    coinm: str = ""
    """Likewise of COIN-M futures; empty where the host has nothing to do with them."""
    proxy: str = ""
    """Likewise."""
    second_resolver: Sequence[str] = ()
    """What another name server tells of every name; empty where none is set up."""
    trusting: bool = False
    """Whether the host trusts the authority of whoever opens TLS."""
    recv_window: str = ""
    """What the engine sends; empty is not known."""
    require: Sequence[str] = ()
    """The permissions that a key must have; empty is as the agent has it by itself."""
    whitelist: Sequence[str] = ()
    """The IP list of the accounts, as the host's own configuration has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where a host finds what is around it."""

    url: str
    """Of the exchange, on loopback."""
    sources: Sequence[str]
    """Of NTP, host and port."""
    closed: int = 0
    """A port that nobody listens on."""
    intercepted: str = ""
    """The URL of somebody who opens TLS."""
    resolver: str = ""
    """A name server beside the host's own."""

    @property
    def named_url(self) -> str:
        """The same exchange by another name, which makes it another server to the agent."""
        return self.url.replace("127.0.0.1", "localhost")

    def place(self, template: str) -> str:
        """Return a URL with what is around filled in."""
        port = self.url.rpartition(":")[2]
        return template.format(
            url=self.url,
            named_url=self.named_url,
            port=port,
            closed=self.closed,
            intercepted=self.intercepted,
        )


def write_files(home: Path, setup: Setup, around: Around) -> Path:
    """Write a host's files into a directory and return its agent's configuration."""
    text = _CONFIG.format(
        socket=_text(home / "agent.sock"),
        home=_text(home),
        servers=_texts(around.sources),
        echoes=_texts((f"{around.url}/_sonde/ip", f"{around.named_url}/_sonde/ip.json")),
        proxy=f"proxy = {_text(around.place(setup.proxy))}\n" if setup.proxy else "",
        resolver=f"resolver = {_text(around.resolver)}\n" if around.resolver else "",
        spot=_text(around.place(setup.spot)),
        usdm=_text(around.place(setup.usdm)),
        coinm=f"coinm = {_text(around.place(setup.coinm))}\n" if setup.coinm else "",
    )
    if setup.recv_window:
        text += f"\n[engine]\nrecv_window = {_text(setup.recv_window)}\n"
    if setup.require:
        text += f"\n[policy]\nrequire = {_texts(setup.require)}\n"
    for name in setup.accounts:
        files = {"key": _text(home / f"{name}.key"), "secret": _text(home / f"{name}.secret")}
        text += _ACCOUNT.format(name=_text(name), whitelist=_texts(setup.whitelist), **files)
    put_keys(home, setup.accounts)
    config = home / "agent.toml"
    config.write_text(text, "utf-8")
    return config


def put_keys(home: Path, accounts: Mapping[str, KeyOnHost]) -> None:
    """Put keys on a host in place of those that were there."""
    for name, key in accounts.items():
        for path, text in ((f"{name}.key", key.api_key), (f"{name}.secret", key.secret)):
            (home / path).unlink(missing_ok=True)
            if text is not None:
                _write_private(home / path, text)


def _text(value: object) -> str:
    """Return a TOML string."""
    return json.dumps(str(value))


def _texts(values: Sequence[str]) -> str:
    return json.dumps(list(values))


def _write_private(path: Path, text: str) -> None:
    """Write a secret that was never readable by others."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
