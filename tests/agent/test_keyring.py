"""Key files, and what can be signed with them."""

import hashlib
import hmac
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import parse_qsl

import pytest

from sonde_agent.keyring import Key, KeyFiles, SignedCall
from sonde_core.readings import SIGNED_KINDS, Failure, FailureReason, KeyType

API_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    (tmp_path / "key").write_text(API_KEY + "\n")
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o640)
    return KeyFiles(api_key_file=tmp_path / "key", secret_file=secret)


def key(files: KeyFiles) -> Key:
    loaded = files.load()
    assert isinstance(loaded, Key)
    return loaded


def test_of_a_key_only_harmless_facts_are_told(files: KeyFiles) -> None:
    facts = key(files).facts

    assert (facts.type, facts.last4) == (KeyType.HMAC, "Eh8A")
    assert facts.fingerprint == hashlib.sha256(API_KEY.encode()).hexdigest()[:16]
    assert SECRET not in repr(key(files))
    assert API_KEY not in repr(key(files))


@pytest.mark.parametrize("call", SignedCall, ids=lambda call: call.name)
def test_a_signed_call_is_whole_and_its_signature_last(files: KeyFiles, call: SignedCall) -> None:
    signed = key(files).sign(call, at=NOON, recv_window=timedelta(seconds=5))

    query, _, signature = signed.query.rpartition("&signature=")
    assert signature == hmac.new(SECRET.encode(), query.encode(), hashlib.sha256).hexdigest()
    assert dict(parse_qsl(query)).items() >= {
        ("timestamp", "1767268800000"),
        ("recvWindow", "5000"),
    }
    assert (signed.method, signed.path) == (call.value.method, call.value.path)
    assert signed.headers() == {"X-MBX-APIKEY": API_KEY}
    assert signature not in repr(signed)
    assert API_KEY not in repr(signed)


def test_the_list_holds_what_diagnoses_need_and_nothing_that_acts() -> None:
    assert [call.value.kind for call in SignedCall] == list(SIGNED_KINDS)
    assert {call.value.path for call in SignedCall if call.value.method != "GET"} == {
        "/fapi/v1/order/test"
    }


def test_nothing_outside_of_the_list_can_be_signed(files: KeyFiles) -> None:
    order = SimpleNamespace(value=SimpleNamespace(method="POST", path="/fapi/v1/order"))

    with pytest.raises(TypeError, match="only a member of SignedCall"):
        key(files).sign(cast(SignedCall, order), at=NOON, recv_window=timedelta(seconds=5))


def test_the_api_key_file_may_be_public(files: KeyFiles) -> None:
    files.api_key_file.chmod(0o644)

    assert isinstance(files.load(), Key)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \n", "is empty", id="blank"),
        pytest.param(SECRET.encode() + b"\r\n", "Windows line ends", id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + SECRET.encode(), "byte order mark", id="BOM"),
        pytest.param(b'"' + SECRET.encode() + b'"', "quotation marks", id="quotes"),
        pytest.param(SECRET.encode() + b"\n\n", "more than one line", id="two newlines"),
        pytest.param(b"-----BEGIN PRIVATE KEY-----", "PEM", id="PEM"),
        pytest.param(SECRET.encode() + b" x", "blanks", id="blank inside"),
        pytest.param("schlüssel".encode(), "ASCII", id="not ASCII"),
        pytest.param(b"x" * 20_000, "too long", id="long"),
    ],
)
def test_a_bad_file_is_named_with_the_fix_and_never_quoted(
    files: KeyFiles, content: bytes, said: str
) -> None:
    files.secret_file.write_bytes(content)

    failure = files.load()

    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.CREDENTIALS
    assert failure.detail.startswith(f"secret_file {files.secret_file} ")
    assert said in failure.detail
    assert SECRET not in failure.detail


def test_a_missing_file_a_directory_and_a_pipe_are_told_apart(
    files: KeyFiles, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")

    def told(path: Path) -> str:
        failure = KeyFiles(api_key_file=path, secret_file=files.secret_file).load()
        assert isinstance(failure, Failure)
        return failure.detail

    assert told(tmp_path / "gone").endswith("cannot be read: No such file or directory")
    assert told(tmp_path).endswith("cannot be read: Is a directory")
    assert told(tmp_path / "pipe").endswith("is not a plain file")


def test_a_secret_that_everybody_can_read_is_refused(files: KeyFiles) -> None:
    files.secret_file.chmod(0o644)

    failure = files.load()

    assert isinstance(failure, Failure)
    assert f"chmod o-rwx {files.secret_file}" in failure.detail
