"""RSA and Ed25519 keys, made here and used as a client would."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sonde_core.errors import ConfigInvalidError
from sonde_lab.world import EXAMPLE_SECRET, Key, World
from tests.lab.calls import PEER, Caller, calling, refusal
from tests.lab.key_pairs import (
    PrivateKey,
    ed25519_key,
    key_of,
    private_pem,
    public_pem,
    rsa_key,
    sent,
    sign,
)

INVALID = (400, -1022, "Signature for this request is not valid.")
SIGNED = ("/api/v3/account", "/sapi/v1/account/apiRestrictions", "/fapi/v3/account")
TEST_ORDERS = ("/api/v3/order/test", "/fapi/v1/order/test")
PAIRS = [
    pytest.param(lambda: rsa_key(2048), id="rsa 2048"),
    pytest.param(lambda: rsa_key(4096), id="rsa 4096"),
    pytest.param(ed25519_key, id="ed25519"),
]
TYPES = [PAIRS[0], PAIRS[2]]

MakeKey = Callable[[], PrivateKey]


def world(*keys: Key) -> World:
    return World(seen_ip=PEER, keys=keys)


async def get(caller: Caller, path: str, signature: str) -> httpx.Response:
    query = f"timestamp={caller.clock.ms}"
    return await caller.raw("GET", path, f"{query}&signature={signature}")


@pytest.mark.parametrize("make", PAIRS)
async def test_a_key_pair_opens_every_surface(make: MakeKey) -> None:
    private = make()
    async with calling(world(key_of(private))) as caller:
        signature = sent(sign(private, f"timestamp={caller.clock.ms}"))
        answers = [await get(caller, path, signature) for path in SIGNED]

    assert [each.status_code for each in answers] == [200, 200, 200]


@pytest.mark.parametrize("path", TEST_ORDERS)
@pytest.mark.parametrize("make", TYPES)
async def test_query_and_body_are_signed_together(make: MakeKey, path: str) -> None:
    private = make()
    async with calling(world(key_of(private))) as caller:
        query = "symbol=BTCUSDT&side=BUY"
        body = f"type=MARKET&quantity=1&timestamp={caller.clock.ms}"
        signature = sent(sign(private, query + body))

        in_body = await caller.raw("POST", path, query, f"{body}&signature={signature}")
        in_query = await caller.raw("POST", path, f"{query}&signature={signature}", body)

    assert (in_body.status_code, in_query.status_code) == (200, 200)


@pytest.mark.parametrize("make", TYPES)
async def test_base64_is_taken_to_the_letter(make: MakeKey) -> None:
    private = make()
    async with calling(world(key_of(private))) as caller:
        signature = sign(private, f"timestamp={caller.clock.ms}")
        answers = [
            await get(caller, SIGNED[0], quote(changed, safe=""))
            for changed in (
                signature.swapcase(),
                signature.rstrip("="),
                f"{signature} ",
                base64.b64decode(signature).hex(),
                "é" + signature,
            )
        ]

    assert {refusal(each) for each in answers} == {INVALID}


async def test_a_plus_that_was_not_percent_encoded_is_a_space() -> None:
    private = rsa_key()
    async with calling(world(key_of(private))) as caller:
        query = next(
            text
            for window in range(1, 1000)
            if "+" in sign(private, text := f"timestamp={caller.clock.ms}&recvWindow={window}")
        )
        signature = sign(private, query)

        plain = await caller.raw("GET", SIGNED[0], f"{query}&signature={signature}")
        encoded = await caller.raw("GET", SIGNED[0], f"{query}&signature={sent(signature)}")

    assert (refusal(plain), encoded.status_code) == (INVALID, 200)


@pytest.mark.parametrize("make", TYPES)
@pytest.mark.parametrize("path", TEST_ORDERS)
async def test_what_is_not_ascii_is_signed_percent_encoded(make: MakeKey, path: str) -> None:
    private = make()
    async with calling(world(key_of(private))) as caller:
        rest = f"side=BUY&type=MARKET&quantity=1&timestamp={caller.clock.ms}"
        raw, encoded = (f"symbol={symbol}&{rest}" for symbol in ("币安人生", quote("币安人生")))

        # Signed as it was sent: only the symbol, which is not traded, is wrong with it.
        right = await caller.raw(
            "POST", path, f"{encoded}&signature={sent(sign(private, encoded))}"
        )
        before = await caller.raw("POST", path, f"{encoded}&signature={sent(sign(private, raw))}")
        never = await caller.raw("POST", path, body=f"{raw}&signature={sent(sign(private, raw))}")

    assert refusal(right)[1] == -1121
    assert (refusal(before), refusal(never)) == (INVALID, INVALID)


async def test_what_is_not_ascii_is_signed_percent_encoded_with_a_secret_too() -> None:
    async with calling(world(Key())) as caller:
        body = f"symbol=币安人生&side=BUY&type=MARKET&quantity=1&timestamp={caller.clock.ms}"

        response = await caller.raw(
            "POST", TEST_ORDERS[1], body=f"{body}&signature={caller.sign(body)}"
        )

    assert refusal(response) == INVALID


@pytest.mark.parametrize("make", TYPES)
async def test_futures_want_the_signature_last_in_the_query_or_in_the_body(make: MakeKey) -> None:
    private = make()
    async with calling(world(key_of(private))) as caller:
        rest = f"side=BUY&type=MARKET&quantity=1&timestamp={caller.clock.ms}"
        signature = f"signature={sent(sign(private, f'symbol=BTCUSDT&{rest}'))}"
        early = f"symbol=BTCUSDT&{signature}&{rest}"
        last = f"symbol=BTCUSDT&{rest}&{signature}"

        answers = {
            (path.split("/")[1], name): (await caller.raw("POST", path, *place)).status_code
            for path in TEST_ORDERS
            for name, place in {
                "query, early": (early, ""),
                "body, early": ("", early),
                "query, last": (last, ""),
                "body, last": ("", last),
            }.items()
        }

    assert {name for name, status in answers.items() if status != 200} == {
        ("fapi", "query, early"),
        ("fapi", "body, early"),
    }


def in_hex(payload: str) -> str:
    return hmac.new(EXAMPLE_SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()


def in_base64(payload: str) -> str:
    return base64.b64encode(bytes.fromhex(in_hex(payload))).decode()


def pss(payload: str) -> str:
    mode = padding.PSS(padding.MGF1(SHA256()), padding.PSS.MAX_LENGTH)
    return base64.b64encode(rsa_key().sign(payload.encode(), mode, SHA256())).decode()


def sha512(payload: str) -> str:
    proof = rsa_key().sign(payload.encode(), padding.PKCS1v15(), SHA512())
    return base64.b64encode(proof).decode()


SIGNERS: Mapping[str, Callable[[str], str]] = {
    "hmac": in_hex,
    "rsa": partial(sign, rsa_key()),
    "ed25519": partial(sign, ed25519_key()),
    "hmac in base64": in_base64,
    "another rsa key": partial(sign, rsa_key(copy=1)),
    "rsa-pss": pss,
    "rsa with sha-512": sha512,
}


@pytest.mark.parametrize("path", SIGNED)
@pytest.mark.parametrize(
    "key", [Key(), key_of(rsa_key()), key_of(ed25519_key())], ids=lambda key: key.type
)
async def test_only_the_signer_of_a_key_is_accepted(key: Key, path: str) -> None:
    async with calling(world(key)) as caller:
        payload = f"timestamp={caller.clock.ms}"
        answers = {
            name: await get(caller, path, sent(signer(payload))) for name, signer in SIGNERS.items()
        }

    assert answers.pop(key.type).status_code == 200
    assert {name: refusal(each) for name, each in answers.items()} == dict.fromkeys(
        answers, INVALID
    )


RSA, ED25519 = public_pem(rsa_key()), public_pem(ed25519_key())
PKCS1 = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
ELLIPTIC = public_pem(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        pytest.param(
            {"type": "rsa", "public_key": private_pem(rsa_key())},
            "public_key holds a private key; openssl pkey -in FILE -pubout makes the public one",
            id="private key",
        ),
        pytest.param(
            {"type": "rsa"}, "must be PEM that starts with -----BEGIN PUBLIC KEY-----", id="none"
        ),
        pytest.param(
            {"type": "rsa", "public_key": PKCS1},
            "must be PEM that starts with -----BEGIN PUBLIC KEY-----",
            id="PKCS#1",
        ),
        pytest.param(
            {"type": "rsa", "public_key": RSA[:200] + RSA[230:]},
            "public_key is PEM, but no public key can be read from it",
            id="damaged",
        ),
        pytest.param(
            {"type": "rsa", "public_key": public_pem(rsa_key(1024))},
            "must be RSA of 2048 or 4096 bits, but has 1024",
            id="small",
        ),
        pytest.param(
            {"type": "rsa", "public_key": ED25519},
            "public_key is of type Ed25519, but type is rsa",
            id="Ed25519 as RSA",
        ),
        pytest.param(
            {"type": "ed25519", "public_key": RSA},
            "public_key is of type RSA, but type is ed25519",
            id="RSA as Ed25519",
        ),
        pytest.param(
            {"type": "ed25519", "public_key": ELLIPTIC},
            "public_key is of type EC, but type is ed25519",
            id="another curve",
        ),
        pytest.param(
            {"type": "rsa", "public_key": RSA, "secret": "x"},
            "secret must be left out where type is rsa",
            id="secret beside a pair",
        ),
        pytest.param(
            {"public_key": RSA}, "public_key must be left out where type is hmac", id="no type"
        ),
        pytest.param(
            {"secret": None}, "secret must not be empty where type is hmac", id="no secret"
        ),
        pytest.param({"type": "dsa"}, "Invalid enum value 'dsa'", id="unknown type"),
    ],
)
def test_what_is_wrong_with_a_key_is_named_and_not_repeated(
    fields: dict[str, str | None], complaint: str
) -> None:
    with pytest.raises(ConfigInvalidError) as caught:
        World.from_json(msgspec.json.encode({"keys": [fields]}))

    assert complaint in str(caught.value)
    assert "`$.keys[0]" in str(caught.value)
    assert "MII" not in str(caught.value)


def test_a_world_with_key_pairs_survives_json() -> None:
    made = world(key_of(rsa_key()))

    assert World.from_json(made.to_json()) == made
    assert made.keys[0].secret is None
