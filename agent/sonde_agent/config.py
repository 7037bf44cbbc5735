"""The agent's configuration: one TOML file, read once, checked once."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from sonde_agent.keyring import KeyFiles
from sonde_agent.probes.name_server import NameServer
from sonde_agent.probes.ntp import NtpServer
from sonde_core.addresses import parse_network
from sonde_core.errors import ConfigInvalidError
from sonde_core.settings import Span, check_keys, key_first, override
from sonde_wire.addresses import TcpAddress, parse_address

URLS: Mapping[str, Mapping[str, str]] = {
    "production": {"spot": "https://api.binance.com", "usdm": "https://fapi.binance.com"},
    "testnet": {
        "spot": "https://testnet.binance.vision",
        "usdm": "https://testnet.binancefuture.com",
    },
    "demo": {"spot": "https://demo-api.binance.com", "usdm": "https://demo-fapi.binance.com"},
}
"""Base URLs of each environment of the exchange."""

_LISTS = (
    ("clock", "servers"),
    ("egress", "echo_urls"),
    ("policy", "require"),
    ("policy", "forbid"),
)
"""Lists of texts, which a variable of the environment separates by commas."""
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Some = Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=16)]
_PERMISSIONS = (
    "enableReading",
    "enableWithdrawals",
    "enableInternalTransfer",
    "enableMargin",
    "enableFutures",
    "permitsUniversalTransfer",
    "enableVanillaOptions",
    "enableFixApiTrade",
    "enableFixReadOnly",
    "enableSpotAndMarginTrading",
    "enablePortfolioMarginTrading",
)
"""Fields of the answer to GET /sapi/v1/account/apiRestrictions."""
_SPANS = {
    "clock.timeout": (Span(milliseconds=50), Span(seconds=10)),
    "engine.recv_window": (Span(milliseconds=1), Span(seconds=60)),
}


class TlsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[agent.tls]`: PEM files of this agent and of the one authority that it trusts."""

    ca_file: Path
    cert_file: Path
    key_file: Path


class ServeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[agent]`: where the agent serves and where it keeps its files."""

    socket: Path = Path("/run/sonde/agent.sock")
    listen: str = ""
    """Host and port, beside the socket. Beyond loopback it needs `[agent.tls]`."""
    state_dir: Path = Path("/var/lib/sonde-agent")
    tls: TlsConfig | None = None


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


def read(path: Path, environ: Mapping[str, str]) -> AgentConfig:
    """Read a file. Raises `ConfigInvalidError` that names the file, the key and the fix."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigInvalidError(f"{path}: cannot be read: {reason}", path=str(path)) from error
    try:
        return parse(text, environ)
    except ConfigInvalidError as error:
        raise ConfigInvalidError(f"{path}: {error}", **error.metadata) from error


def parse(text: str, environ: Mapping[str, str]) -> AgentConfig:
    """Read a configuration's text; `SONDE_…` variables, such as SONDE_AGENT_SOCKET, override it.

    Raises `ConfigInvalidError` that names the key and the fix.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalidError(f"not TOML: {error}") from error
    check_keys(table, AgentConfig)
    try:
        config = msgspec.convert(
            _split_lists(override(table, AgentConfig, environ)),
            AgentConfig,
            strict=False,  # a variable's value is text
            dec_hook=_decode,
        )
    except msgspec.ValidationError as error:
        raise ConfigInvalidError(key_first(str(error))) from error
    for key, problem in _problems(config):
        raise ConfigInvalidError(f"{key}: {problem}", key=key)
    return config


def _split_lists(table: dict[str, Any]) -> dict[str, Any]:
    """Take apart the lists that came from the environment."""
    for section, key in _LISTS:
        value = table.get(section, {})
        if isinstance(value, dict) and isinstance(value.get(key), str):
            parts = [part.strip() for part in value[key].split(",")]
            table[section] = value | {key: [part for part in parts if part]}
    return table


def _decode(type_: type, value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"write a text in quotes, not {value!r}")  # noqa: TRY004 - msgspec adds the key to a ValueError
    return type_.parse(value) if issubclass(type_, Span | NameServer) else Path(value)


def _problems(config: AgentConfig) -> Iterator[tuple[str, str]]:
    """Return each key whose value cannot be used, and what to write instead."""
    yield from _span_problems(config)
    for index, server in enumerate(config.clock.servers):
        try:
            NtpServer.parse(server)
        except ValueError as error:
            yield f"clock.servers[{index}]", str(error)
    for index, url in enumerate(config.egress.echo_urls):
        yield from _url_problems(f"egress.echo_urls[{index}]", url, path=True)
    yield from _exchange_problems(config.exchange)
    yield from _account_problems(config.account)
    yield from _policy_problems(config.policy)
    yield from _metrics_problems(config.metrics)


def _span_problems(config: AgentConfig) -> Iterator[tuple[str, str]]:
    spans = {"clock.timeout": config.clock.timeout, "engine.recv_window": config.engine.recv_window}
    for key, span in spans.items():
        least, most = _SPANS[key]
        if span is not None and not least <= span <= most:
            milliseconds = (least / Span(milliseconds=1), most / Span(seconds=1))
            yield key, f"must be {milliseconds[0]:g}ms to {milliseconds[1]:g}s"


def _exchange_problems(exchange: ExchangeConfig) -> Iterator[tuple[str, str]]:
    if exchange.proxy:
        parts = _split(exchange.proxy)
        if parts is None or parts.scheme not in {"http", "https"} or parts.path not in {"", "/"}:
            yield "exchange.proxy", 'write "http://host:port"'
        elif "@" in parts.netloc:
            yield "exchange.proxy", "a password does not belong here; let the proxy know this host"
    if (exchange.environment == "custom") != (exchange.urls is not None):
        yield (
            "exchange.urls",
            'goes together with environment = "custom", and only with it; '
            f"environment is {exchange.environment!r}",
        )
    if exchange.urls:
        for key in ("spot", "usdm", "coinm"):
            url = getattr(exchange.urls, key)
            if url or key != "coinm":
                yield from _url_problems(f"exchange.urls.{key}", url, path=False)


def _url_problems(key: str, url: str, *, path: bool) -> Iterator[tuple[str, str]]:
    """Secrets and evidence travel over HTTPS, except on this very machine."""
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"}:
        yield key, f'{url!r} is no URL: write "https://host"'
    elif parts.scheme == "http" and not _loopback(parts.hostname or ""):
        yield key, f"{url!r} must begin with https://; plain http:// is for loopback only"
    elif (
        "@" in parts.netloc or parts.query or parts.fragment or (parts.path.strip("/") and not path)
    ):
        form = "host, port and path" if path else "host and port"
        yield key, f"{url!r} must have {form} only"


def _split(url: str) -> SplitResult | None:
    with suppress(ValueError):  # not raised for a wrong port before it is asked for
        parts = urlsplit(url)
        if parts.hostname and parts.port != 0:
            return parts
    return None


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _account_problems(accounts: tuple[AccountConfig, ...]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for index, account in enumerate(accounts):
        if account.name in seen:
            yield f"account[{index}].name", f"{account.name!r} is used twice: give each its own"
        seen.add(account.name)
        if (account.secret_file is None) == (account.private_key_file is None):
            yield (
                f"account[{index}]",
                "write either secret_file (an HMAC key) or private_key_file (RSA or Ed25519)",
            )
        for entry in account.whitelist:
            try:
                parse_network(entry)
            except ValueError as error:
                yield f"account[{index}].whitelist", f"{error}; write an address or a CIDR network"


def _metrics_problems(metrics: MetricsConfig) -> Iterator[tuple[str, str]]:
    if metrics.listen and not (metrics.address and metrics.address.loopback):
        yield (
            "metrics.listen",
            f"{metrics.listen} is not on loopback, and metrics are served in plain text to whoever "
            'asks; write "127.0.0.1:9464" and collect them on this host',
        )


def _policy_problems(policy: PolicyConfig) -> Iterator[tuple[str, str]]:
    for key, names in {"require": policy.require, "forbid": policy.forbid}.items():
        for index, name in enumerate(names):
            if name not in _PERMISSIONS:
                [nearest] = get_close_matches(name, _PERMISSIONS, n=1, cutoff=0)
                yield (
                    f"policy.{key}[{index}]",
                    f"{name[:64]!r} is no permission of the exchange; the nearest is {nearest!r}",
                )
