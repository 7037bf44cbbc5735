"""Servers: limits against abuse, where they may listen, health, reflection and a clean end."""

import asyncio
import os
import signal
import socket
import stat
from collections.abc import Callable, Sequence
from datetime import timedelta

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as aio_health  # pyright: ignore[reportAttributeAccessIssue] - missing in its stub
from grpc_reflection.v1alpha import reflection

from sonde_core.errors import ConfigInvalidError, UnavailableError
from sonde_wire.addresses import UnixAddress, parse_address
from sonde_wire.calls import CallEnded, log_call
from sonde_wire.errors import ErrorInterceptor
from sonde_wire.tls import RenewedTls, TlsFiles, TlsMaterial


def new_server(
    *, max_concurrent_streams: int, max_receive_bytes: int, ended: CallEnded = log_call
) -> grpc.aio.Server:
    """Return a server with the limits that keep one bad client from hurting the others.

    `ended` is told of each call's end; by default that goes to the log.
    """
    return grpc.aio.server(
        interceptors=(ErrorInterceptor(ended),),
        options=(
            # Without these two, a client that resets streams fast makes other clients fail, and a
            # second process silently takes half of the connections.
            ("grpc.max_concurrent_streams", max_concurrent_streams),
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", max_receive_bytes),
            ("grpc.server_handshake_timeout_ms", 5_000),
            # The server pings: a peer that vanished is noticed within 15 s, not never.
            ("grpc.keepalive_time_ms", 10_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ),
    )


def bind(server: grpc.aio.Server, address: str, tls: TlsFiles | None = None) -> str:
    """Let a server listen and return the address, with the port that a 0 became.

    A unix socket is made with mode 0660: the directory's mode and group decide who may talk.
    New connections over TLS use the files as they are then. Raises `ConfigInvalidError` where the
    address cannot be used or would be plain text beyond this machine, `UnavailableError` where
    somebody else listens there.
    """
    target = parse_address(address)
    if isinstance(target, UnixAddress):
        _bind_unix(server, target)
        return str(target)
    if tls is None and not target.local:
        raise ConfigInvalidError(
            f"listen {address}: plain text is for unix sockets and loopback only; set ca_file, "
            "cert_file and key_file",
            address=address,
        )
    port = _bind_tcp(server, str(target), tls)
    return str(type(target)(target.host, port))


def _bind_tcp(server: grpc.aio.Server, address: str, tls: TlsFiles | None) -> int:
    try:
        if tls is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, _credentials(tls))
    except RuntimeError as error:
        raise _in_use(address) from error
    if not port:
        raise _in_use(address)
    return port


def _in_use(address: str) -> UnavailableError:
    return UnavailableError(
        f"listen {address}: cannot listen there (in use, or not an address of this machine)",
        address=address,
    )


def _credentials(tls: TlsFiles) -> grpc.ServerCredentials:
    identity = RenewedTls(tls)
    material = identity.load()
    configuration = _configuration(material)

    def renewed() -> grpc.ServerCertificateConfiguration:
        # Called for each connection, while it waits.
        nonlocal material, configuration
        if (newest := identity.load()) is not material:
            material, configuration = newest, _configuration(newest)
        return configuration

    return grpc.dynamic_ssl_server_credentials(
        configuration, renewed, require_client_authentication=True
    )


def _configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(material.private_key, material.certificate)], root_certificates=material.authority
    )


def _bind_unix(server: grpc.aio.Server, target: UnixAddress) -> None:
    clear_stale_socket(target.path)
    before = os.umask(0o117)
    try:
        server.add_insecure_port(str(target))
    except RuntimeError as error:
        raise ConfigInvalidError(
            f"socket {target.path}: cannot listen there; its directory must exist and be writable",
            path=target.path,
        ) from error
    finally:
        os.umask(before)


def clear_stale_socket(path: str) -> None:
    """Remove a socket that nobody answers. gRPC would take over a live one without a word."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise ConfigInvalidError(f"socket {path}: something that is no socket is there", path=path)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
        except OSError as error:
            raise ConfigInvalidError(f"socket {path}: {error.strerror}", path=path) from error
    raise UnavailableError(f"socket {path}: another process serves there", path=path)


def add_health_and_reflection(
    server: grpc.aio.Server, services: Sequence[str], *, reflect: bool
) -> aio_health.HealthServicer:
    """Serve grpc.health.v1 for the server and each service, and reflection where asked.

    Reflection is for unix sockets and loopback only.
    """
    servicer = aio_health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if reflect:
        names = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
    return servicer


async def serve_until_signalled(
    servers: Sequence[grpc.aio.Server],
    healths: Sequence[tuple[aio_health.HealthServicer, Sequence[str]]],
    grace: timedelta,
    ready: Callable[[], None] = lambda: None,
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain: say NOT_SERVING, finish running calls, stop.

    Each server's health goes with the services that it tells about. `ready` is called once calls
    are answered, `stopping` once they are to end.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    for server in servers:
        await server.start()
    for servicer, services in healths:
        for name in ("", *services):
            await servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    ready()
    await stopped.wait()
    stopping()
    for servicer, _ in healths:
        await servicer.enter_graceful_shutdown()
    await asyncio.gather(*(server.stop(grace.total_seconds()) for server in servers))
