"""What is wrong with what a configuration names on this host: files and directories.

| who                   | asks for                                                        |
| --------------------- | --------------------------------------------------------------- |
| `sonde-agent run`     | `check_to_serve`; a key that cannot be read is each diagnosis's |
|                       | business, so the agent starts and its log says so               |
| SIGHUP                | `check`: the configuration before it may have a good key        |
| `config check`        | `check`                                                         |
| `sonde-agent check`   | `check_user`: whoever types it may be anybody                   |
"""

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonde_agent.access import check_directory
from sonde_agent.config.shape import AgentConfig
from sonde_core.errors import ConfigInvalidError, NotAllowedError
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


def check_user(config: AgentConfig) -> None:
    """Raise `NotAllowedError`, naming the agent's user, where this one may not see what is theirs.

    Without the keys a diagnosis would blame the keys; without the state it would call the exchange
    in the middle of a ban.
    """
    directory = config.agent.state_dir
    try:
        owner = directory.stat().st_uid
    except OSError:  # without it there is no agent here whose user could be named
        return
    if os.geteuid() in (0, owner):
        return
    keys = [account.key_files for account in config.account]
    files = [
        file for key in keys for file in (key.api_key_file, key.secret_file, key.private_key_file)
    ]
    closed = [file for file in files if file and not _may(file, os.R_OK)]
    if not _may(directory, os.R_OK | os.W_OK | os.X_OK):
        closed.insert(0, directory)
    if closed:
        name = _name(owner)
        raise NotAllowedError(
            f"{closed[0]} is for the agent's user, {name}: run `sudo -u {name} sonde-agent check`",
            path=str(closed[0]),
        )


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=True)


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"'#{user}'"  # as sudo takes it


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
