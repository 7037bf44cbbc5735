"""The generated code is current, and what it demands at run time is declared."""

import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

from packaging.requirements import Requirement

from tests.contract.tree import ROOT

PROTOS = ROOT / "protos"


def test_generated_code_is_what_the_protos_give_today(
    tmp_path: Path, needs: Callable[[str], Path]
) -> None:
    # The stamp counts as old, so that a test never sets the environment up again.
    subprocess.run(
        [needs("make"), "-s", "-o", ".venv/.ready", "protos", f"OUT={tmp_path}"],
        cwd=ROOT,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
    )

    assert _generated(PROTOS) == _generated(tmp_path)


def test_floors_are_the_versions_that_generated_the_code() -> None:
    text = "".join(_generated(PROTOS).values())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    floors = {
        requirement.name: {specifier.version for specifier in requirement.specifier}
        for requirement in map(Requirement, project["dependencies"])
    }

    assert floors["grpcio"] == set(re.findall(r"GRPC_GENERATED_VERSION = '(.+)'", text))
    assert floors["protobuf"] == set(re.findall(r"# Protobuf Python Version: (.+)", text))


def _generated(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*_pb2*.py*"))
        if path.suffix in {".py", ".pyi"}
    }
