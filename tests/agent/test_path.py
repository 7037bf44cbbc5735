"""The path probe, over real TLS, through proxies and past those who open it."""

import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path as File

import pytest

from sonde_agent.probes.exchange.certificate import proven
from sonde_agent.probes.exchange.client import ExchangeMemory, ExchangeSettings
from sonde_agent.probes.exchange.gate import Gate
from sonde_agent.probes.exchange.path import PathProbe
from sonde_agent.probes.exchange.round_trips import RoundTripLog
from sonde_agent.probes.exchange.unproven import read
from sonde_agent.probes.exchange.weight import Budget
from sonde_agent.stopwatch import host_clock
from sonde_core.diagnose import diagnose
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.path import Certificate, Path, Resolution, RoundTrips, Trust
from sonde_core.readings import (
    SPOT,
    USDM,
    Failure,
    FailureReason,
    Kind,
)
from sonde_core.readings import Answer as Banned
from sonde_lab.exchange import Exchange, serve_exchange
from sonde_lab.interceptor import issue
from sonde_lab.world import Answer, Fault, World
from tests.agent.between import interceptor, tunnelling
from tests.agent.exchange_host import TLS, Host
from tests.lab.certificates import certify, shown, trusted

MS = timedelta(milliseconds=1)
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Clock:
    """The time since the host's start."""

    at: timedelta = timedelta(hours=9)

    def __call__(self) -> timedelta:
        return self.at


@dataclass
class Way:
    """A path probe to one URL."""

    url: str
    tls: ssl.SSLContext = TLS
    proxy: str | None = None

    def __post_init__(self) -> None:
        self.memory = ExchangeMemory(Gate(), Budget(1000))
        self.settings = ExchangeSettings(
            urls={USDM: self.url, SPOT: self.url},
            tls=self.tls,
            proxy=self.proxy,
            recv_window=5000 * MS,
            now=host_clock,
        )
        self.probe = PathProbe(settings=self.settings, memory=self.memory)

    async def measure(self) -> dict[Kind, object]:
        """Return what is read on the futures endpoint, by kind."""
        readings = [reading async for reading in self.probe.measure()]
        return {each.kind: each.value for each in readings if each.subject == USDM}


async def test_each_part_of_the_way_is_timed_and_the_certificate_read(tmp_path: File) -> None:
    file = certify(tmp_path)
    async with serve_exchange(World(), tls=shown(file)) as exchange:
        found = await Way(exchange.url, tls=trusted(file)).measure()

    path = found[Kind.PATH]
    assert isinstance(path, Path)
    assert (path.host, path.peer, path.proxied) == ("127.0.0.1", ip_address("127.0.0.1"), False)
    assert path.tls
    assert min(path.connect, path.tls, path.first_byte, path.round_trip) > timedelta()
    certificate = found[Kind.CERTIFICATE]
    assert isinstance(certificate, Certificate)
    assert certificate.trust is Trust.PUBLIC
    assert certificate.names == ("127.0.0.1",)
    assert certificate.expires > host_clock()
    assert Kind.RESOLUTION not in found


async def test_one_connection_is_asked_twice(exchange: Exchange) -> None:
    await Way(exchange.url).measure()

    paths = [request.path for request in exchange.requests]
    assert paths == ["/fapi/v1/time", "/fapi/v1/ping", "/api/v3/time", "/api/v3/ping"]


async def test_a_name_is_looked_up_and_its_addresses_told(exchange: Exchange) -> None:
    found = await Way(exchange.url.replace("127.0.0.1", "localhost")).measure()

    resolution = found[Kind.RESOLUTION]
    assert isinstance(resolution, Resolution)
    assert resolution.name == "localhost"
    assert ip_address("127.0.0.1") in resolution.addresses


async def test_a_slow_exchange_is_slow_on_a_kept_connection_too() -> None:
    async with serve_exchange(World(faults=(Fault(delay_ms=80),))) as exchange:
        found = await Way(exchange.url).measure()

    path = found[Kind.PATH]
    assert isinstance(path, Path)
    assert min(path.first_byte, path.round_trip) >= 80 * MS
    assert path.tls is None


async def test_through_a_proxy_the_exchanges_own_certificate_is_read(tmp_path: File) -> None:
    file = certify(tmp_path)
    async with serve_exchange(World(), tls=shown(file)) as exchange, tunnelling() as (proxy, asked):
        found = await Way(exchange.url, tls=trusted(file), proxy=proxy).measure()

    path = found[Kind.PATH]
    assert isinstance(path, Path)
    assert path.proxied
    assert path.tls
    assert Kind.CERTIFICATE in found
    assert set(asked) == {exchange.url.removeprefix("https://")}


@pytest.mark.parametrize(
    ("name", "installed_as", "expected"),
    [
        pytest.param(
            "127.0.0.1", "authority.pem", (Trust.LOCAL, "tls_intercepted"), id="this host trusts it"
        ),
        pytest.param("127.0.0.1", "", (Trust.NOBODY, "tls_unknown_issuer"), id="nobody does"),
        pytest.param(
            "a.example", "authority.pem", (Trust.NOBODY, "tls_other_name"), id="another's name"
        ),
    ],
)
async def test_who_opens_tls_is_named(
    tmp_path: File, exchange: Exchange, name: str, installed_as: str, expected: tuple[Trust, str]
) -> None:
    trust, said = expected
    file = issue(tmp_path, name=name, by="Acme Web Gateway")
    local = (lambda: trusted(tmp_path / installed_as)) if installed_as else nobody
    async with interceptor(exchange.url, shown(file)) as url:
        readings = await Host(url, url, local_tls=local).measure()

    [certificate] = [r.value for r in readings if (r.kind, r.subject) == (Kind.CERTIFICATE, USDM)]
    assert isinstance(certificate, Certificate)
    assert (certificate.issuer, certificate.trust) == ("Acme Web Gateway", trust)
    assert certificate.names == (name,)
    findings = diagnose(Evidence(now=host_clock(), readings=by_kind_and_subject(readings)))
    [told] = [f for f in findings if (f.cause, f.subject) == ("NETWORK_TLS", USDM)]
    assert [item.id for item in told.supporting] == ["path_tls", said]
    assert told.supporting[1].values["issuer"] == "Acme Web Gateway"


async def test_where_the_exchange_turns_away_nothing_more_is_sent() -> None:
    fault = Fault(answer=Answer.RESTRICTED_LOCATION)
    async with serve_exchange(World(faults=(fault,))) as exchange:
        found = await Way(exchange.url).measure()

    assert found[Kind.PATH] == Failure(FailureReason.SKIPPED, "the public call failed: HTTP 451")
    assert len(exchange.requests) == 2  # one to each endpoint


async def test_while_an_endpoint_is_closed_it_is_left_alone(exchange: Exchange) -> None:
    way = Way(exchange.url)
    for endpoint in (USDM, SPOT):
        way.memory.gate.note(way.settings.site(endpoint), Banned(status=418))
    found = await way.measure()

    path = found[Kind.PATH]
    assert isinstance(path, Failure)
    assert path.reason is FailureReason.SKIPPED
    assert not exchange.requests


async def test_nobody_who_answers_is_a_failure_and_no_certificate() -> None:
    found = await Way("https://127.0.0.1:1").measure()

    path = found[Kind.PATH]
    assert isinstance(path, Failure)
    assert path.detail == "the public call failed: connection"
    assert list(found) == [Kind.PATH]


async def test_round_trips_are_remembered_from_one_time_to_the_next(exchange: Exchange) -> None:
    way = Way(exchange.url)
    await way.measure()
    found = await way.measure()

    told = found[Kind.ROUND_TRIPS]
    assert isinstance(told, RoundTrips)
    assert told.count == 2
    assert told.median <= told.p95 <= told.p99 <= told.longest


def test_percentiles_are_of_the_last_hours_and_bounded() -> None:
    clock = Clock()
    log = RoundTripLog(clock)
    for minute in range(1, 3_001):
        clock.at += timedelta(minutes=1) / 10
        log.note("usdm", minute * MS)
    told = log.told("usdm", NOON)

    assert told is not None
    assert told.count == 720
    assert told.since == NOON - 719 * timedelta(minutes=1) / 10
    assert log.told("spot", NOON) is None
    clock.at += timedelta(hours=6)
    assert log.told("usdm", NOON) is None


def test_setting_the_clock_changes_nothing_of_the_last_hours() -> None:
    clock = Clock()
    log = RoundTripLog(clock)
    log.note("usdm", MS)
    clock.at += timedelta(minutes=1)

    for now in (NOON, NOON + timedelta(days=400), NOON - timedelta(days=400)):
        told = log.told("usdm", now)
        assert told
        assert told.since == now - timedelta(minutes=1)


def test_of_many_ways_those_taken_last_are_remembered() -> None:
    log = RoundTripLog()
    for each in range(100):
        log.note("usdm", MS)
        log.note(f"spot https://{each}.example direct", MS)

    assert len(log.all()) == 6
    assert len(log.all()["usdm"]) == 100


def test_one_in_twenty_is_slower_than_the_95th_percentile() -> None:
    log = RoundTripLog(Clock())
    for each in range(1, 101):
        log.note("usdm", each * MS)

    assert log.told("usdm", NOON) == RoundTrips(
        since=NOON, count=100, median=50 * MS, p95=95 * MS, p99=99 * MS, longest=100 * MS
    )


def shaken_hands(file: File, authority: File) -> ssl.SSLObject:
    """Return the client's end of a connection, in memory."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    vouching = trusted(authority)
    vouching.check_hostname = False
    client = vouching.wrap_bio(back, there)
    server = shown(file).wrap_bio(there, back, server_side=True)
    for end in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return client


@pytest.mark.parametrize("name", ["127.0.0.1", "2001:db8::1", "api.example", "*.example"])
def test_a_certificate_says_the_same_whether_somebody_vouches_for_it_or_not(
    tmp_path: File, name: str
) -> None:
    tls = shaken_hands(issue(tmp_path, name=name, by="Acme"), tmp_path / "authority.pem")
    host = name.replace("*", "api")

    vouched, der = tls.getpeercert(), tls.getpeercert(binary_form=True)
    assert vouched
    assert der
    told = proven(vouched, host)
    assert (told.names, told.names_host, told.issuer) == ((name,), True, "Acme")
    assert told == read(der, host, Trust.PUBLIC)


def test_a_certificate_that_makes_no_sense_is_none() -> None:
    assert read(b"\x30\x03nonsense", "fapi.binance.com", Trust.NOBODY) is None
