"""RSA and Ed25519 keys in PEM files."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from sonde_agent.keyring import KeyFiles, SignedCall
from sonde_core.readings import KeyType
from tests.agent.key_files import BAD_CONTENT, PEM, SECRET, failure_of, key
from tests.lab.key_pairs import ed25519_key, private_pem, public_pem, rsa_key, sign

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pem", "type_"),
    [
        pytest.param(PEM, KeyType.ED25519, id="Ed25519"),
        pytest.param(private_pem(rsa_key(2048)), KeyType.RSA, id="RSA 2048"),
        pytest.param(private_pem(rsa_key(4096)), KeyType.RSA, id="RSA 4096"),
        # RFC 7468 section 2: a reader takes either kind of line end.
        pytest.param(PEM.replace("\n", "\r\n"), KeyType.ED25519, id="Windows line ends"),
    ],
)
def test_a_private_key_is_read_and_shows_nothing(
    pem_files: KeyFiles, pem_file: Path, pem: str, type_: KeyType
) -> None:
    pem_file.write_text(pem)

    facts = key(pem_files).facts

    assert (facts.type, facts.last4) == (type_, "Eh8A")
    assert repr(key(pem_files)) == "Key(api_key=***, _private=***)"


def test_a_signature_in_base64_is_percent_encoded_and_last(pem_files: KeyFiles) -> None:
    signed = key(pem_files).sign(
        SignedCall.FUTURES_ORDER_TEST, at=NOON, recv_window=timedelta(seconds=5)
    )

    query, _, signature = signed.query.rpartition("&signature=")
    assert signature == quote(sign(ed25519_key(), query), safe="")
    assert not set(signature) & set("+/=")
    assert len(unquote(signature)) == 88


def pem_of(private: object, form: serialization.PrivateFormat, password: bytes = b"") -> bytes:
    assert isinstance(
        private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed448.Ed448PrivateKey
    )
    how = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return private.private_bytes(serialization.Encoding.PEM, form, how)


PKCS1 = serialization.PrivateFormat.TraditionalOpenSSL
PKCS8 = serialization.PrivateFormat.PKCS8
OPENSSH = serialization.PrivateFormat.OpenSSH
CURVE = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("template", "said"),
    [
        *BAD_CONTENT,
        pytest.param(b"hello", "holds no PEM key", id="no PEM"),
        pytest.param(SECRET.encode(), "holds no PEM key", id="a secret"),
        pytest.param(PEM.encode()[:60], "is damaged", id="cut short"),
        pytest.param(PEM.replace("MC4C", "MC4D").encode(), "is damaged", id="a letter changed"),
        pytest.param(public_pem(ed25519_key()).encode(), "the public half", id="public key"),
        pytest.param(b"-----BEGIN CERTIFICATE-----", "the public half", id="certificate"),
        pytest.param(pem_of(rsa_key(2048), PKCS8, b"x"), "is encrypted", id="encrypted"),
        pytest.param(pem_of(rsa_key(2048), PKCS1), "is in PKCS#1 form", id="PKCS#1"),
        pytest.param(pem_of(rsa_key(2048), OPENSSH), "is in OpenSSH form", id="OpenSSH"),
        pytest.param(pem_of(rsa_key(1024), PKCS8), "has 1024 bits", id="1024 bits"),
        pytest.param(pem_of(rsa_key(3072), PKCS8), "has 3072 bits", id="3072 bits"),
        pytest.param(pem_of(CURVE, PKCS8), "neither an RSA nor an Ed25519", id="EC"),
        pytest.param(pem_of(CURVE, PKCS1), "neither an RSA nor an Ed25519", id="EC, old form"),
        pytest.param(
            pem_of(ed448.Ed448PrivateKey.generate(), PKCS8), "neither an RSA nor", id="Ed448"
        ),
    ],
)
def test_a_bad_private_key_is_named_with_the_fix_and_never_quoted(
    pem_files: KeyFiles, pem_file: Path, template: bytes, said: str
) -> None:
    content = template.replace(b"%b", PEM.encode())
    pem_file.write_bytes(content)

    detail = failure_of(pem_files)

    assert detail.startswith(f"private_key_file {pem_file} ")
    assert said in detail
    assert not any(
        line in detail for line in content.decode("utf-8-sig").splitlines() if line.strip()
    )


def test_an_rsa_key_whose_numbers_do_not_belong_together_is_damaged(
    pem_files: KeyFiles, pem_file: Path
) -> None:
    ours, theirs = rsa_key(2048).private_numbers(), rsa_key(2048, copy=1).private_numbers()
    mixed = rsa.RSAPrivateNumbers(
        p=ours.p,
        q=ours.q,
        d=theirs.d,
        dmp1=theirs.dmp1,
        dmq1=theirs.dmq1,
        iqmp=theirs.iqmp,
        public_numbers=ours.public_numbers,
    ).private_key(unsafe_skip_rsa_key_validation=True)
    pem_file.write_bytes(pem_of(mixed, PKCS8))

    assert "is damaged" in failure_of(pem_files)


@pytest.mark.parametrize(("form", "password"), [(PKCS1, b""), (PKCS8, b"1234")])
def test_the_command_that_is_named_makes_a_file_that_will_do(
    pem_files: KeyFiles,
    pem_file: Path,
    needs: Callable[[str], Path],
    form: serialization.PrivateFormat,
    password: bytes,
) -> None:
    needs("openssl")
    pem_file.write_bytes(pem_of(rsa_key(2048), form, password))

    _, command, _ = failure_of(pem_files).split("`")
    new = pem_file.with_name("new.pem")
    subprocess.run(
        [*command.replace("NEW_FILE", str(new)).split(), "-passin", "pass:1234"], check=True
    )
    new.replace(pem_file)

    assert key(pem_files).type is KeyType.RSA
