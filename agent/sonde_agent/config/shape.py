"""What the agent's configuration says, section by section."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from socket import gethostname
from typing import Annotated, Literal

import msgspec

from sonde_agent.keyring import KeyFiles
from sonde_agent.probes.name_server import NameServer
from sonde_core.addresses import parse_network
from sonde_core.readings import RECV_WINDOW
from sonde_core.settings import Span
from sonde_wire.addresses import TcpAddress, parse_address
from sonde_wire.tls import TlsFiles

URLS: Mapping[str, Mapping[str, str]] = {
    "production": {"spot": "https://api.binance.com", "usdm": "https://fapi.binance.com"},
    "testnet": {
        "spot": "https://testnet.binance.vision",
        "usdm": "https://testnet.binancefuture.com",
    },
    "demo": {"spot": "https://demo-api.binance.com", "usdm": "https://demo-fapi.binance.com"},
}
"""Base URLs of each environment of the exchange."""

_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Some = Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=16)]


class TlsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[agent.tls]`: PEM files of this agent and of the one authority that it trusts."""

    ca_file: Path
    cert_file: Path
    key_file: Path

    @property
    def files(self) -> TlsFiles:
        """Where the identity is kept."""
        return TlsFiles(ca_file=self.ca_file, cert_file=self.cert_file, key_file=self.key_file)


class ServeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[agent]`: where the agent serves and where it keeps its files."""

    socket: Path = Path("/run/sonde/agent.sock")
    listen: str = ""
    """Host and port, beside the socket. Beyond loopback it needs `[agent.tls]`."""
    state_dir: Path = Path("/var/lib/sonde-agent")
    tls: TlsConfig | None = None

    @property
    def identity(self) -> TlsFiles | None:
        """Who the agent is to others, where it is anybody."""
        return self.tls.files if self.tls else None


class EngineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[engine]`: the trading engine on this host."""

    socket: Path | None = None
    """Unset: engine.sock beside the agent's own. The directory's group may talk there."""
    recv_window: Span | None = None
    """What the engine sends as recvWindow, 1 ms to 60 s. Unset: the exchange's 5 s."""


class ClockConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[clock]`: the NTP servers that this host's clock is compared with."""

    servers: _Some = (
        "time.cloudflare.com",
        "time.google.com",
        "time.apple.com",
        "ntp.aliyun.com",
    )
    """Each "host" or "host:port"; three or more, so that a wrong one is noticed."""
    samples: Annotated[int, msgspec.Meta(ge=1, le=16)] = 4
    """Answers per server, 1 to 16. The one with the least delay counts."""
    timeout: Span = Span(seconds=2)
    """How long one server may take for all of them, 50 ms to 10 s."""
    synchronizer: Literal["here", "elsewhere"] = "here"
    """Where the program runs that keeps the clock right: in a container, elsewhere."""


class EgressConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[egress]`: services that answer with the address they saw."""

    echo_urls: _Some = (
        "https://checkip.amazonaws.com",
        "https://icanhazip.com",
        "https://api64.ipify.org",
    )


class UrlsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[exchange.urls]`: base URLs of environment "custom"."""

    spot: str
    usdm: str
    coinm: str = ""
    """Empty: this host has nothing to do with COIN-M futures, and they are not asked."""


class ExchangeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[exchange]`: which exchange, and the engine's own way to it."""

    environment: Literal["production", "testnet", "demo", "custom"] = "production"
    proxy: str = ""
    """An HTTP proxy. Proxies in the environment are ignored."""
    family: Literal["", "ipv4", "ipv6"] = ""
    """The address family that the engine uses; empty: whichever the host prefers."""
    resolver: NameServer | None = None
    """A name server whose answers the host's own are compared with."""
    urls: UrlsConfig | None = None


class AccountConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[[account]]`: one API key on this host, in files."""

    name: _Name
    api_key_file: Path
    secret_file: Path | None = None
    """The secret of an HMAC key; any other key has a private_key_file in its place."""
    private_key_file: Path | None = None
    """The private half of an RSA or Ed25519 key, as PEM."""
    whitelist: tuple[str, ...] = ()
    """The IP list of the key, as addresses or CIDR. Only what is written here is known."""

    @property
    def key_files(self) -> KeyFiles:
        """Where the key is kept."""
        return KeyFiles(
            api_key_file=self.api_key_file,
            secret_file=self.secret_file,
            private_key_file=self.private_key_file,
        )

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The IP list as networks; an address is a network of one."""
        return tuple(parse_network(entry) for entry in self.whitelist)


class PolicyConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[policy]`: permissions, by the exchange's own field names."""

    require: tuple[str, ...] = ("enableReading", "enableFutures")
    forbid: tuple[str, ...] = ("enableWithdrawals",)


class BudgetConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[budget]`: what the agent may spend of the limits that it shares with the engine."""

    weight_per_minute: Annotated[int, msgspec.Meta(ge=10, le=6000)] = 300
    """Request weight per minute over all endpoints; one diagnosis takes 4 (25 the first
    time in an hour) plus 28 per account, and 28 more where its requests met -1021. To watch
    the way takes 4 a minute."""


class MetricsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[metrics]`: the agent's state for Prometheus."""

    listen: str = ""
    """Host and port on loopback, such as "127.0.0.1:9464". Empty: nowhere."""

    @property
    def address(self) -> TcpAddress | None:
        """Where to listen, if anywhere."""
        address = parse_address(self.listen) if self.listen else None
        return address if isinstance(address, TcpAddress) else None


class ReportsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[reports]`: where what engines report is sent on to. They are kept here until then."""

    service: str = ""
    """The centre's address for agents, over TLS with the files of `[agent.tls]`; empty: nowhere."""
    host: str = ""
    """What this host is called there. Empty: the system's host name."""


class AgentConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    agent: ServeConfig = ServeConfig()
    engine: EngineConfig = EngineConfig()
    clock: ClockConfig = ClockConfig()
    egress: EgressConfig = EgressConfig()
    exchange: ExchangeConfig = ExchangeConfig()
    account: tuple[AccountConfig, ...] = ()
    policy: PolicyConfig = PolicyConfig()
    budget: BudgetConfig = BudgetConfig()
    metrics: MetricsConfig = MetricsConfig()
    reports: ReportsConfig = ReportsConfig()

    @property
    def recv_window(self) -> timedelta:
        """What the engine's requests are sent with."""
        return self.engine.recv_window or RECV_WINDOW

    @property
    def reports_host(self) -> str:
        """What this host is called at the centre."""
        return self.reports.host or gethostname()

    @property
    def engine_socket(self) -> Path:
        """Where engines talk to the agent."""
        return self.engine.socket or self.agent.socket.with_name("engine.sock")

    @property
    def engine_lines(self) -> Path:
        """Where engines that want no gRPC do: beside it, as engine.jsonl."""
        return self.engine_socket.with_suffix(".jsonl")

    @property
    def urls(self) -> Mapping[str, str]:
        """Base URLs: spot has /api and /sapi, usdm /fapi and coinm, where it is asked, /dapi."""
        own = self.exchange.urls
        urls = msgspec.structs.asdict(own) if own else URLS[self.exchange.environment]
        return {endpoint: url.rstrip("/") for endpoint, url in urls.items() if url}
