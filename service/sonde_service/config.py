"""The service's configuration: one TOML file, read once, checked once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from sonde_core.errors import ConfigInvalidError
from sonde_core.settings import Span, check_keys, override, parse_toml, refusal
from sonde_wire.config_files import read_text

SHORTEST_TIMEOUT = Span(milliseconds=100)
LONGEST_TIMEOUT = Span(minutes=5)

Width = Annotated[int, msgspec.Meta(ge=1, le=1_000)]


class TlsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """PEM files of one identity and of the one authority that it trusts."""

    ca_file: Path
    cert_file: Path
    key_file: Path


class ListenConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[service]`: where it serves and where it keeps its files."""

    socket: Path = Path("/run/sonde/service.sock")
    listen: str = ""
    """Host and port, beside the socket. Beyond loopback it needs `[service.tls]`."""
    state_dir: Path = Path("/var/lib/sonde")
    tls: TlsConfig | None = None


class StoreConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[store]`: the database."""

    url: str = ""
    """An SQLAlchemy URL. Empty means SQLite in the state directory."""


class FanoutConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[fanout]`: how hosts are asked side by side."""

    width: Width = 100
    """How many at once, 1 to 1,000."""
    timeout: Span = Span(seconds=10)
    """How long one host may take, 100 ms to 5 minutes."""


class AgentsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[agents]`: who the service is to the agents that it calls over TCP."""

    tls: TlsConfig | None = None


class FleetConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`[fleet]`: where agents bring what engines report. Support staff is not served there."""

    socket: Path | None = None
    """For agents on this machine. Unset: none."""
    listen: str = ""
    """Host and port. Beyond loopback it needs `[fleet.tls]`."""
    tls: TlsConfig | None = None


class ServiceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    service: ListenConfig = ListenConfig()
    store: StoreConfig = StoreConfig()
    fanout: FanoutConfig = FanoutConfig()
    agents: AgentsConfig = AgentsConfig()
    fleet: FleetConfig = FleetConfig()

    @property
    def store_url(self) -> str:
        """The database's URL."""
        return self.store.url or f"sqlite:///{self.service.state_dir.absolute()}/service.sqlite3"


def read(path: Path, environ: Mapping[str, str]) -> ServiceConfig:
    """Read a file. Raises `ConfigInvalidError` that names the file, the key and the fix."""
    try:
        text = read_text(path)
    except ConfigInvalidError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        raise ConfigInvalidError(
            f"{path}: no such file; `sonde-service init --config {path}` writes an example"
        ) from error
    try:
        return parse(text, environ)
    except ConfigInvalidError as error:
        raise ConfigInvalidError(f"{path}: {error}", **error.metadata) from error


def parse(text: str, environ: Mapping[str, str]) -> ServiceConfig:
    """Read a configuration's text; `SONDE_…` variables override it."""
    table = parse_toml(text)
    check_keys(table, ServiceConfig)
    try:
        config = msgspec.convert(
            override(table, ServiceConfig, environ),
            ServiceConfig,
            strict=False,  # a variable's value is text
            dec_hook=_decode,
        )
    except msgspec.ValidationError as error:
        raise ConfigInvalidError(refusal(str(error), ServiceConfig)) from error
    if not SHORTEST_TIMEOUT <= config.fanout.timeout <= LONGEST_TIMEOUT:
        raise ConfigInvalidError("fanout.timeout: must be 100ms to 5m", key="fanout.timeout")
    return config


def _decode(type_: type, value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"write a text in quotes, not {value!r}")  # noqa: TRY004 - msgspec adds the key to a ValueError
    return Span.parse(value) if type_ is Span else Path(value)
