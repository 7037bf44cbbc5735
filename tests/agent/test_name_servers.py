"""A name server that says nothing is told apart from an exchange that says nothing."""

import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sonde_agent.probes.egress import EgressProbe
from sonde_agent.probes.http import (
    EXPECTED,
    Request,
    failure_of,
    fetch,
    new_client,
    public_tls,
)
from sonde_agent.stopwatch import Stopwatch, host_clock
from sonde_core.readings import Failure, FailureReason
from tests.agent.servers import answer, serve_raw

TLS = public_tls()
WITHIN = timedelta(seconds=30)
SILENT = Failure(FailureReason.DNS, "no answer from the name server within 0.05 s")


@pytest.fixture
async def silent_name_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """Hold every question until the test is over, and tell which names were asked for."""
    over, asked = threading.Event(), list[str]()

    def ask(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        over.wait()
        return []

    monkeypatch.setattr("socket.getaddrinfo", ask)
    monkeypatch.setattr("sonde_agent.probes.http._RESOLVE_TIMEOUT", timedelta(milliseconds=50))
    yield asked
    over.set()  # before the loop ends, which waits for its threads


async def failure(url: str, proxy: str | None = None) -> Failure | None:
    async with new_client(tls=TLS, proxy=proxy) as client:
        try:
            await fetch(
                client,
                Request("GET", url),
                Stopwatch.start(host_clock),
                most=1024,
                within=WITHIN,
            )
        except EXPECTED as error:
            return failure_of(error, WITHIN)
    return None


async def test_a_silent_name_server_is_a_dns_failure(silent_name_server: list[str]) -> None:
    assert await failure("https://api.example") == SILENT
    assert silent_name_server == ["api.example"]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_through_a_proxy_only_the_proxys_name_is_asked_for(
    silent_name_server: list[str], scheme: str
) -> None:
    assert await failure(f"{scheme}://api.example", "http://proxy.example:3128") == SILENT
    assert silent_name_server == ["proxy.example"]


async def test_an_address_needs_no_name_server(silent_name_server: list[str]) -> None:
    async with serve_raw(answer(b"{}")) as server:
        assert await failure(server.url) is None
    assert silent_name_server == []


async def test_echo_services_tell_a_silent_name_server_too(silent_name_server: list[str]) -> None:
    probe = EgressProbe(urls=["https://echo.example"], tls=TLS)

    assert [reading.value async for reading in probe.measure()] == [SILENT, SILENT]
    assert set(silent_name_server) == {"echo.example"}


async def test_a_name_is_asked_for_once_per_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def ask(host: str, _port: int) -> list[object]:
        asked.append(host)
        return []

    monkeypatch.setattr("sonde_agent.probes.http._look_up", ask)
    async with serve_raw(answer(b"{}")) as server, new_client(tls=TLS) as client:
        for _ in range(2):
            await fetch(
                client,
                Request("GET", server.url.replace("127.0.0.1", "localhost")),
                Stopwatch.start(host_clock),
                most=1024,
                within=WITHIN,
            )
    assert asked == ["localhost"]
