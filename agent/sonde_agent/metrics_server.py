"""Answers Prometheus: a few at a time, and nobody for long."""

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from socketserver import ThreadingMixIn
from threading import BoundedSemaphore, Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.registry import Collector

from sonde_core.errors import UnavailableError
from sonde_wire.addresses import TcpAddress

logger = logging.getLogger(__name__)

MOST = 8
"""Connections at once; whoever comes beside them is turned away."""
_PATIENCE = timedelta(seconds=5)


@contextmanager
def serving_metrics(
    address: TcpAddress, collector: Collector, patience: timedelta = _PATIENCE
) -> Iterator[str]:
    """Answer on loopback for as long as the block lasts; gives the address, with port.

    Whoever says nothing for as long as `patience` is hung up on. Raises `UnavailableError` where
    somebody else listens there.
    """
    registry = CollectorRegistry()
    registry.register(collector)
    try:
        server = _Server(address, patience)
    except OSError as error:
        raise UnavailableError(
            f"metrics.listen {address}: cannot listen there: {error.strerror}", address=str(address)
        ) from error
    server.set_app(make_wsgi_app(registry))
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield str(TcpAddress(address.host, server.server_port))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each connection, so that one that is silent keeps nobody waiting."""

    daemon_threads = True

    def __init__(self, address: TcpAddress, patience: timedelta) -> None:
        self._free = BoundedSemaphore(MOST)
        [(self.address_family, *_), *_] = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )

        class Patient(_Handler):
            timeout = patience.total_seconds()

        super().__init__((address.host, address.port), Patient)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's signature
        """Answer in a thread, or hang up where there are too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's signature
        """Answer, and make room for another."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 - the library's signature
        """Log a bug. Whoever asked and went away, or was silent, is none."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            logger.error("Metrics not told", exc_info=error)


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: who asks, asks every few seconds."""
