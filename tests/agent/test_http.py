"""What goes out when something is asked over HTTP, and what comes back."""

import asyncio
from datetime import timedelta

from sonde_agent.probes.http import Fetched, Request, fetch, new_client, unproven_tls
from sonde_agent.stopwatch import Stopwatch, host_clock
from tests.agent.servers import RawServer, answer, serve_raw


async def fetched(request: Request) -> Fetched:
    async with new_client(tls=unproven_tls()) as client:
        return await fetch(
            client,
            request,
            Stopwatch.start(host_clock),
            most=100,
            within=timedelta(seconds=20),
        )


async def test_a_query_goes_out_as_it_was_signed() -> None:
    query = "symbol=%E5%B8%81USDT&a=%2f%2F'(~)&signature=a%2Bb%3D%3D"
    async with serve_raw(answer(b"")) as server:
        await fetched(Request("GET", f"{server.url}/api/v3/account?{query}", {"X-Key": "k"}))

    first, *headers = server.heads[0].splitlines()
    assert first == f"GET /api/v3/account?{query} HTTP/1.1"
    assert f"Host: {server.url.removeprefix('http://')}" in headers
    assert "X-Key: k" in headers
    assert not any(line.startswith("Content-Length") for line in headers)


async def test_a_post_without_a_body_says_so() -> None:
    """A server may turn away one that does not (RFC 9110 section 15.5.12)."""
    async with serve_raw(answer(b"")) as server:
        await fetched(Request("POST", server.url))

    assert "Content-Length: 0" in server.heads[0].splitlines()


async def test_an_ipv6_address_stands_in_brackets() -> None:
    raw = RawServer([answer(b"")])
    server = await asyncio.start_server(raw.serve, "::1", 0)
    host = f"[::1]:{server.sockets[0].getsockname()[1]}"
    async with server:
        await fetched(Request("GET", f"http://{host}/"))

    assert f"Host: {host}" in raw.heads[0].splitlines()


async def test_a_header_that_comes_twice_is_a_list_and_any_byte_will_do() -> None:
    told = answer(b"", headers="X-Used: 1\r\nx-used: 2\r\n").replace(b": 1", b": \xff")
    async with serve_raw(told) as server:
        found = await fetched(Request("GET", server.url))

    assert found.headers["x-used"] == "ÿ, 2"
