"""The service's configuration file."""

from datetime import timedelta
from pathlib import Path

import pytest

from sonde_core.errors import ConfigInvalidError
from sonde_service.config import ServiceConfig, parse, read

ROOT = Path(__file__).parents[2]
TLS = 'ca_file = "ca"\ncert_file = "cert"\nkey_file = "key"\n'


def test_an_empty_file_means_the_defaults() -> None:
    config = parse("", {})

    assert config == ServiceConfig()
    assert config.fanout.width == 100
    assert config.fanout.timeout == timedelta(seconds=10)
    assert config.store_url == "sqlite:////var/lib/sonde/service.sqlite3"


def test_every_key_is_read() -> None:
    config = parse(
        '[service]\nsocket = "/s"\nlisten = "0.0.0.0:7440"\nstate_dir = "/d"\n'
        f"[service.tls]\n{TLS}"
        '[store]\nurl = "postgresql://db/sonde"\n'
        '[fanout]\nwidth = 7\ntimeout = "250ms"\n'
        f"[agents.tls]\n{TLS}",
        {},
    )

    assert config.service.socket == Path("/s")
    assert config.service.listen == "0.0.0.0:7440"
    assert config.service.tls is not None
    assert config.service.tls.key_file == Path("key")
    assert config.store_url == "postgresql://db/sonde"
    assert (config.fanout.width, config.fanout.timeout) == (7, timedelta(milliseconds=250))
    assert config.agents.tls == config.service.tls


def test_the_example_is_all_defaults_and_the_one_that_init_writes() -> None:
    deployed = ROOT / "deploy" / "service" / "service.example.toml"
    packaged = ROOT / "service" / "sonde_service" / "service.example.toml"

    assert read(deployed, {}) == ServiceConfig()
    assert deployed.read_bytes() == packaged.read_bytes()


def test_the_environment_overrides_the_file_and_other_variables_do_not_matter() -> None:
    environ = {
        "SONDE_FANOUT_WIDTH": "50",
        "SONDE_FANOUT_TIMEOUT": "3s",
        "SONDE_SERVICE_STATE_DIR": "/elsewhere",
        "SONDE_SERVICE": "unix:/run/other.sock",
    }
    config = parse("[fanout]\nwidth = 7\n", environ)

    assert config.fanout.width == 50
    assert config.fanout.timeout == timedelta(seconds=3)
    assert config.service.state_dir == Path("/elsewhere")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[fanout]\nwidht = 5", 'fanout.widht: there is no such key; did you mean "width"?'),
        ("[sevrice]\n", 'sevrice: there is no such key; did you mean "service"?'),
        ("[fanout]\nwidth = 0", "fanout.width: give 1 or more"),
        ("[fanout]\nwidth = 1001", "fanout.width: give 1000 at most"),
        ('[fanout]\nwidth = "many"', "fanout.width: write a whole number"),
        ("[fanout]\ntimeout = 10", "fanout.timeout: write a text in quotes"),
        (
            '[fanout]\ntimeout = "10"',
            "fanout.timeout: '10' is no span of time: write for example \"",
        ),
        ('[fanout]\ntimeout = "99ms"', "fanout.timeout: must be 100ms to 5m"),
        ('[fanout]\ntimeout = "6m"', "fanout.timeout: must be 100ms to 5m"),
        ("fanout = 3", "fanout: write a section"),
        ('[service.tls]\nca_file = "x"', "service.tls: give cert_file as well"),
        ("[service", "not TOML: "),
    ],
)
def test_what_will_not_do_is_refused_with_the_key_and_the_fix(text: str, told: str) -> None:
    with pytest.raises(ConfigInvalidError) as caught:
        parse(text, {})

    assert str(caught.value).startswith(told)


def test_a_file_that_is_not_there_is_named_with_the_command_that_writes_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "service.toml"

    with pytest.raises(ConfigInvalidError, match=f"sonde-service init --config {path}"):
        read(path, {})


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "service.toml"
    path.write_text("[fanout]\nwidht = 5")

    with pytest.raises(ConfigInvalidError, match=r"service\.toml: fanout\.widht: "):
        read(path, {})


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "service.toml"
    path.write_bytes(b"\xef\xbb\xbf[fanout]\nwidth = 5\n")

    assert read(path, {}).fanout.width == 5


def test_what_is_nested_too_deeply_is_told_as_that() -> None:
    with pytest.raises(ConfigInvalidError, match="nested too deeply"):
        parse("x=" + "[" * 20_000 + "]" * 20_000, {})


def test_a_misspelt_variable_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigInvalidError, match=r"SONDE_FANOUT_WITH: .*SONDE_FANOUT_WIDTH"):
        parse("", {"SONDE_FANOUT_WITH": "3"})
