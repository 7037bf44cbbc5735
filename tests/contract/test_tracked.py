"""No file tells of the machine it was written on, and none holds a private key."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.contract.tree import tracked

# Put together here, so that this file does not hold what it looks for.
FORBIDDEN = tuple(
    "".join(parts)
    for parts in (
        ("/wo", "rk/"),
        ("/opt/", "pypi"),
        ("/opt/", "wheels"),
        ("/root", "/"),
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("npm", "js."),
        ("index", "-url ="),
    )
)


def test_no_tracked_file_names_a_machine_or_a_registry(
    needs: Callable[[str], Path],
) -> None:
    needs("git")

    found = {
        name: words
        for name, text in tracked()
        if (words := [word for word in FORBIDDEN if word in text])
    }

    assert found == {}


def test_no_tracked_file_holds_a_private_key(needs: Callable[[str], Path]) -> None:
    needs("git")
    # The header alone is what an error text names; a key follows it with a line of base64.
    key = re.compile("PRIVATE KEY" + r"-----\s+[A-Za-z0-9+/=]{20,}")

    assert [name for name, text in tracked() if key.search(text)] == []
