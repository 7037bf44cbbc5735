"""Key files, good and bad."""

from pathlib import Path

import pytest

from sonde_agent.keyring import Key, KeyFiles
from sonde_core.readings import Failure, FailureReason
from tests.lab.key_pairs import ed25519_key, private_pem

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
PEM = private_pem(ed25519_key())
BAD_CONTENT = [
    pytest.param(b"", "is empty", id="empty"),
    pytest.param(b" \n", "is empty", id="blank"),
    pytest.param(b"\xef\xbb\xbf%b", "byte order mark", id="BOM"),
    pytest.param(b'"%b"', "quotation marks", id="quotes"),
    pytest.param(b"'%b'\n", "quotation marks", id="single quotes"),
    pytest.param(b"%b" + b"x" * 20_000, "too long", id="long"),
]
"""What no key file may look like; `%b` stands for what should be in it."""


def kept(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o640)
    return path


def failure_of(files: KeyFiles) -> str:
    failure = files.load()
    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.CREDENTIALS
    return failure.detail


def key(files: KeyFiles) -> Key:
    loaded = files.load()
    assert isinstance(loaded, Key)
    return loaded
