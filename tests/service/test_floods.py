"""One agent that sends too much, beside a good one, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceRequest, CollectEvidenceResponse
from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde.support.v1.host_pb2 import Host
from sonde_core.evidence import Contact
from sonde_core.readings import Failure, FailureReason, Kind, Subject
from sonde_service.fanout import MOST_BYTES, MOST_READINGS
from sonde_service.links import DirectLink
from sonde_service.store.store import Store
from sonde_wire.results import decode_result
from tests.core.hosts import healthy, reading
from tests.service.agents import Behaviour, Context, agent
from tests.service.links import message
from tests.service.serving import serving

Parts = AsyncIterator[CollectEvidenceResponse]

LIMIT = timedelta(seconds=60)


def accounts(number: int, *, letters: int = 1) -> CollectEvidenceResponse:
    """Return readings, each of another account with a name of so many large letters."""
    failure = Failure(FailureReason.TIMEOUT)
    names = (f"{which:06}" + "\U0001f552" * letters for which in range(number))
    return message([reading(Kind.KEY, Subject("account", name), failure) for name in names])


async def fine(request: CollectEvidenceRequest, context: Context) -> Parts:
    """Answer as it should be."""
    del request, context
    yield message(healthy())


class Endless:
    """Sends the same part without end, and knows when it was hung up on."""

    def __init__(self, part: CollectEvidenceResponse) -> None:
        self.part = part
        self.left = asyncio.Event()

    async def send(self, request: CollectEvidenceRequest, context: Context) -> Parts:
        """Send until the other side goes."""
        del request, context
        try:
            for _ in count():
                yield self.part
        finally:
            self.left.set()


def once(part: CollectEvidenceResponse) -> Behaviour:
    """Return what sends one message."""

    async def send(request: CollectEvidenceRequest, context: Context) -> Parts:
        del request, context
        yield part

    return send


async def swept(directory: Path, store: Store, bad: Behaviour) -> dict[str, HostResult]:
    """Diagnose a bad host and a good one, and see that what was stored is what was sent."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(serving(store, DirectLink(), directory, LIMIT))
        for name, behaviour in (("bad", bad), ("fine", fine)):
            address = await stack.enter_async_context(agent(directory, behaviour, name))
            await service.CreateHost(pb.CreateHostRequest(host=Host(name=name, address=address)))
        events = [event async for event in service.DiagnoseHosts(pb.DiagnoseHostsRequest())]
        sent = {event.result.host: event.result for event in events[1:]}
        for name, result in sent.items():
            request = pb.GetDiagnosisRequest(diagnosis=events[0].plan.diagnosis, host=name)
            assert list((await service.GetDiagnosis(request)).results) == [result]
    assert decode_result(sent["fine"]).status is Contact.DIAGNOSED
    assert len(sent["fine"].readings) == len(healthy())
    return sent


def detail(result: HostResult) -> str:
    """Return why a host could not be asked."""
    assert decode_result(result).status is Contact.REFUSED
    return str(result.findings)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (accounts(10, letters=900), "it sent more than 512 KiB of readings"),
        (accounts(10), "it sent more than 500 readings"),
        (CollectEvidenceResponse(), "it sent more than 500 readings"),
    ],
    ids=["large", "many", "empty"],
)
async def test_a_flood_is_cut_off_and_the_other_hosts_row_arrives(
    tmp_path: Path, store: Store, part: CollectEvidenceResponse, words: str
) -> None:
    flood = Endless(part)

    bad = (await swept(tmp_path, store, flood.send))["bad"]

    assert words in detail(bad)
    assert bad.elapsed.ToTimedelta() < LIMIT
    assert len(bad.readings) <= MOST_READINGS
    assert sum(one.ByteSize() for one in bad.readings) <= MOST_BYTES
    assert flood.left.is_set()


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (accounts(400, letters=400), "it sent more than 512 KiB of readings"),
        (accounts(1_000, letters=400), "RESOURCE_EXHAUSTED"),
        (accounts(MOST_READINGS + 1), "it sent more than 500 readings"),
    ],
    ids=["large", "larger than a message may be", "many"],
)
async def test_one_message_beyond_the_bound_is_not_kept(
    tmp_path: Path, store: Store, part: CollectEvidenceResponse, words: str
) -> None:
    bad = (await swept(tmp_path, store, once(part)))["bad"]

    assert words in detail(bad)
    assert not bad.readings


@pytest.mark.parametrize(
    ("part", "status"),
    [
        (accounts(MOST_READINGS), Contact.DIAGNOSED),
        (accounts(260, letters=490), Contact.REFUSED),
    ],
    ids=["many", "large"],
)
async def test_what_is_within_the_bound_never_makes_a_result_that_cannot_be_received(
    tmp_path: Path, store: Store, part: CollectEvidenceResponse, status: Contact
) -> None:
    assert part.ByteSize() <= MOST_BYTES

    bad = (await swept(tmp_path, store, once(part)))["bad"]

    assert decode_result(bad).status is status
    assert list(bad.readings) == list(part.readings)
    assert bad.ByteSize() < 1 << 20
