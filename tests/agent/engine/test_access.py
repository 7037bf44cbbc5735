"""The mode and the group of the sockets' directory decide who may talk."""

import os
import socket
from pathlib import Path

import pytest

from sonde_agent.engine.access import admit_group, check_directory
from sonde_core.errors import ConfigInvalidError


def test_a_directory_where_anybody_may_write_is_refused_with_the_command_that_mends_it(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o1777)

    with pytest.raises(ConfigInvalidError, match=f"run `chmod o-w {tmp_path}`"):
        check_directory(tmp_path / "engine.sock")
    tmp_path.chmod(0o755)
    check_directory(tmp_path / "engine.sock")


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalidError, match="nowhere: No such file"):
        check_directory(tmp_path / "nowhere" / "engine.sock")


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
