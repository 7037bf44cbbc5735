"""What is wrong with what a configuration names on this host: files and directories.

| who                   | asks for                                                        |
| --------------------- | --------------------------------------------------------------- |
| `sonde-agent run`     | `check_to_serve`; a key that cannot be read is each diagnosis's |
|                       | business, so the agent starts and its log says so               |
| SIGHUP                | `check`: the configuration before it may have a good key        |
| `config check`        | `check`                                                         |
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonde_agent.access import check_directory
from sonde_agent.config.shape import AgentConfig
from sonde_core.errors import ConfigInvalidError
from sonde_core.host_names import HOW, is_host_name
from sonde_core.readings import Failure
from sonde_wire.addresses import parse_address
from sonde_wire.channels import check_target


def check(config: AgentConfig) -> None:
    """Raise `ConfigInvalidError` for the first thing that is wrong."""
    check_to_serve(config)
    for problem in key_problems(config):
        raise ConfigInvalidError(problem)


def check_to_serve(config: AgentConfig) -> None:
    """Raise `ConfigInvalidError` for the first thing that keeps an agent from its work."""
    _check_others(config)
    _check_sockets(config)
    _check_state(config.agent.state_dir)


def key_problems(config: AgentConfig) -> Iterator[str]:
    """Return why keys cannot be used."""
    for account in config.account:
        loaded = account.key_files.load()
        if isinstance(loaded, Failure):
            yield f"account {account.name}: {loaded.detail}"


def _check_others(config: AgentConfig) -> None:
    """Look at what lets the agent talk beyond this host."""
    files = config.agent.identity
    if files:
        files.load()
    for key, address in (
        ("agent.listen", config.agent.listen),
        ("reports.service", config.reports.service),
    ):
        with _naming(key):
            if address:
                check_target(address, files)
    if config.reports.service and not is_host_name(config.reports_host):
        raise ConfigInvalidError(
            f"reports.host: {config.reports_host!r} cannot be a host's name; {HOW}",
            key="reports.host",
        )


def _check_sockets(config: AgentConfig) -> None:
    own, engines, lines = config.agent.socket, config.engine_socket, config.engine_lines
    if lines == engines:
        raise ConfigInvalidError(
            f"engine.socket: {engines} is the name of the socket beside it, for lines of JSON; "
            'let it end in ".sock"',
            key="engine.socket",
        )
    if own in (engines, lines):
        raise ConfigInvalidError(
            f"engine.socket: {own} is the agent's own socket; name another", key="engine.socket"
        )
    for key, path in (("agent.socket", own), ("engine.socket", engines), ("engine.socket", lines)):
        with _naming(key):
            parse_address(f"unix:{path.absolute()}")
    check_directory("agent.socket", own.absolute())
    check_directory("engine.socket", engines.absolute())


@contextmanager
def _naming(key: str) -> Iterator[None]:
    """Say which key an error is about."""
    try:
        yield
    except ConfigInvalidError as error:
        raise ConfigInvalidError(f"{key}: {error}", key=key) from error


def _check_state(directory: Path) -> None:
    problem = _state_problem(directory)
    if problem:
        raise ConfigInvalidError(f"agent.state_dir: {directory}: {problem}", key="agent.state_dir")


def _state_problem(directory: Path) -> str | None:
    try:
        mode = directory.stat().st_mode
    except OSError as error:
        return f"{error.strerror}; make the directory"
    if not stat.S_ISDIR(mode):
        return "it is no directory; name one"
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"user {os.geteuid()} may not write there; give it to the agent's user"
    return None
