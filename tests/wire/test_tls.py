"""Identities in files: what will not do, what is replaced, and how a failure is told."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import grpc.aio
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sonde_core.errors import ConfigInvalidError
from sonde_wire.channels import is_serving, open_channel
from sonde_wire.failures import why
from sonde_wire.tls import RenewedTls, TlsFiles
from tests.wire.certificates import Key, authority
from tests.wire.server import serving

NAME = "agent.example"
LONG_AGO, SOON = timedelta(hours=-3), timedelta(hours=3)


async def reason(address: str, tls: TlsFiles | None, name: str = NAME) -> str:
    """Return why a call failed, or nothing where it did not."""
    async with open_channel(address, tls, name) as channel:
        try:
            await is_serving(channel)
        except grpc.aio.AioRpcError as error:
            return why(error, address, tls, name)
    return ""


def replace_files(new: TlsFiles, old: TlsFiles) -> None:
    """Put an identity in the place of another, file by file."""
    for field in ("ca_file", "cert_file", "key_file"):
        old_file: Path = getattr(old, field)
        old_file.write_bytes(getattr(new, field).read_bytes())


def write(path: Path, content: bytes | None) -> bytes:
    """Write a file, or remove it, and return what it held."""
    before = path.read_bytes()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    return before


@pytest.mark.parametrize(
    ("name", "theirs", "ours", "words"),
    [
        pytest.param(NAME, timedelta(), timedelta(), "", id="good"),
        pytest.param(
            "other.example", timedelta(), timedelta(), "for another name than other", id="name"
        ),
        pytest.param(NAME, LONG_AGO, timedelta(), "its certificate has expired", id="expired"),
        pytest.param(NAME, SOON, timedelta(), "its certificate is not valid yet", id="not yet"),
        pytest.param(
            NAME, timedelta(), LONG_AGO, "hung up on our certificate, which expired", id="own"
        ),
        pytest.param(
            NAME,
            timedelta(),
            SOON,
            "hung up on our certificate, which is valid from",
            id="own soon",
        ),
    ],
)
async def test_a_certificate_out_of_its_time_or_for_another_name_is_told_in_words(
    tmp_path: Path, name: str, theirs: timedelta, ours: timedelta, words: str
) -> None:
    ca = authority(tmp_path)
    async with serving("127.0.0.1:0", ca.issue(NAME, theirs)) as address:
        told = await reason(address, ca.issue("service", ours), name)

    assert words in told
    assert bool(words) == bool(told)


async def test_another_authority_is_told_on_either_side(tmp_path: Path) -> None:
    ca, foreign = authority(tmp_path / "a"), authority(tmp_path / "b", "another")
    stranger = foreign.issue("service")
    trusting = replace(stranger, ca_file=ca.issue("service").ca_file)
    async with serving("127.0.0.1:0", ca.issue(NAME)) as address:
        assert "its certificate is from another authority" in await reason(address, stranger)
        assert "hung up on our certificate, which is from another" in await reason(
            address, trusting
        )


async def test_tls_on_one_side_only_is_told_on_either_side(tmp_path: Path) -> None:
    ca = authority(tmp_path)
    async with serving("127.0.0.1:0", ca.issue(NAME)) as address:
        assert "it may expect TLS" in await reason(address, None)
    async with serving("127.0.0.1:0") as address:
        assert "answers in plain text" in await reason(address, ca.issue("service"))


async def test_a_new_connection_uses_what_the_files_hold_then(tmp_path: Path) -> None:
    ca, next_ca = authority(tmp_path / "a"), authority(tmp_path / "b", "the next authority")
    files, client, next_client = ca.issue(NAME), ca.issue("one"), next_ca.issue("one")
    async with (
        serving("127.0.0.1:0", files) as address,
        open_channel(address, client, NAME) as early,
    ):
        assert await is_serving(early)
        replace_files(next_ca.issue("new.example"), files)

        assert await reason(address, next_client, "new.example") == ""
        assert "TLS failed" in await reason(address, client)
        assert await is_serving(early)  # what is connected stays


@pytest.mark.parametrize("field", ["ca_file", "cert_file", "key_file"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nMIIB"])
async def test_a_half_written_identity_leaves_the_server_with_the_one_it_had(
    tmp_path: Path, field: str, content: bytes | None
) -> None:
    ca = authority(tmp_path)
    files, client = ca.issue(NAME), ca.issue("one")
    files = replace(files, ca_file=Path(shutil.copy(files.ca_file, tmp_path / "own-ca.pem")))
    async with serving("127.0.0.1:0", files) as address:
        whole = write(getattr(files, field), content)
        assert await reason(address, client) == ""

        getattr(files, field).write_bytes(whole)
        assert await reason(address, client) == ""


async def test_certificate_and_key_of_two_issues_leave_the_server_with_what_it_had(
    tmp_path: Path,
) -> None:
    ca = authority(tmp_path)
    files, client, other = ca.issue(NAME), ca.issue("one"), ca.issue("other")
    async with serving("127.0.0.1:0", files) as address:
        shutil.copy(other.cert_file, files.cert_file)
        assert await reason(address, client) == ""

        shutil.copy(other.key_file, files.key_file)
        assert await reason(address, client, "other") == ""


def test_an_identity_is_read_again_only_when_its_files_change(tmp_path: Path) -> None:
    ca = authority(tmp_path)
    files = ca.issue("one")
    renewed = RenewedTls(files)

    first = renewed.load()
    assert renewed.load() is first
    replace_files(ca.issue("two"), files)
    assert renewed.load() is not first
    assert renewed.load() == files.load()


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(ed25519.Ed25519PrivateKey.generate(), id="Ed25519"),
        pytest.param(ec.generate_private_key(ec.SECP521R1()), id="P-521"),
    ],
)
def test_a_kind_of_key_that_grpc_cannot_use_is_refused(tmp_path: Path, key: Key) -> None:
    with pytest.raises(ConfigInvalidError, match=r"one\.key: make an EC key \(P-256 or P-384\)"):
        authority(tmp_path).issue("one", key=key).load()


def test_a_broken_certificate_further_down_the_chain_is_refused(tmp_path: Path) -> None:
    files = authority(tmp_path).issue("one")
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    files.cert_file.write_bytes(files.cert_file.read_bytes() + broken)

    with pytest.raises(ConfigInvalidError, match=r"cert_file .*one\.pem: not a PEM certificate"):
        files.load()
