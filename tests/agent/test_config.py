"""The agent's configuration."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from sonde_agent.config import AgentConfig, parse, read
from sonde_core.errors import ConfigInvalidError

CUSTOM = """
[exchange]
environment = "custom"
[exchange.urls]
spot = "{url}"
usdm = "https://fapi.example/"
"""
ACCOUNT = """
[[account]]
name = "{name}"
api_key_file = "/etc/sonde/main.key"
secret_file = "/etc/sonde/main.secret"
whitelist = ["{entry}"]
"""


def account(name: str = "main", entry: str = "203.0.113.7") -> str:
    return ACCOUNT.format(name=name, entry=entry)


def test_an_empty_file_is_enough_for_everything_but_keys() -> None:
    config = parse("", {})

    assert config == AgentConfig()
    assert len(config.clock.servers) >= 3
    assert len(config.egress.echo_urls) >= 2
    assert config.urls == {
        "spot": "https://api.binance.com",
        "usdm": "https://fapi.binance.com",
    }


def test_every_setting_is_read() -> None:
    config = parse(
        """
        [agent]
        socket = "/tmp/a.sock"
        listen = "127.0.0.1:7443"
        [agent.tls]
        ca_file = "ca.pem"
        cert_file = "a.pem"
        key_file = "a.key"
        [engine]
        recv_window = "10s"
        [clock]
        servers = ["127.0.0.1:1123", "[::1]:123", "time.example"]
        samples = 2
        timeout = "500ms"
        [policy]
        require = ["enableReading"]
        [budget]
        weight_per_minute = 100
        """
        + account()
        + CUSTOM.format(url="http://127.0.0.1:8080"),
        {},
    )

    assert config.agent.tls is not None
    assert config.agent.tls.ca_file == Path("ca.pem")
    assert config.engine.recv_window == timedelta(seconds=10)
    assert config.clock.timeout == timedelta(milliseconds=500)
    assert config.account[0].networks == (ip_network("203.0.113.7"),)
    assert config.urls == {"spot": "http://127.0.0.1:8080", "usdm": "https://fapi.example"}
    assert config.budget.weight_per_minute == 100


def test_an_account_has_the_file_that_signs_for_it() -> None:
    hmac = parse(account(), {}).account[0].key_files
    other = parse(account().replace("secret_file", "private_key_file"), {}).account[0].key_files

    assert (hmac.secret_file, hmac.private_key_file) == (Path("/etc/sonde/main.secret"), None)
    assert (other.secret_file, other.private_key_file) == (None, Path("/etc/sonde/main.secret"))


def test_variables_override_the_file() -> None:
    config = parse(
        '[agent]\nsocket = "/a.sock"',
        {
            "SONDE_AGENT_SOCKET": "/b.sock",
            "SONDE_CLOCK_SERVERS": "one.example, two.example:1123",
            "SONDE_CLOCK_SAMPLES": "2",
            "SONDE_ENGINE_RECV_WINDOW": "2s",
        },
    )

    assert config.agent.socket == Path("/b.sock")
    assert config.clock.servers == ("one.example", "two.example:1123")
    assert config.clock.samples == 2
    assert config.engine.recv_window == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SONDE_CLOCK_SAMPELS", "did you mean SONDE_CLOCK_SAMPLES?"),
        ("SONDE_AGENT_TLS_CAFILE", "did you mean SONDE_AGENT_TLS_CA_FILE?"),
        ("SONDE_ACCOUNT_NAME", ""),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ConfigInvalidError) as refused:
        parse("", {name: "3"})

    assert str(refused.value).startswith(f"{name}: there is no such variable; {hint}")


def test_variables_of_others_do_not_matter() -> None:
    others = ("AGENT_CONFIG", "SERVICE", "SERVICE_SOCKET", "REPORTER_SOCKET", "TLS_CA", "STORE_URL")

    assert parse("", {f"SONDE_{name}": "x" for name in others}) == AgentConfig()


@pytest.mark.parametrize(
    "name",
    [
        "SONDE_AGENT_SERVICE_HOST",
        "SONDE_AGENT_SERVICE_PORT_GRPC",
        "SONDE_AGENT_PORT",
        "SONDE_AGENT_PORT_7443_TCP_ADDR",
    ],
)
def test_where_a_cluster_has_a_service_of_that_name_is_no_setting(name: str) -> None:
    assert parse("", {name: "tcp://10.0.0.1:7443"}) == AgentConfig()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[clok]", 'clok: there is no such key; did you mean "clock"', id="section"),
        pytest.param(
            "[clock]\nserver = []",
            'clock.server: there is no such key; did you mean "servers"',
            id="key",
        ),
        pytest.param(
            account() + 'secret = "x"', 'account.secret: .*did you mean "secret_file"', id="secret"
        ),
        pytest.param("x =", "not TOML", id="no TOML"),
        pytest.param("x=" + "[" * 20_000 + "]" * 20_000, "nested too deeply", id="deep"),
        pytest.param("[clock]\nservers = []", "clock.servers: give 1 or more", id="no servers"),
        pytest.param('[clock]\nservers = ["a:b:c:0"]', None, id="bare IPv6 is taken as a host"),
        pytest.param('[clock]\nservers = ["a:x"]', r"clock.servers\[0\]: .*host:port", id="port"),
        pytest.param("[clock]\nsamples = 0", "clock.samples: give 1 or more", id="no samples"),
        pytest.param("[clock]\nservers = 3", r"clock.servers: write a list in \[", id="no list"),
        pytest.param('[clock]\ntimeout = "1h"', "clock.timeout: must be 50ms to 10s", id="hours"),
        pytest.param("[clock]\ntimeout = 3", "clock.timeout: .*in quotes", id="no unit"),
        pytest.param(
            '[engine]\nrecv_window = "61s"', "engine.recv_window: must be 1ms to 60s", id="window"
        ),
        pytest.param(
            '[egress]\necho_urls = ["http://echo.example"]',
            r"egress.echo_urls\[0\]: .*must begin with https",
            id="plain HTTP abroad",
        ),
        pytest.param(
            '[egress]\necho_urls = ["ftp://echo.example"]', "is no URL", id="another scheme"
        ),
        pytest.param(
            '[exchange]\nenvironment = "mars"',
            '"production" or "testnet" or "demo" or "custom"',
            id="environment",
        ),
        pytest.param(
            '[exchange]\nfamily = "ipv5"',
            'exchange.family: \'ipv5\' will not do; write "ipv4" or "ipv6"',
            id="family",
        ),
        pytest.param(
            CUSTOM.format(url="https://a.example").partition("usdm")[0],
            "exchange.urls: give usdm as well",
            id="half of the URLs",
        ),
        pytest.param(
            '[exchange]\nenvironment = "custom"', "exchange.urls: goes together", id="no URLs"
        ),
        pytest.param(
            CUSTOM.format(url="https://a.example").replace("custom", "production"),
            "exchange.urls: goes together",
            id="URLs without custom",
        ),
        pytest.param(
            CUSTOM.format(url="http://10.0.0.1"), "exchange.urls.spot: .*https", id="plain abroad"
        ),
        pytest.param(
            CUSTOM.format(url="https://u:p@a.example"), "exchange.urls.spot: ", id="password"
        ),
        pytest.param(
            CUSTOM.format(url="https://a.example/x"), "host and port only", id="path in base URL"
        ),
        pytest.param(
            CUSTOM.format(url="https://a.example:99999"), "is no URL", id="impossible port"
        ),
        pytest.param(
            CUSTOM.format(url="https://börse.example"), "is no URL", id="name that is not in ASCII"
        ),
        pytest.param(
            '[exchange]\nproxy = "http://börse:1"', "exchange.proxy: ", id="proxy not in ASCII"
        ),
        pytest.param(
            '[exchange]\nproxy = "socks5://p:1"', 'exchange.proxy: write "http', id="proxy"
        ),
        pytest.param(
            '[exchange]\nproxy = "http://u:p@proxy:1"', "exchange.proxy: a password", id="secret"
        ),
        pytest.param(account() + account(), r"account\[1\].name: 'main' is used twice", id="twice"),
        pytest.param(
            account() + 'private_key_file = "/x.pem"',
            r"account\[0\]: write either secret_file .* or private_key_file",
            id="two ways to sign",
        ),
        pytest.param(
            account().replace("secret_file", "# "),
            r"account\[0\]: write either secret_file .* or private_key_file",
            id="no way to sign",
        ),
        pytest.param(
            account(name="a b"), r"account\[0\].name: write a text of the form \[", id="name"
        ),
        pytest.param(
            account(entry="203.0.113.7/24"), r"account\[0\].whitelist: .*host bits", id="host bits"
        ),
        pytest.param(account(entry="office"), r"account\[0\].whitelist: .*CIDR", id="no address"),
        pytest.param(
            "[budget]\nweight_per_minute = 5",
            "budget.weight_per_minute: give 10 or more",
            id="budget",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_the_fix(text: str, said: str | None) -> None:
    if said is None:
        parse(text, {})
        return
    with pytest.raises(ConfigInvalidError, match=said):
        parse(text, {})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalidError, match=r"missing\.toml: cannot be read: No such file"):
        read(tmp_path / "missing.toml", {})
    bad = tmp_path / "bad.toml"
    bad.write_text("[clok]")
    with pytest.raises(ConfigInvalidError, match=r"bad\.toml: clok: "):
        read(bad, {})


@pytest.mark.parametrize(
    ("key", "name", "nearest"),
    [
        ("require", "enableFuture", "enableFutures"),
        ("forbid", "enableWithdrawal", "enableWithdrawals"),
        ("forbid", "enablewithdrawals", "enableWithdrawals"),
    ],
)
def test_a_permission_that_the_exchange_does_not_have_is_refused_with_the_nearest(
    key: str, name: str, nearest: str
) -> None:
    with pytest.raises(ConfigInvalidError, match=rf"policy\.{key}\[0\]: .*{nearest}"):
        parse(f'[policy]\n{key} = ["{name}"]\n', {})
