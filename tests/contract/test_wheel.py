"""The wheel without extras is a whole agent: nothing of the service's libraries is needed."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.agent_libraries import link, locked_for_the_agent
from tests.contract.tree import ROOT

BEYOND_THE_AGENT = ("alembic", "psycopg", "pytest", "sqlalchemy", "starlette", "uvicorn")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), folder=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def host(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the commands of a fresh environment that holds the wheel and the agent's lock.

    The locked packages are linked from the environment that runs the tests: the same files
    that an installation would unpack, without asking a package index.
    """
    folder = tmp_path_factory.mktemp("host")
    venv.create(folder, with_pip=False, symlinks=True)
    [site] = folder.glob("lib/python*/site-packages")
    for package in locked_for_the_agent():
        link(package, site)
    _run(*_pip(folder / "bin"), "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    return folder / "bin"


def test_the_wheel_holds_the_contract_and_the_catalogue_but_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert "sonde/agent/v1/agent_service.proto" in names
    assert "sonde_core/catalogue/compiled.json" in names
    assert {name.split("/")[0] for name in names if not name.startswith("sonde-")} == {
        "sonde",
        "sonde_agent",
        "sonde_core",
        "sonde_lab",
        "sonde_reporter",
        "sonde_service",
        "sonde_terminal",
        "sonde_wire",
    }


def test_the_agents_lock_holds_all_that_the_wheel_requires(host: Path) -> None:
    _run(*_pip(host), "check")


def test_the_agents_command_runs_without_the_services_libraries(host: Path) -> None:
    assert "Usage" in _run(str(host / "sonde-agent"), "--help")
    assert _importable(host, BEYOND_THE_AGENT) == []


def test_a_text_is_explained_without_the_services_libraries(host: Path) -> None:
    assert "CLOCK_AHEAD" in _run(str(host / "sonde"), "explain", "-1021 1000ms ahead of the server")


def test_what_is_not_installed_is_named_with_what_mends_it(host: Path, tmp_path: Path) -> None:
    config = tmp_path / "service.toml"
    config.write_text(f'[service]\nsocket = "{tmp_path}/s.sock"\nstate_dir = "{tmp_path}/state"\n')

    done = _ended(str(host / "sonde-service"), "init", "--config", str(config))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("sonde-service: alembic is not installed;")
    assert "pip install 'sonde[service]'" in done.stderr
    assert done.stderr.count("\n") == 1


def _pip(host: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "pip", "--python", str(host / "python"))


def _importable(host: Path, names: tuple[str, ...]) -> list[str]:
    found = f"[n for n in {names!r} if importlib.util.find_spec(n)]"
    answer = _run(
        str(host / "python"), "-c", f"import importlib.util, json; print(json.dumps({found}))"
    )
    return list(json.loads(answer))


def _run(*command: str, folder: Path = ROOT / "deploy") -> str:
    """Return what a command printed that ended well."""
    done = _ended(*command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _ended(*command: str, folder: Path = ROOT / "deploy") -> subprocess.CompletedProcess[str]:
    """Run a command to its end. No package lies in its folder or on its import path."""
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
