"""Settings as people write them: spelling, spans of time, overrides from the environment."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, get_args, get_type_hints

from sonde_core.errors import ConfigInvalidError

_MICROSECONDS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_AT = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h)", re.ASCII)


def suggest(unknown: str, known: Iterable[str]) -> str | None:
    """Return the known word that is nearest to an unknown one, or None where none is near."""
    matches = get_close_matches(unknown, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None


class Span(timedelta):
    """A span of time that people write as "250ms", "10s", "2m" or "1h"."""

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read a span of time. Raises ValueError, saying how to write one."""
        match = _SPAN.fullmatch(text.strip())
        if not match:
            raise ValueError(
                f'{text!r} is no span of time: write for example "250ms", "10s" or "2m"'
            )
        return cls(microseconds=round(float(match[1]) * _MICROSECONDS[match[2]]))


def check_keys(table: Mapping[str, Any], shape: type, where: str = "") -> None:
    """Refuse keys that `shape`, a class with annotations, does not have.

    Raises `ConfigInvalidError`, naming the key and the nearest known one.
    """
    hints = get_type_hints(shape)
    for key, value in table.items():
        path = f"{where}.{key}" if where else key
        if key not in hints:
            raise _unknown(path, key, hints)
        inner = _inner_table(hints[key])
        for entry in value if isinstance(value, list) else [value]:
            if inner and isinstance(entry, Mapping):
                check_keys(entry, inner, path)


def _unknown(path: str, key: str, known: Iterable[str]) -> ConfigInvalidError:
    near = suggest(key, known)
    hint = f'did you mean "{near}"?' if near else f"known here: {', '.join(sorted(known))}"
    return ConfigInvalidError(f"{path}: there is no such key; {hint}", key=path)


def override(
    table: Mapping[str, Any], shape: type, environ: Mapping[str, str], prefix: str = "SONDE"
) -> dict[str, Any]:
    """Return a table with what the environment says instead.

    `SONDE_FANOUT_WIDTH` stands for `width` of `[fanout]`. Lists of tables are left alone.
    """
    result = dict(table)
    for key, hint in get_type_hints(shape).items():
        name = f"{prefix}_{key.upper()}"
        inner = _inner_table(hint)
        if inner is None:
            if name in environ:
                result[key] = environ[name]
        elif isinstance(result.get(key, {}), Mapping):
            entries = override(result.get(key, {}), inner, environ, name)
            if entries:
                result[key] = entries
    return result


def key_first(message: str) -> str:
    """Return a decoder's "what - at `$.key`" as "key: what"."""
    match = _AT.fullmatch(message)
    return f"{match[2]}: {match[1]}" if match else message


def _inner_table(hint: object) -> type | None:
    """Return the class of a nested table: of `T`, `T | None` or `tuple[T, ...]`."""
    for candidate in (hint, *get_args(hint)):
        if isinstance(candidate, type) and hasattr(candidate, "__struct_fields__"):
            return candidate
    return None
