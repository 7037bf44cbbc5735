"""The simulator, driven by the exchange's own SDK and by the library that most bots use."""

from collections.abc import Mapping
from typing import Any

import pytest

from sonde_lab.world import Answer, Fault, Key, Limits, Permissions, SurfaceState, World
from tests.lab.clients.cases import Outcome
from tests.lab.clients.stage import CALLS, Played, Scene, play_to
from tests.lab.key_pairs import PrivateKey, ed25519_key, key_of, private_pem, rsa_key

FUTURES, WALLET = ("futures account",), ("apiRestrictions",)


def usdm(limits: Limits) -> Scene:
    return Scene(world=World(usdm=SurfaceState(limits=limits)), calls=FUTURES)


def faulty(answer: Answer) -> Scene:
    return Scene(world=World(faults=(Fault(answer=answer),)), calls=FUTURES)


def with_key(key: Key, calls: tuple[str, ...]) -> Scene:
    return Scene(world=World(keys=(key,), sapi_permission_code=-1002), calls=calls)


def with_pair(private: PrivateKey) -> Scene:
    return Scene(
        world=World(keys=(key_of(private),)), secret=None, private_key=private_pem(private)
    )


def scenes() -> Mapping[str, Scene]:
    """Return what each client goes through."""
    return {
        "hmac": Scene(world=World()),
        "rsa": with_pair(rsa_key()),
        "ed25519": with_pair(ed25519_key()),
        "-2015": with_key(Key(permissions=Permissions(enable_futures=False)), FUTURES),
        "-2014": Scene(world=World(), api_key="short", calls=FUTURES),
        "-2008": Scene(world=World(keys=()), calls=WALLET),
        "-1002": with_key(Key(permissions=Permissions(enable_reading=False)), WALLET),
        "-1022": Scene(world=World(), secret="no", calls=FUTURES),
        "-1021 ahead": Scene(world=World(clock_offset_ms=-2000), calls=FUTURES),
        "-1021 behind": Scene(world=World(clock_offset_ms=30_000), calls=FUTURES),
        "429": usdm(Limits(weight_limit=0)),
        "418": usdm(Limits(banned_until_ms=4_000_000_000_000)),
        "403": faulty(Answer.WAF),
        "451": faulty(Answer.RESTRICTED_LOCATION),
        "503 unknown": faulty(Answer.UNKNOWN_ERROR),
        "503 text": faulty(Answer.SERVICE_UNAVAILABLE),
        "503 -1001": faulty(Answer.INTERNAL_ERROR),
        "503 -1008": faulty(Answer.OVERLOADED),
        "408": faulty(Answer.BACKEND_TIMEOUT),
    }


@pytest.fixture(scope="module")
def played() -> Mapping[str, Mapping[str, Played]]:
    return play_to(("official_sdk", "python_binance"), scenes())


@pytest.fixture(scope="module")
def official_sdk(played: Mapping[str, Mapping[str, Played]]) -> Mapping[str, Played]:
    return played["official_sdk"]


@pytest.fixture(scope="module")
def python_binance(played: Mapping[str, Mapping[str, Played]]) -> Mapping[str, Played]:
    return played["python_binance"]


@pytest.mark.parametrize("client", ["official_sdk", "python_binance"])
@pytest.mark.parametrize("scene", ["hmac", "rsa", "ed25519"])
def test_a_client_gets_everything_with_a_key_of_each_type(
    played: Mapping[str, Mapping[str, Played]], client: str, scene: str
) -> None:
    good = played[client][scene]
    answers: dict[str, Any] = {name: each.answer for name, each in good.outcomes.items()}

    assert [each.status for each in good.requests] == [200] * len(CALLS)
    assert answers["time"]["serverTime"] <= answers["futures time"]["serverTime"]
    assert len(answers["exchangeInfo"]["symbols"]) == 3
    assert answers["account"]["balances"][0]["free"] == "7391.42"
    assert answers["order/test"] == {}
    assert answers["apiRestrictions"]["enableFutures"] is True
    assert answers["futures exchangeInfo"]["symbols"][0]["symbol"] == "BTCUSDT"
    assert answers["futures account"]["totalWalletBalance"] == "7391.42"
    assert answers["futures order/test"]["status"] == "NEW"


def only(played: Played) -> Outcome:
    (outcome,) = played.outcomes.values()
    return outcome


BUSY = ("ServerError", 503, "Server error: 503")
"""All that is left of a 503, whichever of the four it was."""


@pytest.mark.parametrize(
    ("scene", "error", "code", "message"),
    [
        ("-2015", "UnauthorizedError", -2015, "request ip: 127.0.0.1"),
        ("-2014", "UnauthorizedError", -2014, "API-key format invalid."),
        ("-2008", "UnauthorizedError", -2008, "Invalid Api-Key ID."),
        ("-1002", "BadRequestError", -1002, "not authorized"),
        ("-1022", "BadRequestError", -1022, "Signature for this request is not valid."),
        ("-1021 ahead", "BadRequestError", -1021, "1000ms ahead"),
        ("-1021 behind", "BadRequestError", -1021, "outside of the recvWindow"),
        ("429", "TooManyRequestsError", -1003, "Too many requests"),
        ("418", "RateLimitBanError", -1003, "banned until 4000000000000"),
        ("403", "ForbiddenError", None, "Access to the requested resource is forbidden."),
        ("451", "ClientError", None, "restricted location"),
        ("503 unknown", *BUSY),
        ("503 text", *BUSY),
        ("503 -1001", *BUSY),
        ("503 -1008", *BUSY),
        ("408", "ClientError", None, "Timeout waiting for response"),
    ],
)
def test_the_official_sdk_raises_what_a_refusal_of_the_exchange_raises(
    official_sdk: Mapping[str, Played], scene: str, error: str, code: int | None, message: str
) -> None:
    outcome = only(official_sdk[scene])

    assert (outcome.error, outcome.facts["status_code"]) == (error, code)
    assert message in str(outcome.facts["error_message"])


def test_the_official_sdk_reads_how_long_to_wait(official_sdk: Mapping[str, Played]) -> None:
    waits = [only(official_sdk[scene]).facts["retry_after"] for scene in ("429", "418")]

    assert isinstance(waits[0], int)
    assert 0 < waits[0] <= 60
    assert isinstance(waits[1], int)
    assert waits[1] > 60


def test_the_official_sdk_asks_three_times_more_only_after_a_503(
    official_sdk: Mapping[str, Played],
) -> None:
    attempts = {name: len(played.requests) for name, played in official_sdk.items()}

    assert {name for name, count in attempts.items() if count == 4} == {
        name for name in attempts if name.startswith("503")
    }
    assert set(attempts.values()) == {1, 4, len(CALLS)}


@pytest.mark.parametrize(
    ("scene", "status", "code", "message"),
    [
        ("-2015", 401, -2015, "request ip: 127.0.0.1"),
        ("-2014", 401, -2014, "API-key format invalid."),
        ("-2008", 401, -2008, "Invalid Api-Key ID."),
        ("-1002", 400, -1002, "not authorized"),
        ("-1022", 400, -1022, "Signature for this request is not valid."),
        ("-1021 ahead", 400, -1021, "1000ms ahead"),
        ("-1021 behind", 400, -1021, "outside of the recvWindow"),
        ("429", 429, -1003, "Too many requests"),
        ("418", 418, -1003, "banned until 4000000000000"),
        ("403", 403, 0, "Invalid JSON error message from Binance: <!DOCTYPE HTML"),
        ("451", 451, 0, "restricted location"),
        ("503 unknown", 503, None, "Unknown error, please check your request"),
        ("503 text", 503, 0, "Invalid JSON error message from Binance: Service Unavailable."),
        ("503 -1001", 503, -1001, "Internal error"),
        ("503 -1008", 503, -1008, "throttled by system-level protection"),
        ("408", 408, -1007, "Timeout waiting for response"),
    ],
)
def test_python_binance_raises_what_a_refusal_of_the_exchange_raises(
    python_binance: Mapping[str, Played], scene: str, status: int, code: int | None, message: str
) -> None:
    outcome = only(python_binance[scene])

    assert outcome.error == "BinanceAPIException"
    assert (outcome.facts["status_code"], outcome.facts["code"]) == (status, code)
    assert message in str(outcome.facts["message"])
    assert len(python_binance[scene].requests) == 1
