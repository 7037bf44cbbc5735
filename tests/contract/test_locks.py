"""The locks hold hashes and no addresses, agree with each other and with what is declared."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.contract.tree import ROOT

LOCKS = ("agent", "service", "dev")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_and_has_hashes(lock: str) -> None:
    # Continued lines belong to the package above them.
    entries = re.findall(r"^(\S+==\S+)((?:.*\\\n)+.*)", _text(lock), flags=re.MULTILINE)

    assert len(entries) == len(re.findall(r"^[^\s#].*", _text(lock), flags=re.MULTILINE))
    assert [name for name, rest in entries if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_says_where_packages_come_from(lock: str) -> None:
    assert "://" not in _text(lock)


def test_the_locks_agree() -> None:
    agent, service, dev = map(_pins, LOCKS)

    assert agent.items() <= service.items() <= dev.items()


@pytest.mark.parametrize(
    ("lock", "extras"), [("agent", ()), ("service", ("service",)), ("dev", ("service", "lab"))]
)
def test_a_lock_satisfies_what_is_declared(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    declared = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    pins = _pins(lock)

    for requirement in map(Requirement, declared):
        if requirement.name != project["name"]:
            assert pins[requirement.name] in requirement.specifier


def _text(lock: str) -> str:
    return (ROOT / "deploy" / "locks" / f"{lock}.txt").read_text()


def _pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[\S+\])?==(\S+)", _text(lock), flags=re.MULTILINE))
