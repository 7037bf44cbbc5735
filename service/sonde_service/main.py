"""Runs the service. The only module of it that builds things."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import grpc.aio

from sonde.fleet.v1.fleet_service_pb2_grpc import add_FleetServiceServicer_to_server
from sonde.support.v1.support_service_pb2_grpc import add_SupportServiceServicer_to_server
from sonde_core import __version__
from sonde_service.collecting import collect_rarely
from sonde_service.config import FleetConfig, ListenConfig, ServiceConfig, TlsConfig
from sonde_service.deciding import Decider
from sonde_service.diagnosing import Diagnoser
from sonde_service.fanout import Fanout
from sonde_service.fleet.server import SERVICE as FLEET
from sonde_service.fleet.server import FleetServer
from sonde_service.links import DirectLink
from sonde_service.server import SERVICE, SupportServer
from sonde_service.store.migrating import require_current
from sonde_service.store.store import Store
from sonde_wire.logs import log_to_stderr
from sonde_wire.serving import add_health_and_reflection, bind, new_server, serve_until_signalled
from sonde_wire.tls import RenewedTls, TlsFiles

logger = logging.getLogger(__name__)

_MOST_STREAMS = 100
_LARGEST_REQUEST = 1 << 20
_GRACE = timedelta(seconds=10)
"""How long running calls may take to end once the service is told to stop."""


def run(config: ServiceConfig) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises `ConfigInvalidError` or `UnavailableError` where the service cannot start.
    """
    log_to_stderr()
    asyncio.run(_serve(config))


async def _serve(config: ServiceConfig) -> None:
    with Store(config.store_url) as store:
        require_current(store)
        support = support_server(config, store)
        add_support = partial(add_SupportServiceServicer_to_server, support)
        add_fleet = partial(add_FleetServiceServicer_to_server, FleetServer(store=store))
        served = [
            *(_served(*one, SERVICE, add_support) for one in _addresses(config.service)),
            *(_served(*one, FLEET, add_fleet) for one in _addresses(config.fleet)),
        ]
        collect_rarely()
        await serve_until_signalled(
            [server for server, _, _ in served],
            [(health, [service]) for _, health, service in served],
            _GRACE,
        )


def _served(
    address: str, tls: TlsFiles | None, service: str, add: Callable[[grpc.aio.Server], None]
) -> tuple[grpc.aio.Server, Any, str]:
    """Make a server that listens: one service has no other's callers."""
    server = new_server(max_concurrent_streams=_MOST_STREAMS, max_receive_bytes=_LARGEST_REQUEST)
    add(server)
    # Whoever needs a certificate to come in needs no list of what there is.
    health = add_health_and_reflection(server, [service], reflect=tls is None)
    logger.info("Listening", extra={"address": bind(server, address, tls), "service": service})
    return server, health, service


def _addresses(config: ListenConfig | FleetConfig) -> Iterator[tuple[str, TlsFiles | None]]:
    if config.socket:
        yield f"unix:{config.socket.absolute()}", None
    if config.listen:
        yield config.listen, _tls(config.tls)


def support_server(config: ServiceConfig, store: Store) -> SupportServer:
    """Build what answers support staff on a store that is ready."""
    tls = _tls(config.agents.tls)
    link = DirectLink(RenewedTls(tls) if tls else None)
    fanout = Fanout(link=link, width=config.fanout.width, now=_now)
    decider = Decider(rules_version=__version__)
    diagnoser = Diagnoser(store=store, fanout=fanout, decider=decider, now=_now)
    return SupportServer(
        store=store, diagnoser=diagnoser, link=link, limit=config.fanout.timeout, now=_now
    )


def _tls(config: TlsConfig | None) -> TlsFiles | None:
    if config is None:
        return None
    return TlsFiles(ca_file=config.ca_file, cert_file=config.cert_file, key_file=config.key_file)


def _now() -> datetime:
    return datetime.now(UTC)
