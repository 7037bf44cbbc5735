"""The command `sonde-service`, as it is typed."""

import signal
import socket as tcp
from pathlib import Path

import pytest

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.host_pb2 import Host
from sonde.support.v1.support_service_pb2_grpc import SupportServiceStub
from tests.service.commands import running, sonde_service


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "etc" / "service.toml"
    path.parent.mkdir()
    path.write_text(
        f'[service]\nsocket = "{tmp_path}/run/service.sock"\nstate_dir = "{tmp_path}/state"\n'
    )
    return path


def socket(config: Path) -> Path:
    return config.parent.parent / "run" / "service.sock"


def test_init_makes_all_that_run_needs_and_can_be_repeated(config: Path) -> None:
    before = config.read_text()
    first = sonde_service("init", "--config", config)
    again = sonde_service("init", "--config", config)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert config.read_text() == before
    assert (config.parent.parent / "state").stat().st_mode & 0o777 == 0o700
    with running(config, socket(config)):
        pass


def test_it_says_which_version_it_is() -> None:
    assert sonde_service("--version").stdout.startswith("sonde-service ")


def test_init_writes_an_example_where_there_is_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "new" / "service.toml"

    done = sonde_service(
        "init",
        "--config",
        path,
        SONDE_SERVICE_STATE_DIR=str(tmp_path / "state"),
        SONDE_SERVICE_SOCKET=str(tmp_path / "run" / "service.sock"),
    )

    assert done.returncode == 0, done.stderr
    assert "[fanout]" in path.read_text()
    assert (tmp_path / "state" / "service.sqlite3").exists()


def test_run_without_a_database_names_the_command_that_makes_one(config: Path) -> None:
    (config.parent.parent / "state").mkdir()

    done = sonde_service("run", "--config", config)

    assert done.returncode == 2
    assert "sonde-service migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_key_is_told_without_a_traceback(config: Path) -> None:
    config.write_text("[fanout]\nwidht = 5\n")

    for command in ("init", "run", "migrate"):
        done = sonde_service(command, "--config", config)
        assert done.returncode == 2
        assert done.stderr.strip().endswith('did you mean "width"?')


def test_migrate_goes_up_and_down(config: Path) -> None:
    sonde_service("init", "--config", config)

    assert sonde_service("migrate", "--config", config, "--down-to", "base").returncode == 0
    assert sonde_service("run", "--config", config).returncode == 2
    assert sonde_service("migrate", "--config", config).returncode == 0
    with running(config, socket(config)):
        pass


def test_sigterm_ends_it_cleanly_and_what_was_stored_is_there_again(config: Path) -> None:
    sonde_service("init", "--config", config)
    with running(config, socket(config)) as (process, channel):
        SupportServiceStub(channel).CreateHost(pb.CreateHostRequest(host=Host(name="sgp-01")))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()

    with running(config, socket(config)) as (_, channel):
        hosts = SupportServiceStub(channel).ListHosts(pb.ListHostsRequest()).hosts
    assert [host.name for host in hosts] == ["sgp-01"]


def test_a_second_service_on_the_same_socket_is_refused(config: Path) -> None:
    sonde_service("init", "--config", config)
    with running(config, socket(config)):
        second = sonde_service("run", "--config", config)

    assert second.returncode == 1
    assert "another process serves there" in second.stderr


def test_a_port_in_use_is_could_not_run_and_is_named(config: Path) -> None:
    sonde_service("init", "--config", config)
    with tcp.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        told = sonde_service("run", "--config", config, SONDE_SERVICE_LISTEN=address)

    assert told.returncode == 1
    assert f"listen {address}: cannot listen there (in use" in told.stderr
    assert "Traceback" not in told.stderr
