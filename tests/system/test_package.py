"""The agent's package for Debian: it needs nothing else, and an upgrade loses nothing."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path

import pytest

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1 import engine_service_pb2_grpc as rpc
from sonde.engine.v1.report_pb2 import FailureReport
from sonde_agent.config import parse
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.world import World
from sonde_wire.channels import open_channel
from tests.agent_home import AgentHome
from tests.agent_libraries import link, locked_for_the_agent
from tests.contract.tree import ROOT, SHIPPED

DEBIAN_12 = (3, 11)
LIMIT_S = 30


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("dpkg-deb") is None or sys.version_info[:2] != DEBIAN_12:
        pytest.skip("the package is built on Debian 12, with its Python")
    libraries, out = tmp_path_factory.mktemp("libraries"), tmp_path_factory.mktemp("out")
    for each in locked_for_the_agent():
        link(each, libraries)
    for folder in SHIPPED:
        for source in (ROOT / folder).iterdir():
            if (source / "__init__.py").is_file() or folder == "protos":
                (libraries / source.name).symlink_to(source)
    told = metadata.distribution("sonde")
    (libraries / "sonde-0.dist-info").mkdir()
    (libraries / "sonde-0.dist-info" / "METADATA").write_text(told.read_text("METADATA") or "")
    run(sys.executable, str(ROOT / "deploy" / "build_deb.py"), str(libraries), str(out))
    [built] = out.glob("sonde-agent_*.deb")
    return built


def run(*command: str) -> str:
    """Return what a command printed that ended well. It knows nothing of the tests' Python."""
    done = subprocess.run(
        command,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[AgentHome]:
    (tmp_path / "home").mkdir()
    async with serve_exchange(World()) as exchange, serve_ntp(Source()) as server:
        home = AgentHome(tmp_path / "home")
        home.furnish(exchange=exchange.url, servers=[server.address])
        yield home


@pytest.fixture
def machine(tmp_path: Path, needs: Callable[[str], Path]) -> Callable[..., str]:
    """Return a `dpkg` with a root of its own, on which nothing is installed."""
    for folder in ("info", "updates", "triggers"):
        (tmp_path / "root/var/lib/dpkg" / folder).mkdir(parents=True)
    for file in ("status", "available"):
        (tmp_path / "root/var/lib/dpkg" / file).touch()
    # What it depends on is the real system's; scripts see by DPKG_ROOT that they are not on it.
    forced = ("not-root", "script-chrootless", "depends", "confold", "unsafe-io")
    ours = () if os.geteuid() == 0 else (str(needs("fakeroot")),)
    options = (f"--root={tmp_path / 'root'}", *(f"--force-{each}" for each in forced))
    dpkg = (*ours, str(needs("dpkg")), *options)
    return lambda *arguments: run(*dpkg, "--log=/dev/null", *arguments)


async def test_an_unpacked_package_checks_a_host_with_debians_own_python(
    package: Path, home: AgentHome, tmp_path: Path
) -> None:
    run("dpkg-deb", "-x", str(package), str(tmp_path / "root"))
    agent = str(tmp_path / "root/usr/bin/sonde-agent")

    checked = await asyncio.create_subprocess_exec(
        *(agent, "check", "--config", str(home.config)),
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await checked.communicate()

    assert checked.returncode in {0, 4}, said.decode()
    assert "exchange access" in said.decode().splitlines()[0]
    assert run(agent, "--version").startswith("sonde-agent ")


def test_the_package_holds_what_a_service_needs(package: Path, tmp_path: Path) -> None:
    run("dpkg-deb", "-x", str(package), str(tmp_path))
    config = parse((tmp_path / "etc/sonde/agent.toml").read_text(), {})
    unit = (tmp_path / "usr/lib/systemd/system/sonde-agent.service").read_text()

    assert (tmp_path / "etc/sonde/keys").stat().st_mode & 0o777 == 0o700
    given = "/run/credentials/sonde-agent.service/keys_"
    assert str(config.account[0].api_key_file).startswith(given)
    assert str(config.account[0].secret_file).startswith(given)
    assert "LoadCredential=keys:/etc/sonde/keys" in unit.splitlines()
    assert str(config.agent.socket.parent) == "/run/sonde"
    assert "RuntimeDirectory=sonde" in unit.splitlines()
    assert f"StateDirectory={config.agent.state_dir.name}" in unit.splitlines()
    for place in ("bash-completion/completions/sonde-agent", "zsh/vendor-completions/_sonde-agent"):
        assert "sonde_agent_completion" in (tmp_path / "usr/share" / place).read_text()
    inside = {path.name for path in (tmp_path / "usr/lib/sonde").iterdir()}
    assert {"sonde_agent", "grpc", "sonde"} <= inside
    assert not inside & {"sonde_lab", "sonde_service", "sqlalchemy", "pytest"}


@asynccontextmanager
async def serving(agent: Path, home: AgentHome) -> AsyncIterator["rpc.EngineServiceAsyncStub"]:
    process = await asyncio.create_subprocess_exec(
        *(agent, "run", "--config", str(home.config)), env={"PATH": "/usr/bin:/bin"}
    )
    try:
        async with open_channel(f"unix:{home.directory}/engine.sock") as channel:
            yield rpc.EngineServiceStub(channel)
    finally:
        process.terminate()
        await process.wait()


async def test_an_upgrade_keeps_the_configuration_the_spool_and_its_place(
    package: Path, home: AgentHome, tmp_path: Path, machine: Callable[..., str]
) -> None:
    root = tmp_path / "root"
    agent, state = root / "usr/bin/sonde-agent", root / "var/lib/sonde-agent"
    request = pb.ReportFailureRequest(failure=FailureReport(text="-1021 Timestamp"))
    machine("--install", str(package))
    state.mkdir(parents=True)
    edited = home.config.read_text().replace(
        f'state_dir = "{home.directory}"', f'state_dir = "{state}"'
    )
    home.config.write_text(edited)
    (root / "etc/sonde/agent.toml").write_text(edited)
    async with serving(agent, home) as stub:
        before = await stub.ReportFailure(request, wait_for_ready=True, timeout=LIMIT_S)

    machine("--install", str(newer(package, tmp_path)))

    assert (root / "etc/sonde/agent.toml").read_text() == edited
    assert "99.0" in machine("--status", "sonde-agent")
    async with serving(agent, home) as stub:
        after = await stub.ReportFailure(request, wait_for_ready=True, timeout=LIMIT_S)
    assert after.spool_id == before.spool_id
    assert after.sequence == before.sequence + 1

    machine("--remove", "sonde-agent")
    assert (state / "spool.sqlite3").exists()
    machine("--purge", "sonde-agent")
    assert not state.exists()


def newer(package: Path, folder: Path) -> Path:
    """Return the same package as a later version."""
    tree = folder / "newer"
    run("dpkg-deb", "--raw-extract", str(package), str(tree))
    control = tree / "DEBIAN/control"
    lines = control.read_text().splitlines(keepends=True)
    control.write_text("".join("Version: 99.0\n" if "Version:" in each else each for each in lines))
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(folder / "newer.deb"))
    return folder / "newer.deb"
