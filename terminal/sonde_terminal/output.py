"""Standard output and standard error: lines for people, JSON lines for programs, a JUnit file."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from sonde_core.errors import RequestInvalidError
from sonde_terminal.screen import ASCII, Page, signs_for

if TYPE_CHECKING:
    from rich.progress import Progress

_WIDTH_OFF_TERMINAL = 100
_NARROWEST = 30


def page() -> Page:
    """Return what standard output can show."""
    columns = shutil.get_terminal_size((_WIDTH_OFF_TERMINAL, 24)).columns
    return Page(max(columns, _NARROWEST), signs_for(sys.stdout.encoding, os.environ))


def show(lines: Iterable[Text], page: Page) -> None:
    """Print lines. What the output's encoding lacks becomes a question mark."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, soft_wrap=True, width=page.width)
    for line in lines:
        line.rstrip()
        console.print(line)


def tell(text: str) -> None:
    """Print one plain line that may be copied: it is not wrapped."""
    show([Text(Page().say(text, limit=4_000))], page())


def show_plain(text: str) -> None:
    """Print a text of several lines that will be copied: its lines stay as they are."""
    laid_out = page()
    show([Text(laid_out.say(line, limit=4_000)) for line in text.splitlines()], laid_out)


def show_json(table: Mapping[str, Any]) -> None:
    """Print one JSON line at once, in ASCII: a hostile text cannot steer a terminal."""
    sys.stdout.write(json.dumps(table) + "\n")
    sys.stdout.flush()


def busy() -> AbstractContextManager[object]:
    """Show on a terminal, on standard error, that something goes on."""
    if not sys.stderr.isatty():
        return nullcontext()
    return Console(stderr=True).status("measuring ...", spinner="line")


def progress(*, shown: bool) -> "Progress":
    """Return a bar on standard error that shows itself on a terminal only."""
    # Most commands show none and shall not wait for it.
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    shown = shown and sys.stderr.isatty()
    plain = signs_for(sys.stderr.encoding, os.environ) is ASCII
    if shown and plain and isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(encoding="ascii", errors="backslashreplace")  # the bar follows it
    return Progress(
        TextColumn(" {task.description} {task.completed}/{task.total}"),
        BarColumn(bar_width=None),
        TextColumn("{task.elapsed:.1f} s"),
        console=Console(stderr=True),
        expand=True,
        disable=not shown,
    )


def check_file(path: Path) -> None:
    """Refuse a file that could not be written in the end, before anything is asked."""
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise RequestInvalidError(f"--junit {path}: name a file in a directory that can be written")


def write_file(path: Path, text: str) -> None:
    """Write a file whole: a reader sees the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise RequestInvalidError(f"--junit {path}: cannot be written: {error.strerror}") from error
