"""Whatever stands in the exchange's place is bounded, told as what it is, and blames no key."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from sonde_agent.probes.ntp import NtpProbe, NtpServer
from sonde_agent.stopwatch import host_clock
from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.findings import Verdict
from sonde_core.readings import (
    SIGNED_KINDS,
    SPOT,
    USDM,
    Answer,
    Failure,
    FailureReason,
    Kind,
    Reading,
)
from sonde_core.rules import access
from sonde_lab.exchange import Exchange, serve_exchange
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from sonde_lab.world import Answer as Hostile
from sonde_lab.world import Fault, Place, World
from tests.agent.exchange_host import Host, of
from tests.agent.servers import answer, serve_raw
from tests.lab.certificates import DAY, certify, shown, trusted

HONEST = Behaviour.HONEST
UNUSABLE, LOST, LATE = FailureReason.ANSWER, FailureReason.CONNECTION, FailureReason.TIMEOUT
TOLD = {
    Hostile.REDIRECT: (UNUSABLE, "HTTP 302 came"),
    Hostile.HTML_PAGE: (UNUSABLE, "html came where JSON is due"),
    Hostile.DEEP_NESTING: (UNUSABLE, "came where JSON is due"),
    Hostile.NOT_A_NUMBER: (UNUSABLE, "text came where JSON is due"),
    Hostile.INFINITE_NUMBER: (UNUSABLE, "lacks what it must have"),
    Hostile.LARGEST_NUMBER: (UNUSABLE, "no instant"),
    Hostile.ENDLESS_DIGITS: (UNUSABLE, "lacks what it must have"),
    Hostile.DUPLICATE_KEYS: (UNUSABLE, "no instant"),
    Hostile.GZIP_BOMB: (UNUSABLE, "packed"),
    Hostile.ENDLESS_BODY: (UNUSABLE, "longer than 262144 bytes"),
    Hostile.DRIPPING_BODY: (LATE, "no complete answer"),
    Hostile.CUT_SHORT: (UNUSABLE, "without sending complete message body"),
    Hostile.OVERLONG: (UNUSABLE, "came where JSON is due"),
    Hostile.NO_ANSWER: (LOST, "disconnected"),
}
SIGNED_PATHS = (
    "/sapi/v1/account/apiRestrictions",
    "/sapi/v1/account/status",
    "/fapi/v1/accountConfig",
    "/fapi/v1/order/test",
    "/api/v3/account",
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up on an answer earlier than on a real host."""
    monkeypatch.setattr("sonde_agent.probes.exchange.client._WITHIN", timedelta(milliseconds=300))


def blamed(readings: Iterable[Reading]) -> set[str]:
    """Return the causes that a diagnosis finds."""
    evidence = Evidence(now=host_clock(), readings=by_kind_and_subject(readings))
    return {each.cause for each in diagnose(evidence) if each.verdict is Verdict.FOUND}


def test_every_hostile_answer_of_the_lab_is_tried() -> None:
    assert set(TOLD) == {each for each in Hostile if each.place is Place.WAY_BACK}


@pytest.mark.parametrize("hostile", TOLD)
async def test_it_is_told_as_what_it_is_and_ends_the_calls(
    exchange: Exchange, host: Host, hostile: Hostile
) -> None:
    exchange.world = World(faults=(Fault(answer=hostile),))

    readings = await host.measure()

    for endpoint in (USDM, SPOT):
        [failure] = of(readings, Kind.PUBLIC_CALL, endpoint)
        assert isinstance(failure, Failure)
        assert failure.reason is TOLD[hostile][0]
        assert TOLD[hostile][1] in failure.detail
    assert {r.path for r in exchange.requests} == {"/fapi/v1/time", "/api/v3/time"}
    assert not blamed(readings) & set(access.CAUSES)
    assert blamed(readings) & {"NETWORK_CONNECTION", "NETWORK_TIMEOUT"}


@pytest.mark.parametrize("hostile", TOLD)
async def test_where_it_strikes_signed_calls_only_it_blames_no_key(
    exchange: Exchange, host: Host, hostile: Hostile
) -> None:
    exchange.world = World(faults=tuple(Fault(path=path, answer=hostile) for path in SIGNED_PATHS))

    readings = await host.measure()

    answered = [v for kind in SIGNED_KINDS for v in of(readings, kind) if isinstance(v, Answer)]
    assert not [answer for answer in answered if answer.code is not None]
    assert not blamed(readings) & set(access.CAUSES)


@pytest.mark.parametrize("status", [400, 401, 403, 407, 418, 429, 500])
async def test_a_refusal_by_a_middlebox_blames_no_key(host: Host, status: int) -> None:
    async with serve_raw(answer(b"<html>no</html>", f"{status} No")) as middlebox:
        host.usdm = host.spot = middlebox.url
        readings = await host.measure()

    assert not blamed(readings) & set(access.CAUSES)


@pytest.mark.parametrize(
    "source",
    [
        *(Source(behaviour=each) for each in Behaviour if each not in {HONEST, Behaviour.LIAR}),
        Source(delay=timedelta(days=1)),
        Source(root_delay=timedelta(hours=9), root_dispersion=timedelta(hours=9)),
    ],
    ids=str,
)
async def test_ntp_servers_that_cannot_be_believed_blame_neither_the_clock_nor_a_key(
    host: Host, source: Source
) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(serve_ntp(source)) for _ in range(3)]
        probe = NtpProbe(
            servers=[NtpServer.parse(server.address) for server in servers],
            samples=2,
            timeout=timedelta(milliseconds=200),
        )
        readings = [reading async for reading in probe.measure()]

    assert not blamed([*readings, *await host.measure()]) & {
        *access.CAUSES, "CLOCK_AHEAD", "CLOCK_BEHIND",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["elsewhere.example", "192.0.2.1"])
async def test_a_certificate_for_another_name_is_a_tls_failure(tmp_path: Path, name: str) -> None:
    certificate = certify(tmp_path, name=name, age=DAY)
    async with serve_exchange(World(), tls=shown(certificate)) as exchange:
        host = Host(exchange.url, exchange.url, tls=trusted(certificate))
        readings = await host.measure()

    [failure] = of(readings, Kind.PUBLIC_CALL, USDM)
    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.TLS
    assert "mismatch" in failure.detail
    assert blamed(readings) == {"NETWORK_TLS"}
    assert exchange.requests == ()


# The calls that the causes of a bad key rest on.
@pytest.mark.parametrize("path", ["/sapi/v1/account/apiRestrictions", "/fapi/v1/accountConfig"])
@pytest.mark.parametrize("hostile", Hostile)
async def test_one_call_that_goes_wrong_by_itself_blames_no_key(
    exchange: Exchange, host: Host, hostile: Hostile, path: str
) -> None:
    exchange.world = World(faults=(Fault(path=path, answer=hostile),))

    readings = await host.measure()

    assert not blamed(readings) & set(access.CAUSES)
