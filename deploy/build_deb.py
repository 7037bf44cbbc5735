"""Build the agent's package for Debian from the libraries that were installed for it.

Run as `python deploy/build_deb.py LIBRARIES OUT` by the Python that the package is for: Debian 12
has 3.11. LIBRARIES is what `pip install --target` made of the agent's lock and of this project.
"""

import compileall
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import distributions
from pathlib import Path
from py_compile import PycInvalidationMode

_HERE = Path(__file__).parent
_AGENT, _DEBIAN = _HERE / "agent", _HERE / "agent" / "debian"
_DOCS = _HERE.parent / "docs" / "operating.md"
_COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/sonde-agent",
    "zsh": "usr/share/zsh/vendor-completions/_sonde-agent",
}
_FILES = {
    _AGENT / "sonde-agent.service": "usr/lib/systemd/system/sonde-agent.service",
    _AGENT / "sysusers.conf": "usr/lib/sysusers.d/sonde-agent.conf",
    _DOCS: "usr/share/doc/sonde-agent/operating.md",
}
_CONFIG = "etc/sonde/agent.toml"
_KEYS, _GIVEN = "/etc/sonde/keys/", "/run/credentials/sonde-agent.service/keys_"
"""Where keys are kept for root alone, and where systemd gives them to the agent."""
_NOT_THE_AGENTS = ("__pycache__", "bin", "sonde_lab", "sonde_service")
_TARGET = (3, 11)


def build(libraries: Path, out: Path) -> Path:
    """Return the package's file, made in `out`."""
    version = next(
        each.version for each in distributions(path=[str(libraries)]) if each.name == "sonde"
    )
    architecture = _said("dpkg", "--print-architecture")
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        tree.chmod(0o755)
        _lay_out(tree, libraries)
        _describe(tree, version, architecture)
        package = out / f"sonde-agent_{version}_{architecture}.deb"
        pack = ("dpkg-deb", "--root-owner-group", "-Zzstd", "--build")
        _said(*pack, str(tree), str(package))
    return package


def _lay_out(tree: Path, libraries: Path) -> None:
    inside = tree / "usr/lib/sonde"
    shutil.copytree(libraries, inside, ignore=shutil.ignore_patterns(*_NOT_THE_AGENTS))
    # Nobody may write there later, and compiling at each start would take most of it. No times are
    # compared, because unpacking sets others.
    compileall.compile_dir(
        inside,
        quiet=1,
        ddir="/usr/lib/sonde",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    for source, place in _FILES.items():
        _copy(source, tree / place, 0o644)
    example = (_AGENT / "agent.example.toml").read_text()
    (tree / "etc/sonde/keys").mkdir(mode=0o700, parents=True)
    (tree / _CONFIG).write_text(example.replace(_KEYS, _GIVEN))
    _copy(_DEBIAN / "sonde-agent", tree / "usr/bin/sonde-agent", 0o755)
    for shell, place in _COMPLETIONS.items():
        script = _said(str(tree / "usr/bin/sonde-agent"), _SONDE_AGENT_COMPLETE=f"source_{shell}")
        (tree / place).parent.mkdir(parents=True)
        (tree / place).write_text(f"{script}\n")


def _describe(tree: Path, version: str, architecture: str) -> None:
    control = tree / "DEBIAN"
    control.mkdir()
    size = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file())
    text = (_DEBIAN / "control").read_text()
    (control / "control").write_text(
        text.format(
            version=version,
            architecture=architecture,
            least=".".join(map(str, _TARGET)),
            beyond=f"{_TARGET[0]}.{_TARGET[1] + 1}",
            kibibytes=size // 1024,
        )
    )
    (control / "conffiles").write_text(f"/{_CONFIG}\n")  # an upgrade leaves it as it was edited
    for script in ("postinst", "prerm", "postrm"):
        _copy(_DEBIAN / script, control / script, 0o755)


def _copy(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def _said(*command: str, **environ: str) -> str:
    return subprocess.run(  # noqa: S603 - no text of anybody else's
        command, env={**os.environ, **environ}, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


if __name__ == "__main__":
    if sys.version_info[:2] != _TARGET:
        sys.exit(f"the package is for Python 3.11, not {sysconfig.get_python_version()}: use that")
    sys.stdout.write(f"{build(Path(sys.argv[1]), Path(sys.argv[2]))}\n")
