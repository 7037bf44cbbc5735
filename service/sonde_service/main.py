"""Runs the service. The only module of it that builds things."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from importlib import metadata

from sonde.support.v1.support_service_pb2_grpc import add_SupportServiceServicer_to_server
from sonde_service.collecting import collect_rarely
from sonde_service.config import ServiceConfig, TlsConfig
from sonde_service.deciding import Decider
from sonde_service.diagnosing import Diagnoser
from sonde_service.fanout import Fanout
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
        servers, healths = [], []
        for address, tls in _addresses(config):
            server = new_server(
                max_concurrent_streams=_MOST_STREAMS, max_receive_bytes=_LARGEST_REQUEST
            )
            add_SupportServiceServicer_to_server(support, server)
            # Whoever needs a certificate to come in needs no list of what there is.
            health = add_health_and_reflection(server, [SERVICE], reflect=tls is None)
            healths.append((health, [SERVICE]))
            logger.info("Listening", extra={"address": bind(server, address, tls)})
            servers.append(server)
        collect_rarely()
        await serve_until_signalled(servers, healths, _GRACE)


def _addresses(config: ServiceConfig) -> list[tuple[str, TlsFiles | None]]:
    socket = (f"unix:{config.service.socket.absolute()}", None)
    if not config.service.listen:
        return [socket]
    return [socket, (config.service.listen, _tls(config.service.tls))]


def support_server(config: ServiceConfig, store: Store) -> SupportServer:
    """Build what answers support staff on a store that is ready."""
    tls = _tls(config.agents.tls)
    link = DirectLink(RenewedTls(tls) if tls else None)
    fanout = Fanout(link=link, width=config.fanout.width, now=_now)
    decider = Decider(rules_version=metadata.version("sonde"))
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
