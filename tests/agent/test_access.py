"""The mode and the group of the sockets' directories decide who may talk."""

import os
import socket
from pathlib import Path

import pytest

from sonde_agent.access import admit_group, check_directory
from sonde_core.errors import ConfigInvalidError


@pytest.mark.parametrize(
    ("mode", "fix"),
    [
        (0o777, "chmod go-w"),
        (0o1777, "chmod go-w"),
        (0o707, "chmod go-w"),
        (0o770, "chmod g-w"),
        (0o1770, "chmod g-w"),
    ],
)
def test_a_directory_where_others_may_write_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, mode: int, fix: str
) -> None:
    tmp_path.chmod(mode)

    with pytest.raises(ConfigInvalidError, match=f"engine.socket: .*run `{fix} {tmp_path}`"):
        check_directory("engine.socket", tmp_path / "engine.sock")


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755, 0o2750])
def test_a_directory_that_others_may_enter_alone_will_do(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)

    check_directory("agent.socket", tmp_path / "agent.sock")


@pytest.mark.parametrize(("mode", "fix"), [(0o777, "chmod go-w"), (0o775, "chmod g-w")])
def test_a_parent_where_others_may_put_another_directory_is_refused(
    tmp_path: Path, mode: int, fix: str
) -> None:
    (tmp_path / "run" / "sonde").mkdir(parents=True, mode=0o700)
    (tmp_path / "run").chmod(mode)
    (tmp_path / "run" / "sonde").chmod(0o700)
    (tmp_path / "link").symlink_to(tmp_path / "run" / "sonde")

    for directory in (tmp_path / "run" / "sonde", tmp_path / "link"):
        with pytest.raises(ConfigInvalidError, match=f"run `{fix} {tmp_path / 'run'}`"):
            check_directory("agent.socket", directory / "agent.sock")


def test_a_parent_with_a_sticky_bit_will_do(tmp_path: Path) -> None:
    (tmp_path / "tmp" / "sonde").mkdir(parents=True)
    (tmp_path / "tmp").chmod(0o1777)
    (tmp_path / "tmp" / "sonde").chmod(0o700)

    check_directory("agent.socket", tmp_path / "tmp" / "sonde" / "agent.sock")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a directory to another user")
@pytest.mark.parametrize("whose", ["run/sonde", "run"])
def test_a_directory_of_another_user_is_refused(tmp_path: Path, whose: str) -> None:
    (tmp_path / "run" / "sonde").mkdir(parents=True)
    (tmp_path / "run").chmod(0o1755)
    (tmp_path / "run" / "sonde").chmod(0o755)
    os.chown(tmp_path / whose, 4_321, -1)

    with pytest.raises(ConfigInvalidError, match=f"user 4321 owns .*run `chown 0 {tmp_path}/"):
        check_directory("agent.socket", tmp_path / "run" / "sonde" / "agent.sock")


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalidError, match="nowhere: No such file"):
        check_directory("engine.socket", tmp_path / "nowhere" / "engine.sock")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a directory to another group")
def test_the_socket_belongs_to_the_group_of_its_directory(tmp_path: Path) -> None:
    os.chown(tmp_path, -1, 4_321)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "engine.sock"))
        admit_group(tmp_path / "engine.sock")

    assert (tmp_path / "engine.sock").stat().st_gid == 4_321


def test_a_socket_of_the_right_group_is_left_alone(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "engine.sock"))
        before = (tmp_path / "engine.sock").stat()
        admit_group(tmp_path / "engine.sock")

    assert (tmp_path / "engine.sock").stat().st_ctime_ns == before.st_ctime_ns
