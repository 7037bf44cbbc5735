"""What tests of every package may ask for."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

# Daemons live in sbin, which is not on everybody's search path.
_PLACES = os.pathsep.join(
    (os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin")
)


@pytest.fixture
def needs() -> Callable[[str], Path]:
    """Return the way to a system program; without it skip, but under CI fail.

    CI installs every program that a test asks for, so a test that nobody runs is noticed.
    """

    def find(program: str) -> Path:
        found = shutil.which(program, path=_PLACES)
        if found is not None:
            return Path(found)
        reason = f"the program {program} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and .ci/run should have installed it")
        pytest.skip(reason)

    return find
