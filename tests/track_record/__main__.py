"""Brings back each bug in a copy of the tree and demands that its test fails there.

Where all of them do, docs/track-record.md gets today's date.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.contract.tree import ROOT, SHIPPED
from tests.track_record.bug import Bug
from tests.track_record.bugs import BUGS

RECORD = ROOT / "docs" / "track-record.md"
_WITHIN = timedelta(minutes=5)
_PASSED, _FAILED = 0, 1
"""Exit codes of pytest. Any other, and a skipped test, proves nothing."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the tree with an environment of its own, so that processes started in it run it."""

    root: Path

    def run(self, *tests: str) -> tuple[int, str]:
        """Run tests and return how pytest ended and what it said last."""
        ended = subprocess.run(
            [
                self.root / ".venv/bin/python",
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                *tests,
            ],
            cwd=self.root,
            # Two edits within one second look the same to Python's compiled files.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CI": "true"},
            capture_output=True,
            text=True,
            timeout=_WITHIN.total_seconds(),
            check=False,
        )
        return ended.returncode, (ended.stdout.strip().splitlines() or [ended.stderr])[-1]

    @contextmanager
    def having(self, bug: Bug) -> Iterator[None]:
        """Have a bug for a while."""
        file = self.root / bug.file
        text = file.read_text()
        file.write_text(text.replace(bug.right, bug.wrong))
        try:
            yield
        finally:
            file.write_text(text)


def copied(folder: Path) -> Copy:
    """Copy the tree, and borrow the libraries of the environment that this runs in."""
    root = folder / "sonde"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    venv.create(root / ".venv", symlinks=True)
    (libraries,) = (root / ".venv").glob("lib/python*/site-packages")
    (borrowed,) = (Path(path) for path in sys.path if path.endswith("site-packages"))
    paths = [*(root / name for name in SHIPPED), borrowed]
    (libraries / "sonde.pth").write_text("".join(f"{path}\n" for path in paths))
    for script in Path(sys.executable).parent.glob("sonde*"):
        _, _, body = script.read_text().partition("\n")
        copy = root / ".venv/bin" / script.name
        copy.write_text(f"#!{root}/.venv/bin/python\n{body}")
        copy.chmod(0o755)
    return Copy(root)


def main(names: list[str]) -> int:
    """Prove every bug, or those that are named, and return an exit code."""
    bugs = [bug for bug in BUGS if not names or bug.name in names]
    missed = 0
    with TemporaryDirectory(prefix="sonde-soak-") as folder:
        copy = copied(Path(folder))
        code, said = copy.run(*dict.fromkeys(bug.test for bug in bugs))
        if code != _PASSED:
            sys.stderr.write(f"without any bug: {said}\n")
            return 1
        for bug in bugs:
            with copy.having(bug):
                code, said = copy.run(bug.test)
            missed += code != _FAILED
            sys.stdout.write(f"{'found ' if code == _FAILED else 'MISSED'} {bug.name}: {said}\n")
            sys.stdout.flush()
    if not missed:
        _note([bug.name for bug in bugs])
    return int(missed > 0)


def _note(names: list[str]) -> None:
    today = datetime.now(UTC).date().isoformat()
    text = RECORD.read_text()
    for name in names:
        text = re.sub(rf"(?m)^(\| {name} \|.*\| )[-0-9]+ \|$", rf"\g<1>{today} |", text)
    RECORD.write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
