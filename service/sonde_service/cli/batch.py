"""Many texts to explain: JSON lines in, JSON lines out."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sonde_core.answer import brief_json
from sonde_core.errors import RequestInvalidError
from sonde_core.explainer import explain
from sonde_terminal import output


def explain_each(name: str) -> None:
    """Explain each text of a file, in its order, as soon as its line is read.

    "-" is standard input. Raises `RequestInvalidError` with the number of the first bad line.
    """
    for id_, text in _texts(name):
        output.show_json({"id": id_, **brief_json(explain(text))})


def _texts(name: str) -> Iterator[tuple[Any, str]]:
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _text(line, f"--batch {name}, line {number}")
    except OSError as error:
        raise RequestInvalidError(f"--batch {name}: {error.strerror}") from error


def _text(line: bytes, where: str) -> tuple[Any, str]:
    try:
        table = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RequestInvalidError(f"{where}: no JSON") from error
    if not isinstance(table, dict) or not isinstance(table.get("text"), str):
        raise RequestInvalidError(f'{where}: write {{"id": ..., "text": "..."}}')
    return table.get("id"), table["text"]
