"""What `sonde diagnose` cannot be asked, and what it says where it finds no service."""

from pathlib import Path

import pytest

from sonde_service.cli.asking import DEFAULT_SERVICE
from sonde_service.config import ServiceConfig
from tests.commands import Command
from tests.service.cli.fake_support import FakeSupport


@pytest.mark.parametrize(
    "target", ["", "absent/result.xml"], ids=["a directory", "in no directory"]
)
async def test_a_junit_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    support: FakeSupport, sonde: Command, tmp_path: Path, target: str
) -> None:
    support.has({"a": "healthy"})

    told = await sonde("diagnose", "a", "--junit", str(tmp_path / target))

    assert told.code == 2
    assert told.err.startswith("sonde: --junit")
    assert support.requests == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param([], "--all", id="nothing named"),
        pytest.param(["a", "--all"], "--all", id="a host and all"),
        pytest.param(["a", "--timeout", "5"], "'--timeout'", id="a span without a unit"),
        pytest.param(["a", "--tz", "Mars/Olympus"], "Asia/Shanghai", id="no such time zone"),
        pytest.param(["a", "--lang", "fr"], "'--lang': 'fr' is not one of", id="no such language"),
        pytest.param(["--label", "region"], "K=V", id="a label without a value"),
        pytest.param(["a", "--jsn"], "--json", id="a misspelt option"),
        pytest.param(
            ["a", "--watch", "--junit", "x.xml"], "--watch", id="many diagnoses in one JUnit file"
        ),
        pytest.param(["--label", "x=y"], "sonde hosts list", id="no host matches"),
        pytest.param(["zzz"], "no such host: zzz", id="an unknown host"),
        pytest.param(["a", "--service", "far.example:1"], "ssh -N -L", id="another machine"),
        pytest.param(["a", "--service", "sonde"], "'--service'", id="no address"),
    ],
)
async def test_what_cannot_be_asked_is_said_in_one_line_with_the_fix(
    support: FakeSupport, sonde: Command, arguments: list[str], named: str
) -> None:
    support.has({"a": "healthy"})

    told = await sonde("diagnose", *arguments)

    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("sonde: ")
    assert named in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("address", "why"),
    [
        pytest.param("unix:/nowhere/service.sock", "(No such file or directory)", id="a socket"),
        pytest.param("127.0.0.1:1", "(Connection refused)", id="a port"),
    ],
)
async def test_where_no_service_runs_the_address_and_the_start_are_named(
    sonde: Command, address: str, why: str
) -> None:
    told = await sonde("diagnose", "a", SONDE_SERVICE=address)

    assert (told.code, told.out) == (1, "")
    assert address in told.err
    assert why in told.err
    assert "sonde-service run" in told.err
    assert told.err.count("\n") == 1


def test_the_default_service_is_where_the_service_listens_by_default() -> None:
    assert f"unix:{ServiceConfig().service.socket}" == DEFAULT_SERVICE
