"""The command `sonde-service`, for those who run the service."""

import os
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from sonde_core.errors import ConfigInvalidError
from sonde_service import config as configuration
from sonde_service.config import ServiceConfig
from sonde_terminal import commands
from sonde_terminal.exits import leave
from sonde_terminal.options import Version, examples

Config = Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")]

_DEFAULT_CONFIG = Path("/etc/sonde/service.toml")

app = commands.new_app(
    "sonde-service",
    epilog=examples(
        "sonde-service init --config service.toml", "sonde-service run --config service.toml"
    ),
)


@app.callback()
def root(*, _: Version = False) -> None:
    """Ask agents, name the cause, keep the record."""


@app.command()
def init(config: Config = _DEFAULT_CONFIG) -> None:
    """Make the directories, an example configuration and the database.

    What is there already stays as it is, so that it can be run again after a change.
    """
    if not config.exists():
        _make_directory("--config", config.parent, 0o755)
        _write_example(config)
        typer.echo(f"wrote {config}")
    read = _read(config)
    _make_directory("service.state_dir", read.service.state_dir, 0o700)
    _make_directory("service.socket", read.service.socket.parent, 0o750)
    from sonde_service.store.migrating import upgrade  # noqa: PLC0415 - as in `run`
    from sonde_service.store.store import Store  # noqa: PLC0415 - the same

    with Store(read.store_url) as store:
        upgrade(store)
    typer.echo(f"ready; next: sonde-service run --config {config}")


@app.command()
def run(config: Config = _DEFAULT_CONFIG) -> None:
    """Serve until SIGTERM or Ctrl-C; running diagnoses may end first."""
    from sonde_service import main as service  # noqa: PLC0415 - what is missing is said in words

    service.run(_read(config))


@app.command()
def migrate(
    config: Config = _DEFAULT_CONFIG,
    down_to: Annotated[
        str,
        typer.Option(metavar="REVISION", help="Go back to it; what came later is lost."),
    ] = "",
) -> None:
    """Bring the database to the form that this version reads."""
    from sonde_service.store.migrating import downgrade, upgrade  # noqa: PLC0415 - as in `run`
    from sonde_service.store.store import Store  # noqa: PLC0415 - the same

    with Store(_read(config).store_url) as store:
        if down_to:
            downgrade(store, down_to)
        else:
            upgrade(store)
        typer.echo("the database is ready")


def _read(path: Path) -> ServiceConfig:
    return configuration.read(path, os.environ)


def _write_example(path: Path) -> None:
    example = resources.files("sonde_service").joinpath("service.example.toml").read_bytes()
    try:
        path.write_bytes(example)
    except OSError as error:
        raise ConfigInvalidError(
            f"--config {path}: cannot be written ({error.strerror}); name a file that may be",
            key="--config",
        ) from error


def _make_directory(key: str, path: Path, mode: int) -> None:
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigInvalidError(
            f"{key}: the directory {path} cannot be made ({error.strerror}); name another",
            key=key,
        ) from error


def main() -> None:
    """Run the command and leave with its exit code."""
    leave("sonde-service", lambda: commands.run(app, "sonde-service"), "sonde[service]")
