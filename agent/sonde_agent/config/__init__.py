"""The agent's configuration: one TOML file.

| room     | what                                                                 |
| -------- | -------------------------------------------------------------------- |
| `shape`  | the sections and their keys                                          |
| `values` | what is wrong with a file whoever reads it, wherever                 |
| `host`   | what is wrong with what it names on this host: files and directories |
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from sonde_agent.config.shape import AgentConfig
from sonde_agent.config.values import problems
from sonde_agent.places import CONFIG_VARIABLE
from sonde_agent.probes.name_server import NameServer
from sonde_core.errors import ConfigInvalidError
from sonde_core.settings import Span, check_keys, override, parse_toml, refusal
from sonde_wire.config_files import read_text

__all__ = ["AgentConfig", "parse", "read"]

_LISTS = (
    ("clock", "servers"),
    ("egress", "echo_urls"),
    ("policy", "require"),
    ("policy", "forbid"),
)
"""Lists of texts, which a variable of the environment separates by commas."""
_OTHERS = (CONFIG_VARIABLE,)
"""What begins as a variable of a key does, and is none."""


def read(path: Path, environ: Mapping[str, str]) -> AgentConfig:
    """Read a file. Raises `ConfigInvalidError` that names the file, the key and the fix."""
    text = read_text(path)
    try:
        return parse(text, environ)
    except ConfigInvalidError as error:
        raise ConfigInvalidError(f"{path}: {error}", **error.metadata) from error


def parse(text: str, environ: Mapping[str, str]) -> AgentConfig:
    """Read a configuration's text; `SONDE_…` variables, such as SONDE_AGENT_SOCKET, override it.

    Raises `ConfigInvalidError` that names the key and the fix.
    """
    table = parse_toml(text)
    check_keys(table, AgentConfig)
    try:
        config = msgspec.convert(
            _split_lists(override(table, AgentConfig, environ, _OTHERS)),
            AgentConfig,
            strict=False,  # a variable's value is text
            dec_hook=_decode,
        )
    except msgspec.ValidationError as error:
        raise ConfigInvalidError(refusal(str(error), AgentConfig)) from error
    for key, problem in problems(config):
        raise ConfigInvalidError(f"{key}: {problem}", key=key)
    return config


def _split_lists(table: dict[str, Any]) -> dict[str, Any]:
    """Take apart the lists that came from the environment."""
    for section, key in _LISTS:
        value = table.get(section, {})
        if isinstance(value, dict) and isinstance(value.get(key), str):
            parts = [part.strip() for part in value[key].split(",")]
            table[section] = value | {key: [part for part in parts if part]}
    return table


def _decode(type_: type, value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"write a text in quotes, not {value!r}")  # noqa: TRY004 - msgspec adds the key to a ValueError
    return type_.parse(value) if issubclass(type_, Span | NameServer) else Path(value)
