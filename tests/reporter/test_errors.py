"""Exceptions of the clients that engines use, as they are."""

import asyncio
import warnings
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import ccxt  # type: ignore[import-untyped]
import httpx
import pytest
import requests
from binance_common.configuration import ConfigurationRestAPI
from binance_common.utils import send_request

from sonde.engine.v1.report_pb2 import FailureReport
from sonde_lab.exchange import serve_exchange
from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET, Limits, SurfaceState, World
from sonde_reporter import Reporter
from sonde_reporter.capturing import capture
from sonde_reporter.errors import describe
from tests.reporter.agents import listening

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports what websockets will drop
    from binance.client import Client  # type: ignore[import-untyped]

Call = Callable[[str], object]
BUSY = World(usdm=SurfaceState(limits=Limits(weight_limit=0)))
BEHIND = World(clock_offset_ms=30_000)


def by_ccxt(url: str) -> object:
    client: Any = ccxt.binanceusdm({"apiKey": EXAMPLE_API_KEY, "secret": EXAMPLE_SECRET})
    client.urls["api"]["fapiPrivateV3"] = f"{url}/fapi/v3"
    try:
        return client.fapiPrivateV3GetAccount()
    finally:
        client.session.close()


def by_python_binance(url: str) -> object:
    client: Any = Client(EXAMPLE_API_KEY, EXAMPLE_SECRET, ping=False)
    client.FUTURES_URL = f"{url}/fapi"
    try:
        return client.futures_account()
    finally:
        client.close_connection()
        client.loop.close()
        asyncio.set_event_loop(None)


def by_the_sdk(url: str) -> object:
    """Make the call that every method of every one of the SDKs makes."""
    configuration = ConfigurationRestAPI(
        api_key=EXAMPLE_API_KEY, api_secret=EXAMPLE_SECRET, base_path=url, retries=0
    )
    with requests.Session() as session:
        return send_request(session, configuration, "GET", "/fapi/v3/account", is_signed=True)


def by_requests(url: str) -> object:
    with requests.Session() as session:
        response = session.get(
            f"{url}/fapi/v3/account?timestamp=1&signature=0123456789abcdef",
            headers={"X-MBX-APIKEY": EXAMPLE_API_KEY},
        )
    response.raise_for_status()
    return response


def by_httpx(url: str) -> object:
    response = httpx.get(
        f"{url}/fapi/v3/account?timestamp=1&signature=0123456789abcdef",
        headers={"X-MBX-APIKEY": EXAMPLE_API_KEY},
        trust_env=False,
    )
    return response.raise_for_status()


def error_of(call: Call, url: str) -> Exception:
    try:
        call(url)
    except Exception as error:  # noqa: BLE001 - whatever the client raises
        return error
    raise AssertionError("nothing was raised")


CLIENTS = pytest.mark.parametrize(
    "call",
    [by_ccxt, by_python_binance, by_the_sdk, by_requests, by_httpx],
    ids=["ccxt", "python-binance", "SDK", "requests", "httpx"],
)


async def reported(call: Call, world: World, tmp_path: Path) -> FailureReport:
    async with serve_exchange(world) as exchange, listening(tmp_path) as agent:
        error = await asyncio.to_thread(error_of, call, exchange.url)
        reporter = Reporter(socket=agent.path)
        reporter.failure(error)
        assert await asyncio.to_thread(reporter.flush, 5)
        [report] = await agent.failures()
        return report


@CLIENTS
async def test_a_late_request_is_told_with_its_code(call: Call, tmp_path: Path) -> None:
    report = await reported(call, BEHIND, tmp_path)

    assert report.code == -1021
    assert report.message.startswith("Timestamp for this request")


@CLIENTS
async def test_too_many_requests_are_told_with_how_long_to_wait(call: Call, tmp_path: Path) -> None:
    report = await reported(call, BUSY, tmp_path)

    assert report.code == -1003
    assert report.message.startswith("Too many requests")
    assert timedelta() < report.retry_after.ToTimedelta() <= timedelta(minutes=1)


@CLIENTS
@pytest.mark.parametrize("world", [BEHIND, BUSY], ids=["late", "busy"])
async def test_neither_the_key_nor_the_signature_nor_the_address_leaves(
    call: Call, world: World, tmp_path: Path
) -> None:
    report = await reported(call, world, tmp_path)

    told = str(report)
    assert "://" not in told
    assert "signature=" not in told
    assert EXAMPLE_API_KEY not in told
    assert "timestamp=" not in told


async def test_what_a_connection_failed_of_is_told(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        error = await asyncio.to_thread(error_of, by_ccxt, "http://127.0.0.1:1")

        advice = await Reporter(socket=agent.path).advise_async(error, timeout=10)

        assert advice is not None
        assert advice.cause == "NETWORK_CONNECTION"
        assert not advice.safe_to_resend


class ClientError(Exception):
    """As binance-connector has it, which cannot be installed beside python-binance."""

    def __init__(self, status_code: int, error_code: int, error_message: str) -> None:
        self.status_code = status_code
        self.error_code = error_code
        self.error_message = error_message
        self.header = {"Retry-After": "7", "Set-Cookie": "aws=1"}
        self.error_data = None


def test_the_connectors_fields_are_read() -> None:
    told = describe(capture(ClientError(429, -1003, "Too many requests.")))

    assert (told["code"], told["httpStatus"], told["retryAfter"]) == (-1003, 429, "7s")
    assert told["message"] == "Too many requests."


class Obliging(dict[str, str]):
    """Headers that answer whatever they are asked for, as some mappings do."""

    def __getattr__(self, name: str) -> "Obliging":
        return Obliging()


def test_headers_that_answer_everything_are_asked_for_the_pause_by_its_name() -> None:
    error = ClientError(429, -1003, "Too many requests.")
    error.header = Obliging({"retry-after": "7"})

    assert describe(capture(error))["retryAfter"] == "7s"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param("-2015 again", {"text": "-2015 again"}, id="a text"),
        pytest.param(
            {"status": 400, "error": {"code": -2010, "msg": "Account has insufficient balance."}},
            {"code": -2010, "message": "Account has insufficient balance."},
            id="an answer over a WebSocket",
        ),
        pytest.param(None, {"text": "None"}, id="nothing"),
        pytest.param(
            KeyError("grid"), {"text": "'grid'", "exception": "KeyError"}, id="the engine's own bug"
        ),
    ],
)
def test_what_is_no_clients_exception_is_told_too(
    error: object, told: Mapping[str, object]
) -> None:
    assert told.items() <= describe(capture(error)).items()


def test_an_error_is_told_with_its_causes_but_not_with_what_it_was_merely_raised_beside() -> None:
    def raised() -> Exception:
        try:
            try:
                raise RuntimeError('{"code":-1021,"msg":"old"}')  # noqa: TRY301 - a context is wanted
            except RuntimeError:
                raise KeyError("grid") from OSError("Connection refused")
        except KeyError as error:
            return error

    told = describe(capture(raised()))

    assert told["text"] == "'grid' caused by OSError: Connection refused"
    assert "code" not in told


REFUSAL = 'binance {"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}'


class OrderFailedError(Exception):
    """An engine's own."""


def caught(fail: Callable[[], object]) -> Exception:
    try:
        fail()
    except Exception as error:  # noqa: BLE001 - whatever it raises
        return error
    raise AssertionError("nothing was raised")


def refuse() -> None:
    raise RuntimeError(REFUSAL)


def time_out() -> None:
    raise RuntimeError("no answer within 10 s")


def test_what_was_raised_in_the_place_of_a_refusal_is_told_as_that_refusal() -> None:
    def place() -> None:
        try:
            refuse()
        except RuntimeError:
            raise OrderFailedError("BTCUSDT")  # noqa: B904 - as many engines do

    told = describe(capture(caught(place)))

    assert told["code"] == -1021
    assert told["text"] == f"BTCUSDT caused by RuntimeError: {REFUSAL}"


def test_what_failed_while_a_refusal_was_dealt_with_is_not_told_as_that_refusal() -> None:
    engine: dict[str, float] = {}

    def place_twice() -> None:
        try:
            refuse()
        except RuntimeError:
            time_out()

    def look_up() -> None:
        try:
            refuse()
        except RuntimeError:
            engine["grid"]

    for fail in (place_twice, look_up):
        told = describe(capture(caught(fail)))
        assert "code" not in told
        assert "-1021" not in str(told)


async def in_a_task_group(*fail: Callable[[], None]) -> Exception:
    async def task(each: Callable[[], None]) -> None:
        each()

    try:
        async with asyncio.TaskGroup() as group:
            for each in fail:
                group.create_task(task(each))
    except ExceptionGroup as error:
        return error
    raise AssertionError("nothing was raised")


async def test_a_refusal_in_a_task_group_is_told_as_itself(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        error = ExceptionGroup("all", [await in_a_task_group(refuse)])

        advice = await Reporter(socket=agent.path).advise_async(error, timeout=10)

        assert advice is not None
        assert (advice.action, advice.safe_to_resend) == ("RECALIBRATE_AND_RETRY", True)
        [report] = await agent.failures()
        assert (report.text, report.code) == (REFUSAL, -1021)


async def test_each_error_in_a_group_is_told_and_no_order_of_several_is_safe_to_resend(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(socket=agent.path)

        advice = await reporter.advise_async(await in_a_task_group(time_out, refuse), timeout=10)
        reporter.failure(await in_a_task_group(time_out, refuse))

        assert advice is not None
        assert (advice.action, advice.safe_to_resend) == ("RECALIBRATE_AND_RETRY", False)
        assert await asyncio.to_thread(reporter.flush, 10)
        told = [report.text for report in await agent.failures()]
        assert sorted(told) == sorted([REFUSAL, "no answer within 10 s"] * 2)


def test_a_refusal_in_a_group_that_is_a_cause_is_told() -> None:
    def place() -> None:
        raise OrderFailedError("BTCUSDT") from ExceptionGroup("all", [caught(refuse)])

    assert describe(capture(caught(place)))["code"] == -1021
