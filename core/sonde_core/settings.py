"""Settings as people write them: spelling, spans of time, what the environment says."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, get_args, get_origin, get_type_hints

from sonde_core.errors import ConfigInvalidError

_PREFIX = "SONDE"
_MICROSECONDS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_AT = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)
_HOW = {
    r"Invalid enum value ('.*')": "{0} will not do; write {choices}",
    r"Expected `(?:int|array)`(?: of length)? >= (\d+)": "give {0} or more",
    r"Expected `(?:int|array)`(?: of length)? <= (\d+)": "give {0} at most",
    r"Expected `int`, got .*": "write a whole number",
    r"Expected `str`, got .*": "write a text in quotes",
    r"Expected `array`, got .*": "write a list in [ ]",
    r"Expected `object(?: \| null)?`, got .*": "write a section",
    r"Expected `str` matching regex '\^(.*)\$'": "write a text of the form {0}",
    r"Object missing required field `(\w+)`": "give {0} as well",
}
"""What to do about what a decoder says."""
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h)", re.ASCII)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables in a text. Raises `ConfigInvalidError`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalidError(f"not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigInvalidError("not a configuration: it is nested too deeply") from error


def suggest(unknown: str, known: Iterable[str], alike: float = 0.5) -> str | None:
    """Return the known word that is nearest to an unknown one, or None where none is near.

    `alike` is how much of it has to be the same, from 0, where any word will do, to 1.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - few configurations have a misspelling

    matches = get_close_matches(unknown, list(known), n=1, cutoff=alike)
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


_INJECTED = re.compile(r"SONDE_\w+?_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_\w+)?")
"""What Kubernetes and Docker put into the environment beside a service called sonde-…"""


def override(
    table: Mapping[str, Any],
    shape: type,
    environ: Mapping[str, str],
    others: Collection[str] = (),
) -> dict[str, Any]:
    """Return a table with what the environment says instead.

    `SONDE_FANOUT_WIDTH` stands for `width` of `[fanout]`. Lists of tables have no variables.
    `others` are variables that begin as those of a section do, and are none, nor are those that
    tell where a service of that name is. Raises `ConfigInvalidError` for any further one, naming
    the nearest.
    """
    known = dict(_variables(shape, _PREFIX))
    sections = tuple(f"{_PREFIX}_{key.upper()}_" for key in get_type_hints(shape))
    result = dict(table)
    for name, value in environ.items():
        if name in known:
            _put(result, known[name], value)
        elif name.startswith(sections) and name not in others and not _INJECTED.fullmatch(name):
            near = suggest(name, known)
            hint = f"did you mean {near}?" if near else "none sets that"
            raise ConfigInvalidError(f"{name}: there is no such variable; {hint}", key=name)
    return result


def _variables(shape: type, prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return the variable of each key, and where the key is."""
    for key, hint in get_type_hints(shape).items():
        name = f"{prefix}_{key.upper()}"
        inner = _inner_table(hint)
        if inner is None:
            yield name, (key,)
        elif get_origin(hint) is not tuple:
            for deeper, path in _variables(inner, name):
                yield deeper, (key, *path)


def _put(table: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    """Write a value into a table; what is no table where one is due is told elsewhere."""
    key, *rest = path
    if not rest:
        table[key] = value
    elif isinstance(inner := table.get(key, {}), Mapping):
        table[key] = dict(inner)
        _put(table[key], tuple(rest), value)


def refusal(message: str, shape: type) -> str:
    """Return a decoder's "what - at `$.key`" as "key: what to write" of a key of `shape`."""
    match = _AT.fullmatch(message)
    return f"{match[2]}: {_how(match[1], match[2], shape)}" if match else message


def _how(what: str, path: str, shape: type) -> str:
    for pattern, how in _HOW.items():
        if found := re.fullmatch(pattern, what):
            return how.format(*found.groups(), choices=_choices(path, shape))
    return what


def _choices(path: str, shape: type) -> str:
    """Return the words that a key may have, in quotes."""
    hint: object = shape
    for key in re.sub(r"\[\d+\]", "", path).split("."):
        inner = _inner_table(hint)
        hint = get_type_hints(inner)[key] if inner else None
    return " or ".join(f'"{choice}"' for choice in get_args(hint) if choice)


def _inner_table(hint: object) -> type | None:
    """Return the class of a nested table: of `T`, `T | None` or `tuple[T, ...]`."""
    for candidate in (hint, *get_args(hint)):
        if isinstance(candidate, type) and hasattr(candidate, "__struct_fields__"):
            return candidate
    return None
