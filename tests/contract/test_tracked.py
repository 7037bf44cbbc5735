"""No file tells of the machine it was written on."""

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
        ("BEGIN", " PRIVATE KEY"),
    )
)


def test_no_tracked_file_names_a_machine_a_registry_or_a_key(
    needs: Callable[[str], Path],
) -> None:
    needs("git")

    found = {
        name: words
        for name, text in tracked()
        if (words := [word for word in FORBIDDEN if word in text])
    }

    assert found == {}
