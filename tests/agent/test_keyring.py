"""Key files, and what is signed with them."""

import hashlib
import hmac
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

import pytest

from sonde_agent.keyring import Key, KeyFiles, SignedCall, _signature
from sonde_core.readings import KeyType
from sonde_core.secret import Secret
from sonde_core.signing import encode, payload
from tests.agent.key_files import API_KEY, BAD_CONTENT, PEM, SECRET, failure_of, key

NOBODY = 65534
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "signing_vectors.json").read_text())


class Vector(NamedTuple):
    secret: str
    name: str
    query: str
    body: str
    signature: str


VECTORS = [
    Vector(group["secret"], **vector)
    for group in (PUBLISHED["spot"], PUBLISHED["usdm"])
    for vector in group["vectors"]
]


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


def test_the_api_key_file_may_be_public(files: KeyFiles) -> None:
    files.api_key_file.chmod(0o644)

    assert isinstance(files.load(), Key)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_what_the_exchange_publishes_is_signed_alike(vector: Vector) -> None:
    # The WebSocket interface, unlike REST, signs text that is not percent-encoded.
    websocket = vector.name.startswith("ws-")
    signed = vector.query.encode() if websocket else payload(vector.query, vector.body)

    assert _signature(Secret(vector.secret), signed) == vector.signature


@pytest.mark.parametrize(
    "vector",
    # The last one has a bare space, which no client encodes like that.
    [v for v in VECTORS if v.name[:3] != "ws-" and v.name != "usdm-mixed"],
    ids=lambda vector: vector.name,
)
def test_parameters_are_encoded_as_the_exchange_publishes_them(vector: Vector) -> None:
    query, body = encode(parse_qsl(vector.query)), encode(parse_qsl(vector.body))

    assert (query, body) == (vector.query, vector.body)


def test_there_are_nine_published_vectors() -> None:
    assert len(VECTORS) == 9


@pytest.mark.parametrize(
    ("template", "said"),
    [
        *BAD_CONTENT,
        pytest.param(b"%b\r\n", "Windows line ends", id="CRLF"),
        pytest.param(b"%b\n\n", "more than one line", id="two newlines"),
        pytest.param(PEM.encode(), "name that as private_key_file", id="PEM"),
        pytest.param(b"%b x", "blanks", id="blank inside"),
        pytest.param("schlüssel".encode(), "ASCII", id="not ASCII"),
    ],
)
def test_a_bad_secret_is_named_with_the_fix_and_never_quoted(
    files: KeyFiles, secret_file: Path, template: bytes, said: str
) -> None:
    secret_file.write_bytes(template.replace(b"%b", SECRET.encode()))

    detail = failure_of(files)

    assert detail.startswith(f"secret_file {secret_file} ")
    assert said in detail
    assert SECRET not in detail


@pytest.mark.parametrize("setting", ["api_key_file", "secret_file", "private_key_file"])
def test_a_missing_file_a_directory_and_a_pipe_are_told_apart(
    files: KeyFiles, pem_files: KeyFiles, tmp_path: Path, setting: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    whole = pem_files if setting == "private_key_file" else files

    def told(name: str) -> str:
        path = tmp_path / name
        return failure_of(replace(whole, **{setting: path})).removeprefix(f"{setting} {path} ")

    assert told("gone") == "cannot be read: No such file or directory"
    assert told("") == "cannot be read: Is a directory"
    assert told("pipe") == "is not a plain file"


def test_an_unreadable_file_is_named(files: KeyFiles) -> None:
    files.api_key_file.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(NOBODY)  # to root everything is readable
    try:
        detail = failure_of(files)
    finally:
        os.seteuid(us)

    assert detail == f"api_key_file {files.api_key_file} cannot be read: Permission denied"


def test_a_file_of_any_size_costs_no_memory(files: KeyFiles, secret_file: Path) -> None:
    os.truncate(secret_file, 1 << 40)

    assert "is too long" in failure_of(files)


def test_what_signs_is_refused_where_everybody_can_read_it(
    files: KeyFiles, secret_file: Path, pem_files: KeyFiles, pem_file: Path
) -> None:
    secret_file.chmod(0o644)
    pem_file.chmod(0o604)

    assert f"run `chmod o-rwx {secret_file}`" in failure_of(files)
    assert f"run `chmod o-rwx {pem_file}`" in failure_of(pem_files)
