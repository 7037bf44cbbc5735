"""Standard output and standard error: lines for people, JSON lines for programs, a JUnit file."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonde_core.errors import RequestInvalidError
from sonde_terminal.screen import ASCII, Page, signs_for
from sonde_terminal.text import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_WIDTH_OFF_TERMINAL = 100
_NARROWEST = 30


def page() -> Page:
    """Return what standard output can show."""
    columns = shutil.get_terminal_size((_WIDTH_OFF_TERMINAL, 24)).columns
    return Page(max(columns, _NARROWEST), signs_for(sys.stdout.encoding, os.environ))


def show(lines: Sequence[Text], page: Page) -> None:
    """Print lines. What the output's encoding lacks becomes a question mark."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    for line in lines:
        line.rstrip()
    if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
        _show_styled(lines, page)
    elif lines:
        sys.stdout.write("\n".join(line.plain for line in lines) + "\n")
        sys.stdout.flush()


def _show_styled(lines: Sequence[Text], page: Page) -> None:
    from rich.text import Text as Styled  # noqa: PLC0415 - the same

    console = _console(width=page.width)
    for line in lines:
        console.print(Styled.assemble(*line.parts))


def _console(*, stderr: bool = False, width: int | None = None) -> "Console":
    from rich.console import Console  # noqa: PLC0415 - slow, and plain text needs none

    return Console(stderr=stderr, highlight=False, soft_wrap=not stderr, width=width)


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
    return _console(stderr=True).status("measuring ...", spinner="line")


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
        console=_console(stderr=True),
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
