"""Client channels to an agent or to the service."""

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sonde_core.errors import ConfigInvalidError
from sonde_wire.addresses import Address, TcpAddress, parse_address
from sonde_wire.tls import TlsSource

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.enable_retries", 0),  # retrying is the caller's decision
    ("grpc.enable_http_proxy", 0),  # an environment proxy would change who sees whom
    ("grpc.max_receive_message_length", 1 << 20),
    # Whoever waits for a server to come up tries again every second: left alone, the pauses grow
    # beyond what is left of the wait.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


def check_target(address: str, tls: TlsSource | None) -> Address:
    """Return an address that may be called.

    Raises `ConfigInvalidError` where it cannot be read, and for plain text to anywhere but a unix
    socket or loopback.
    """
    target = parse_address(address)
    if tls is None and not target.local:
        raise ConfigInvalidError(
            f"address {address}: plain text is for unix sockets and loopback only; "
            "configure ca_file, cert_file and key_file",
            address=address,
        )
    return target


def open_channel(
    address: str, tls: TlsSource | None = None, tls_name: str = ""
) -> grpc.aio.Channel:
    """Return a channel to an address. Connecting happens with the first call.

    `tls_name` is the name that the peer's certificate must carry, where it is not the address's
    own. Raises `ConfigInvalidError` as `check_target` does.
    """
    target = check_target(address, tls)
    if tls is None or not isinstance(target, TcpAddress):
        return grpc.aio.insecure_channel(str(target), options=_OPTIONS)
    material = tls.load()
    credentials = grpc.ssl_channel_credentials(
        material.authority, material.private_key, material.certificate
    )
    name = (("grpc.ssl_target_name_override", tls_name),) if tls_name else ()
    return grpc.aio.secure_channel(str(target), credentials, options=(*_OPTIONS, *name))


async def is_serving(channel: grpc.aio.Channel, service: str = "", *, wait: bool = False) -> bool:
    """Tell whether a server says SERVING for a service, or for itself as a whole.

    `wait` waits for the server to come up; bound it from outside. Raises `grpc.aio.AioRpcError`
    where it cannot be asked.
    """
    stub = health_pb2_grpc.HealthStub(channel)
    answer = await stub.Check(  # pyright: ignore[reportAttributeAccessIssue] - missing in its stub
        health_pb2.HealthCheckRequest(service=service), wait_for_ready=wait
    )
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
