"""Where the project's own files are."""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITTEN = ("core", "wire", "terminal", "agent", "service", "lab")
SHIPPED = ("protos", *WRITTEN)
AROUND = ("deploy", "tests")
"""What builds the product and what tests it."""


def sources(folders: Iterable[str] = WRITTEN) -> list[Path]:
    """Return every module that a person wrote, of the product where nothing else is said."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def tracked() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file that git tracks, binary files apart."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, names.split("\0")):
        path = ROOT / name
        if path.is_file():
            try:
                yield name, path.read_text()
            except UnicodeDecodeError:
                continue
