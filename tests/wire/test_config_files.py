"""Configuration files are read whole, or not at all; nobody waits for one."""

import os
from pathlib import Path

import pytest

from sonde_core.errors import ConfigInvalidError
from sonde_wire.config_files import read_text


def test_a_file_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("\ufeffé = 1\n")

    assert read_text(tmp_path / "a.toml") == "é = 1\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "No such file or directory"),
        ("directory", "directory"),
        ("pipe", "it is not a plain file"),
        ("huge", "it is longer than 1,048,576 bytes"),
        ("latin", "it is not UTF-8"),
    ],
)
def test_what_is_no_file_of_text_is_refused_at_once(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    (tmp_path / "latin").write_bytes(b"\xe9")

    with pytest.raises(ConfigInvalidError, match=f"{name}: cannot be read: .*{said}"):
        read_text(tmp_path / name)
