"""What happens to an answer of the exchange on its way back."""

import asyncio
import json
import zlib
from contextlib import suppress

import httpx
import pytest

from sonde_lab.world import Answer, Fault, World
from tests.lab.calls import PEER, Caller, calling

TIME = "/fapi/v1/time"


def world(*answers: Answer, path: str | None = None) -> World:
    faults = tuple(Fault(path=path, answer=answer) for answer in answers)
    return World(seen_ip=PEER, faults=faults)


async def test_a_redirect_leads_to_itself() -> None:
    async with calling(world(Answer.REDIRECT)) as caller:
        response = await caller.public(TIME)

    assert (response.status_code, response.headers["Location"], response.text) == (302, TIME, "")


async def test_a_page_comes_where_json_is_due() -> None:
    async with calling(world(Answer.HTML_PAGE)) as caller:
        response = await caller.get("/fapi/v1/accountConfig")

    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html")
    assert response.text.startswith("<!doctype html>")


async def test_a_spoilt_answer_keeps_its_headers_and_was_counted() -> None:
    async with calling(world(Answer.DEEP_NESTING)) as caller:
        response = await caller.public(TIME)

    assert response.headers["Date"] == "Fri, 02 Jan 2026 12:00:15 GMT"
    assert response.headers["x-mbx-used-weight-1m"] == "1"
    assert response.text == "[" * 20_000 + "]" * 20_000


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (Answer.NOT_A_NUMBER, "NaN"),
        (Answer.INFINITE_NUMBER, "1e999"),
        (Answer.LARGEST_NUMBER, "9223372036854775807"),
        (Answer.ENDLESS_DIGITS, "9" * 5000),
    ],
)
async def test_numbers_and_only_numbers_are_replaced(answer: Answer, number: str) -> None:
    async with calling(world(answer)) as caller:
        plain = (await caller.public(TIME)).text
        config = (await caller.get("/fapi/v1/accountConfig")).text
        refused = (await caller.raw("GET", "/api/v3/account")).text

    assert plain == f'{{"serverTime":{number}}}'
    assert f'"feeTier":{number},"canTrade":true' in config
    assert refused.startswith(f'{{"code":{number},"msg":"Mandatory')


async def test_keys_come_twice() -> None:
    async with calling(world(Answer.DUPLICATE_KEYS)) as caller:
        time = (await caller.public(TIME)).text
        config = (await caller.get("/fapi/v1/accountConfig")).text
        pairs = json.loads(config, object_pairs_hook=list)
        now = caller.clock.ms

    assert time == f'{{"serverTime":{now},"serverTime":0}}'
    half = len(pairs) // 2
    assert [name for name, _ in pairs[:half]] == [name for name, _ in pairs[half:]]
    assert ("canTrade", True) in pairs[:half]
    assert ("canTrade", 0) in pairs[half:]


@pytest.mark.parametrize("answer", [Answer.NOT_A_NUMBER, Answer.DUPLICATE_KEYS])
@pytest.mark.parametrize("path", ["/fapi/v2/balance", "/fapi/v1/ping"])
async def test_answers_that_have_neither_numbers_nor_keys_stay_as_they_are(
    answer: Answer, path: str
) -> None:
    async with calling() as caller:
        usual = await caller.get(path)
    async with calling(world(Answer.SERVICE_UNAVAILABLE, answer)) as caller:
        failed = await caller.get(path)

    assert usual.status_code == 200
    assert (failed.status_code, failed.text) == (503, "Service Unavailable.")


async def test_a_bomb_is_small_until_it_is_unpacked() -> None:
    async with (
        calling(world(Answer.GZIP_BOMB)) as caller,
        caller.http.stream("GET", TIME) as response,
    ):
        packed = b"".join([chunk async for chunk in response.aiter_raw()])

    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Length"] == str(len(packed))
    assert len(packed) < 70_000
    assert _unpacked_length(packed) == 64 * 1024 * 1024


def _unpacked_length(packed: bytes) -> int:
    unpacker, length, rest = zlib.decompressobj(wbits=31), 0, packed
    while not unpacker.eof:
        length += len(unpacker.decompress(rest, 1 << 20))
        rest = unpacker.unconsumed_tail
    return length


async def test_a_body_that_never_ends_lets_everybody_else_be_served() -> None:
    async with (
        calling(world(Answer.ENDLESS_BODY, path=TIME)) as caller,
        caller.http.stream("GET", TIME) as response,
    ):
        read, chunks = b"", response.aiter_raw()
        while len(read) <= 1 << 20:
            read += await anext(chunks)
        other = await caller.public("/fapi/v1/ping")

    assert "Content-Length" not in response.headers
    assert read.rstrip() == f'{{"serverTime":{caller.clock.ms}'.encode()
    assert other.text == "{}"


async def test_a_body_drips_while_everybody_else_is_served() -> None:
    async with (
        calling(world(Answer.DRIPPING_BODY, path=TIME)) as caller,
        caller.http.stream("GET", TIME) as response,
    ):
        chunks = response.aiter_raw()
        first = await anext(chunks)
        second = asyncio.ensure_future(anext(chunks))
        others = [await caller.public("/fapi/v1/ping") for _ in range(20)]
        waiting = not second.done()
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)

    assert (first, waiting, {each.text for each in others}) == (b"{", True, {"{}"})
    assert response.headers["Content-Length"] == str(len('{"serverTime":1767355215000}'))


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (Answer.CUT_SHORT, "without sending complete message body"),
        (Answer.NO_ANSWER, "disconnected without sending a response"),
    ],
)
async def test_a_connection_may_end_too_early(answer: Answer, complaint: str) -> None:
    async with calling(world(answer)) as caller:
        with pytest.raises(httpx.RemoteProtocolError, match=complaint):
            await caller.public(TIME)

    assert [each.status for each in caller.exchange.requests] == [200]


async def test_more_may_follow_than_was_announced() -> None:
    async with calling(world(Answer.OVERLONG)) as caller:
        everything = await _raw_answer(caller)

    head, body = everything.split("\r\n\r\n")
    assert body == f'{{"serverTime":{caller.clock.ms}}}'
    assert f"content-length: {len(body) // 2}" in head.lower()


async def _raw_answer(caller: Caller) -> str:
    """Return what arrives until the connection ends."""
    url = caller.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {TIME} HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode())
    everything = await reader.read()
    writer.close()
    await writer.wait_closed()
    return everything.decode()


async def test_faults_on_the_way_back_add_up() -> None:
    answers = (Answer.WAF, Answer.CUT_SHORT, Answer.HTML_PAGE)
    async with calling(world(*answers)) as caller, caller.http.stream("GET", TIME) as response:
        with pytest.raises(httpx.RemoteProtocolError):
            await response.aread()

    assert response.status_code == 200


@pytest.mark.parametrize("answer", list(Answer))
async def test_every_fault_may_strike_once_only(answer: Answer) -> None:
    async with calling(World(faults=(Fault(answer=answer, times=1),))) as caller:
        with suppress(httpx.RemoteProtocolError):
            async with caller.http.stream("GET", TIME) as response:
                assert response.is_redirect is (answer is Answer.REDIRECT)
        second = await caller.public(TIME)

    assert second.json() == {"serverTime": caller.clock.ms}
