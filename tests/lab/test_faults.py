import asyncio
from datetime import timedelta

import httpx
import pytest

from sonde_lab.world import Answer, Fault, Key, Surface, World
from tests.lab.calls import PEER, calling, refusal

PATHS = ("/api/v3/time", "/sapi/v1/system/status", "/fapi/v1/time", "/dapi/v1/time")


def world(*faults: Fault) -> World:
    return World(seen_ip=PEER, faults=faults)


async def test_a_web_application_firewall_answers_html() -> None:
    async with calling(world(Fault(answer=Answer.WAF))) as caller:
        answers = [await caller.public(path) for path in PATHS]

    assert {each.status_code for each in answers} == {403}
    assert {each.headers["Content-Type"] for each in answers} == {"text/html"}
    assert "CloudFront" in answers[0].text
    assert not any("used" in name for each in answers for name in each.headers)


async def test_a_restricted_location_is_told_so() -> None:
    async with calling(world(Fault(answer=Answer.RESTRICTED_LOCATION))) as caller:
        response = await caller.public("/fapi/v1/time")

    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert refusal(response) == (
        451,
        0,
        "Service unavailable from a restricted location according to 'b. Eligibility' in "
        "https://www.binance.com/en/terms. Please contact customer service if you believe you "
        "received this message in error.",
    )


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (
            Answer.UNKNOWN_ERROR,
            503,
            '{"timestamp":1767355215000,"path":"/fapi/v1/time",'
            '"msg":"Unknown error, please check your request or try again later."}',
        ),
        (Answer.SERVICE_UNAVAILABLE, 503, "Service Unavailable."),
        (
            Answer.INTERNAL_ERROR,
            503,
            '{"code":-1001,"msg":"Internal error; unable to process your request. '
            'Please try again."}',
        ),
        (
            Answer.OVERLOADED,
            503,
            '{"code":-1008,"msg":"Request throttled by system-level protection. '
            'Reduce-only/close-position orders are exempt. Please try again."}',
        ),
        (
            Answer.BACKEND_TIMEOUT,
            408,
            '{"code":-1007,"msg":"Timeout waiting for response from backend server. '
            'Send status unknown; execution status unknown."}',
        ),
    ],
)
async def test_futures_fail_in_their_own_words(answer: Answer, status: int, body: str) -> None:
    async with calling(world(Fault(answer=answer))) as caller:
        response = await caller.public("/fapi/v1/time")

    assert (response.status_code, response.text) == (status, body)
    assert response.headers["x-mbx-used-weight-1m"] == "1"


async def test_each_surface_is_overloaded_in_its_own_words() -> None:
    async with calling(world(Fault(answer=Answer.OVERLOADED))) as caller:
        texts = [refusal(await caller.public(path))[2] for path in PATHS]

    assert [text.split()[0] for text in texts] == ["Server", "Spot", "Request", "Request"]


async def test_a_fault_keeps_to_its_surface_and_path() -> None:
    faults = (
        Fault(surface=Surface.USDM, answer=Answer.SERVICE_UNAVAILABLE),
        Fault(path="/api/v3/time", answer=Answer.WAF),
    )
    async with calling(world(*faults)) as caller:
        statuses = [(await caller.public(path)).status_code for path in PATHS]
        ping = await caller.public("/api/v3/ping")

    assert statuses == [403, 200, 503, 200]
    assert ping.status_code == 200


async def test_a_fault_may_strike_a_few_times_only() -> None:
    async with calling(world(Fault(answer=Answer.INTERNAL_ERROR, times=2))) as caller:
        statuses = [(await caller.public("/fapi/v1/ping")).status_code for _ in range(4)]

    assert statuses == [503, 503, 200, 200]


async def test_a_failing_backend_is_reached_only_with_a_good_key() -> None:
    faults = (Fault(answer=Answer.OVERLOADED),)
    async with calling(World(keys=(Key(deleted=True),), faults=faults)) as caller:
        response = await caller.get("/fapi/v3/account")

    assert response.status_code == 401


async def test_a_firewall_stands_before_every_check() -> None:
    faults = (Fault(answer=Answer.WAF),)
    async with calling(World(keys=(), faults=faults)) as caller:
        response = await caller.get("/fapi/v3/account")

    assert response.status_code == 403


async def test_a_delay_holds_a_request_back() -> None:
    async with calling(world(Fault(path="/fapi/v1/ping", delay_ms=600_000))) as caller:
        slow = asyncio.create_task(caller.public("/fapi/v1/ping"))
        fast = [await caller.public("/fapi/v1/time") for _ in range(20)]
        waiting = not slow.done()
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)

    assert {each.status_code for each in fast} == {200}
    assert waiting


async def test_who_goes_before_the_answer_is_remembered() -> None:
    async with calling(world(Fault(delay_ms=600_000))) as caller:
        with pytest.raises(httpx.ReadTimeout):
            await caller.http.get("/fapi/v1/ping", timeout=0.05)

    assert [(each.path, each.status) for each in caller.exchange.requests] == [
        ("/fapi/v1/ping", None)
    ]


async def test_a_delay_counts_before_the_clock_is_read() -> None:
    async with calling(world(Fault(delay_ms=50))) as caller:
        started = asyncio.get_running_loop().time()
        response: httpx.Response = await caller.public("/fapi/v1/ping")
        took = timedelta(seconds=asyncio.get_running_loop().time() - started)

    assert response.status_code == 200
    assert took >= timedelta(milliseconds=45)
