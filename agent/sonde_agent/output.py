"""Standard output: lines for people, JSON for programs, a JUnit file."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from sonde_core.errors import ConfigInvalidError
from sonde_core.screen import Line, Page, Role, signs_for

_STYLES: Mapping[Role, str] = {
    Role.PLAIN: "",
    Role.GOOD: "green",
    Role.BAD: "bold red",
    Role.WARNING: "yellow",
    Role.UNSURE: "magenta",
    Role.STRONG: "bold",
    Role.QUIET: "dim",
}
_WIDTH_OFF_TERMINAL = 100
_NARROWEST = 30


def page() -> Page:
    """Return what standard output can show."""
    columns = shutil.get_terminal_size((_WIDTH_OFF_TERMINAL, 24)).columns
    return Page(max(columns, _NARROWEST), signs_for(sys.stdout.encoding, os.environ))


def show(lines: Iterable[Line], on: Page) -> None:
    """Print lines. What the output's encoding lacks becomes a question mark."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, soft_wrap=True, width=on.width)
    for line in lines:
        text = Text.assemble(*((span.text, _STYLES[span.role]) for span in line))
        text.rstrip()
        console.print(text)


def show_json(table: Mapping[str, Any]) -> None:
    """Print one JSON line, in ASCII: a hostile text cannot steer a terminal."""
    sys.stdout.write(json.dumps(table) + "\n")


def busy() -> AbstractContextManager[object]:
    """Show on a terminal, on standard error, that something goes on."""
    if not sys.stderr.isatty():
        return nullcontext()
    return Console(stderr=True).status("measuring ...", spinner="line")


def check_file(path: Path) -> None:
    """Refuse a file that could not be written in the end, before anything is measured."""
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise ConfigInvalidError(f"--junit {path}: name a file in a directory that can be written")


def write_file(path: Path, text: str) -> None:
    """Write a file whole: a reader sees the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise ConfigInvalidError(f"--junit {path}: cannot be written: {error.strerror}") from error
