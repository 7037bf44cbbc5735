"""What tests of the spool need."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path, needs: Callable[[str], Path]) -> Iterator[Path]:
    """Mount a disk of 600 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = needs("mount"), "-t", "tmpfs", "-o", "size=600k", "tmpfs"
    if subprocess.run([*mount, disk], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run([needs("umount"), disk], check=True)
