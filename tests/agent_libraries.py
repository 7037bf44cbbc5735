"""The libraries that the agent's lock names, from the environment that runs the tests.

They are the same files that an installation would unpack, without asking a package index.
"""

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tests.contract.tree import ROOT


def locked_for_the_agent() -> list[metadata.Distribution]:
    """Return what the agent's lock asks for here."""
    lines = (ROOT / "deploy" / "locks" / "agent.txt").read_text().splitlines()
    pinned = (
        Requirement(line.rstrip("\\ ")) for line in lines if "==" in line and line[0].isalpha()
    )
    return [
        metadata.distribution(requirement.name)
        for requirement in pinned
        if requirement.marker is None or requirement.marker.evaluate()
    ]


def link(package: metadata.Distribution, site: Path) -> None:
    """Link the files of a package into a folder of packages."""
    for file in package.files or ():
        if file.parts[0] != ".." and "__pycache__" not in file.parts:
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(Path(str(file.locate())))
