"""The egress probe, against echo services on loopback."""

import ssl
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from sonde_agent.probes.egress import EgressProbe
from sonde_agent.probes.http import public_tls
from sonde_core.readings import EchoedAddress, Failure, FailureReason, Kind
from tests.agent.servers import answer, dripping, endless, serve_raw
from tests.lab.certificates import certify, shown, trusted

TLS = public_tls()
SEEN = answer(b"203.0.113.9\n")


async def ask(
    *urls: str, proxy: str | None = None, tls: ssl.SSLContext = TLS
) -> dict[Kind, EchoedAddress | Failure]:
    probe = EgressProbe(urls=urls, tls=tls, proxy=proxy)
    found: dict[Kind, EchoedAddress | Failure] = {}
    async for reading in probe.measure():
        assert isinstance(reading.value, EchoedAddress | Failure)
        found[reading.kind] = reading.value
    return found


@pytest.mark.parametrize(
    "body", [b"203.0.113.9", b"203.0.113.9\n", b'{"ip":"203.0.113.9","country":"SG"}']
)
async def test_the_address_is_what_the_echo_service_saw(body: bytes) -> None:
    async with serve_raw(answer(body)) as server:
        found = await ask(server.url)

    assert found[Kind.ECHO_IPV4] == EchoedAddress(ip_address("203.0.113.9"))


async def test_a_missing_family_is_no_address_and_no_error() -> None:
    async with serve_raw(SEEN) as server:
        missing = (await ask(server.url))[Kind.ECHO_IPV6]

    assert missing == Failure(FailureReason.NO_ADDRESS, "127.0.0.1 has no IPv6 address")


async def test_each_echo_service_is_asked_over_both_families() -> None:
    probe = EgressProbe(urls=["https://a.example/ip", "https://b.example:8443"], tls=TLS)

    assert {(kind, str(subject)) for kind, subject in probe.steps()[0]} == {
        (kind, subject)
        for kind in (Kind.ECHO_IPV4, Kind.ECHO_IPV6)
        for subject in ("echo:a.example/ip", "echo:b.example:8443")
    }


@pytest.mark.parametrize(
    ("response", "said"),
    [
        pytest.param(answer(b"<html>sign in</html>"), "holds no address", id="portal"),
        pytest.param(answer(b"x", "503 Busy"), "HTTP 503", id="down"),
        pytest.param(
            answer(b"", "302 Found", "Location: http://169.254.169.254/\r\n"),
            "HTTP 302",
            id="redirect",
        ),
        pytest.param(answer(b"2001:db8::1"), "asked over IPv4", id="other family"),
        pytest.param(answer(b'{"ip":' * 600), "holds no address", id="deep nesting"),
        pytest.param(answer(b"fe80::1%\x1b[31m"), "holds no address", id="zone of a stranger"),
        pytest.param(answer(b"1" * 5000), "longer than 4096 bytes", id="long"),
        pytest.param(answer(b"x", headers="Content-Encoding: gzip\r\n"), "packed", id="compressed"),
        pytest.param(b"SSH-2.0-x\r\n\r\n", "illegal", id="not HTTP"),
    ],
)
async def test_what_is_no_address_is_an_unusable_answer(response: bytes, said: str) -> None:
    async with serve_raw(response) as server:
        failure = (await ask(server.url))[Kind.ECHO_IPV4]

    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.ANSWER
    assert said in failure.detail


async def test_an_endless_answer_is_cut_off() -> None:
    async with serve_raw(endless) as server:
        failure = (await ask(server.url))[Kind.ECHO_IPV4]

    assert failure == Failure(FailureReason.ANSWER, "the answer is longer than 4096 bytes")


async def test_an_answer_of_one_byte_a_second_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonde_agent.probes.egress._WITHIN", timedelta(milliseconds=200))
    async with serve_raw(dripping) as server:
        failure = (await ask(server.url))[Kind.ECHO_IPV4]

    assert failure == Failure(FailureReason.TIMEOUT, "no complete answer within 0.2 s")


async def test_a_certificate_for_another_name_is_a_tls_failure(tmp_path: Path) -> None:
    certificate = certify(tmp_path, name="elsewhere.example")
    async with serve_raw(SEEN, tls=shown(certificate)) as server:
        failure = (await ask(server.url, tls=trusted(certificate)))[Kind.ECHO_IPV4]

    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.TLS
    assert "mismatch" in failure.detail
    assert server.heads == []


async def test_a_closed_port_is_a_connection_failure() -> None:
    async with serve_raw(SEEN) as server:
        url = server.url

    failure = (await ask(url))[Kind.ECHO_IPV4]

    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.CONNECTION


async def test_a_name_that_does_not_exist_is_a_dns_failure() -> None:
    found = await ask("https://no-such-host.invalid")

    assert {f.reason for f in found.values() if isinstance(f, Failure)} == {FailureReason.DNS}
    assert len(found) == 2


async def test_through_a_proxy_the_proxys_address_counts() -> None:
    async with serve_raw(SEEN) as proxy:
        found = await ask("http://echo.invalid/ip", proxy=proxy.url)

    assert found[Kind.ECHO_IPV4] == EchoedAddress(ip_address("203.0.113.9"))
    assert found[Kind.ECHO_IPV6] == Failure(
        FailureReason.NO_ADDRESS, "the proxy's requests leave over IPv4"
    )
    assert proxy.heads[0].startswith("GET http://echo.invalid/ip HTTP/1.1")


async def test_proxies_in_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve_raw(answer(b"198.51.100.1")) as proxy, serve_raw(SEEN) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        found = await ask(server.url)

    assert found[Kind.ECHO_IPV4] == EchoedAddress(ip_address("203.0.113.9"))
    assert proxy.heads == []
