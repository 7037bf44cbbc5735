"""What is wrong with a configuration, whoever reads it, wherever."""

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from sonde_agent.config.shape import (
    AccountConfig,
    AgentConfig,
    ExchangeConfig,
    MetricsConfig,
    PolicyConfig,
)
from sonde_agent.probes.ntp import NtpServer
from sonde_core.addresses import parse_network
from sonde_core.settings import Span, suggest

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


def problems(config: AgentConfig) -> Iterator[tuple[str, str]]:
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
        if url.isascii() and parts.hostname and parts.port != 0:
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
    if metrics.listen and not (metrics.address and metrics.address.local):
        yield (
            "metrics.listen",
            f"{metrics.listen} is not on loopback, and metrics are served in plain text to whoever "
            'asks; write "127.0.0.1:9464" and collect them on this host',
        )


def _policy_problems(policy: PolicyConfig) -> Iterator[tuple[str, str]]:
    for key, names in {"require": policy.require, "forbid": policy.forbid}.items():
        for index, name in enumerate(names):
            if name not in _PERMISSIONS:
                nearest = suggest(name, _PERMISSIONS, alike=0)
                yield (
                    f"policy.{key}[{index}]",
                    f"{name[:64]!r} is no permission of the exchange; the nearest is {nearest!r}",
                )
