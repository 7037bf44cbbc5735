"""Metrics are for whoever asks, and nobody keeps others from them."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sonde_agent.metrics_server import MOST, serving_metrics
from sonde_wire.addresses import TcpAddress

LIMIT_S = 20


class One(Collector):
    """Tells one number."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("sonde_one", "One.", value=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_who_asks_is_answered(host: str) -> None:
    with serving_metrics(TcpAddress(host, 0), One()) as address:
        assert "sonde_one 1.0" in httpx.get(f"http://{address}/metrics", trust_env=False).text


def test_many_who_say_nothing_take_few_threads() -> None:
    with serving_metrics(TcpAddress("127.0.0.1", 0), One(), timedelta(hours=1)) as address:
        before = threading.active_count()
        silent = [_connected(address) for _ in range(5 * MOST)]
        turned_away = [each.recv(1) for each in silent[MOST:]]
        threads = threading.active_count() - before
        for each in silent:
            each.close()
        answer = _answer(address)

    assert turned_away == [b""] * 4 * MOST
    assert threads == MOST
    assert "sonde_one 1.0" in answer


def test_who_says_nothing_is_hung_up_on_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    patience = timedelta(milliseconds=200)
    with serving_metrics(TcpAddress("127.0.0.1", 0), One(), patience) as address:
        silent = [_connected(address) for _ in range(MOST)]
        hung_up = [each.recv(1) for each in silent]
        for each in silent:
            each.close()
        answer = _answer(address)

    assert hung_up == [b""] * MOST
    assert "sonde_one 1.0" in answer
    assert capfd.readouterr().err == ""


def _connected(address: str) -> socket.socket:
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), LIMIT_S)


def _answer(address: str) -> str:
    """Ask until there is room: a connection's place is free a moment after its end."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            return httpx.get(f"http://{address}/metrics", trust_env=False, timeout=LIMIT_S).text
        except httpx.TransportError:
            continue
    raise AssertionError("never answered")
