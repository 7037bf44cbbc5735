"""Hostile answers and wrong certificates, as the exchange probe tells them."""

import ssl
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from sonde_agent.stopwatch import host_clock
from sonde_core.readings import (
    SIGNED_KINDS,
    SPOT,
    USDM,
    ExchangeTime,
    Failure,
    FailureReason,
    Kind,
)
from sonde_lab.exchange import Exchange
from tests.agent.exchange_host import SECOND, Host, of, statuses
from tests.agent.servers import (
    Respond,
    answer,
    dripping,
    endless,
    endless_continues,
    endless_headers,
    serve_raw,
    silence,
)
from tests.wire.certificates import authority


@pytest.mark.parametrize(
    ("response", "reason", "said"),
    [
        pytest.param(b"", FailureReason.CONNECTION, "disconnected", id="hangs up"),
        pytest.param(endless, FailureReason.ANSWER, "longer than 262144 bytes", id="endless"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", FailureReason.ANSWER, "illegal", id="not HTTP"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{}",
            FailureReason.TIMEOUT,
            "no complete answer within",
            id="shorter than it says",
        ),
        pytest.param(silence, FailureReason.TIMEOUT, "no complete answer within", id="silent"),
        pytest.param(
            answer(b"", "302 Found", "Location: https://portal.example/\r\n"),
            FailureReason.ANSWER,
            "HTTP 302 came",
            id="redirect",
        ),
        pytest.param(answer(b"<html>"), FailureReason.ANSWER, "html came", id="portal"),
        pytest.param(endless_headers, FailureReason.ANSWER, "too long", id="endless headers"),
        pytest.param(endless_continues, FailureReason.TIMEOUT, "no complete", id="endless hints"),
        pytest.param(dripping, FailureReason.TIMEOUT, "no complete", id="one byte a second"),
        pytest.param(
            answer(b"", "302 Found", "Location: http://[::1\r\n"),
            FailureReason.ANSWER,
            "HTTP 302 came",
            id="redirect to nowhere",
        ),
        pytest.param(
            answer(b"", "302 Found", "Location: https://\xff\xfe:99999/\r\n"),
            FailureReason.ANSWER,
            "HTTP 302 came",
            id="redirect to no URL",
        ),
        pytest.param(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
            FailureReason.ANSWER,
            "SWITCH_UPGRADE",
            id="another protocol",
        ),
        pytest.param(
            b"HTTP/1.1 99999 X\r\n\r\n", FailureReason.ANSWER, "illegal", id="absurd status"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            FailureReason.ANSWER,
            "conflicting",
            id="two lengths",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffffff\r\n",
            FailureReason.ANSWER,
            "illegal",
            id="absurd chunk",
        ),
        pytest.param(
            answer(b"[]", headers="Set-Cookie: " + "a=b; expires=\x01;" * 99 + "\r\n"),
            FailureReason.ANSWER,
            "",
            id="absurd cookie",
        ),
    ],
)
async def test_a_hostile_answer_is_bounded_and_reported_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, response: bytes | Respond, reason: FailureReason, said: str
) -> None:
    monkeypatch.setattr("sonde_agent.probes.exchange.client._WITHIN", SECOND / 5)
    async with serve_raw(response) as server:
        readings = await Host(server.url, server.url).measure()

    [failure] = of(readings, Kind.PUBLIC_CALL, USDM)
    assert isinstance(failure, Failure)
    assert failure.reason is reason
    assert said in failure.detail


async def test_a_tls_failure_and_an_unknown_name_are_told_apart(exchange: Exchange) -> None:
    plain = exchange.url.replace("http://", "https://")

    readings = await Host(plain, "https://no-such-host.invalid").measure()

    [tls], [dns] = of(readings, Kind.PUBLIC_CALL, USDM), of(readings, Kind.PUBLIC_CALL, SPOT)
    assert isinstance(tls, Failure)
    assert isinstance(dns, Failure)
    assert (tls.reason, dns.reason) == (FailureReason.TLS, FailureReason.DNS)


@pytest.mark.parametrize(
    ("shifted", "reason"),
    [
        pytest.param(-30, FailureReason.CERTIFICATE_EXPIRED, id="ahead"),
        pytest.param(30, FailureReason.CERTIFICATE_NOT_YET_VALID, id="behind"),
    ],
)
async def test_a_certificate_out_of_its_time_is_told_with_the_date_of_whoever_answers(
    tmp_path: Path, shifted: int, reason: FailureReason
) -> None:
    """To this host the exchange's clock is off by a month, as is the certificate's time."""
    off = timedelta(days=shifted)
    issuer = authority(tmp_path)
    files = issuer.issue("exchange", shifted=off)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.cert_file, files.key_file)
    date = format_datetime(host_clock() + off, usegmt=True)
    response = answer(b'{"serverTime":1700000000000}', headers=f"Date: {date}\r\n")
    async with serve_raw(response, tls=tls) as server:
        host = Host(server.url, server.url, tls=ssl.create_default_context(cafile=files.ca_file))
        readings = await host.measure()

    [scouted] = of(readings, Kind.PUBLIC_CALL, USDM)
    assert isinstance(scouted, Failure)
    assert scouted.reason is reason
    [told] = of(readings, Kind.HTTP_DATE, USDM)
    assert isinstance(told, ExchangeTime)
    assert abs(told.offset + off) <= told.round_trip / 2
    assert statuses(readings) == {kind: [FailureReason.SKIPPED] for kind in SIGNED_KINDS}
    assert not any("X-MBX-APIKEY" in head or "signature" in head for head in server.heads)


@pytest.mark.parametrize("date", ["", "Date: soon\r\n", "Date: Mon, 01 Jan 0001 00:00:00\r\n"])
async def test_an_unreadable_date_is_an_unusable_answer(tmp_path: Path, date: str) -> None:
    issuer = authority(tmp_path)
    files = issuer.issue("exchange", shifted=timedelta(days=30))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.cert_file, files.key_file)
    async with serve_raw(answer(b"{}", headers=date), tls=tls) as server:
        host = Host(server.url, server.url, tls=ssl.create_default_context(cafile=files.ca_file))
        readings = await host.measure()

    assert of(readings, Kind.HTTP_DATE, USDM) == [
        Failure(FailureReason.ANSWER, "the answer has no readable Date header")
    ]
