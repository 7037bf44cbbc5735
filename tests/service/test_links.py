"""Calling an agent on its own socket or port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc
import grpc.aio
import pytest

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceRequest, CollectEvidenceResponse
from sonde_core.evidence import Contact
from sonde_service.links import DirectLink, LinkError
from sonde_wire.calls import request_id
from tests.core.hosts import healthy
from tests.service.agents import Context, agent
from tests.service.kept import host
from tests.service.links import message

LIMIT = timedelta(seconds=20)
SHORT = timedelta(milliseconds=200)


async def collect(
    address: str, limit: timedelta = LIMIT, into: list[CollectEvidenceResponse] | None = None
) -> list[CollectEvidenceResponse]:
    got = [] if into is None else into
    async for part in DirectLink().collect(host(address=address), limit, at_once=True):
        got.append(part)
    return got


async def failure(
    address: str, limit: timedelta = LIMIT, into: list[CollectEvidenceResponse] | None = None
) -> tuple[Contact, str]:
    with pytest.raises(LinkError) as caught:
        await collect(address, limit, into)
    return caught.value.contact, caught.value.detail


async def test_what_the_agent_sends_comes_as_it_was_sent(tmp_path: Path) -> None:
    asked: list[CollectEvidenceRequest] = []

    async def fine(
        request: CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[CollectEvidenceResponse]:
        del context
        asked.append(request)
        yield message(healthy()[:3])
        yield message(healthy()[3:])

    async with agent(tmp_path, fine) as address:
        assert await collect(address) == [message(healthy()[:3]), message(healthy()[3:])]

    assert asked[0].single_response
    assert timedelta() < asked[0].timeout.ToTimedelta() < LIMIT


async def test_the_agents_log_lines_have_the_id_of_the_call_they_were_asked_for(
    tmp_path: Path,
) -> None:
    ids: list[str] = []

    async def fine(
        request: CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[CollectEvidenceResponse]:
        del request, context
        ids.append(request_id())
        yield message(healthy())

    async with agent(tmp_path, fine) as address:

        async def passing_on(
            request: CollectEvidenceRequest, context: Context
        ) -> AsyncIterator[CollectEvidenceResponse]:
            del request, context
            ids.append(request_id())
            async for part in DirectLink().collect(host(address=address), LIMIT, at_once=True):
                yield part

        async with agent(tmp_path, passing_on, "first") as first:
            await collect(first)

    assert ids[0] == ids[1] != ""


async def test_a_host_without_an_address_is_not_enrolled() -> None:
    assert await failure("") == (Contact.NOT_ENROLLED, "no address is recorded")


async def test_a_socket_that_is_not_there_is_unreachable_for_that_reason(tmp_path: Path) -> None:
    contact, detail = await failure(f"unix:{tmp_path}/none.sock")

    assert contact is Contact.UNREACHABLE
    assert detail == "No such file or directory"


async def test_a_port_that_nobody_serves_is_unreachable_for_that_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken and not listening: every connection is refused
        contact, detail = await failure(f"127.0.0.1:{taken.getsockname()[1]}")

    assert contact is Contact.UNREACHABLE
    assert detail == "Connection refused"


async def test_a_peer_that_never_greets_is_unreachable_not_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        contact, detail = await failure(f"127.0.0.1:{mute.getsockname()[1]}", SHORT)

    assert contact is Contact.UNREACHABLE
    assert detail == "no connection within 0.2 s"


async def test_an_agent_that_falls_silent_times_out_after_what_it_had(tmp_path: Path) -> None:
    async def stalls(
        request: CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[CollectEvidenceResponse]:
        del request, context
        yield message(healthy()[:3])
        await asyncio.Event().wait()

    got: list[CollectEvidenceResponse] = []
    async with agent(tmp_path, stalls) as address:
        contact, _ = await failure(address, SHORT, got)

    assert contact is Contact.TIMEOUT
    assert got == [message(healthy()[:3])]


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ],
)
async def test_an_agent_that_says_no_refuses(tmp_path: Path, code: grpc.StatusCode) -> None:
    async def refuses(
        request: CollectEvidenceRequest, context: Context
    ) -> AsyncIterator[CollectEvidenceResponse]:
        del request
        await context.abort(code, "not you")
        yield CollectEvidenceResponse()

    async with agent(tmp_path, refuses) as address:
        assert await failure(address) == (Contact.REFUSED, f"{code.name}: not you")


async def test_plain_text_beyond_this_machine_is_not_attempted() -> None:
    contact, detail = await failure("192.0.2.1:7443")

    assert contact is Contact.UNREACHABLE
    assert "plain text" in detail
