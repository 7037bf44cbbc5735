"""``sonde-lab drill``: rehearse and show what came of it."""

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sonde_core.errors import NotFoundError
from sonde_core.exits import Exit
from sonde_core.settings import suggest
from sonde_lab.drills.drill import Drill, Expected
from sonde_lab.drills.every import DRILLS
from sonde_lab.drills.judge import claims
from sonde_lab.drills.patient import Diagnosed
from sonde_lab.drills.rehearsal import Result, rehearse
from sonde_lab.stage import end_on_signals
from sonde_terminal import output
from sonde_terminal.grid import Mark, Row, grid
from sonde_terminal.text import Text

_RIGHT, _WRONG = 0, 1


def chosen(names: Sequence[str]) -> list[Drill]:
    """Return the drills of some names, or every drill where there are none.

    Raises:
        NotFoundError: There is no such drill; the nearest is named.
    """
    for name in names:
        if name not in DRILLS:
            near = suggest(name, DRILLS)
            hint = f"did you mean {near}?" if near else "`sonde-lab drill --list` shows all"
            raise NotFoundError(f"there is no drill {name}; {hint}")
    return [DRILLS[name] for name in dict.fromkeys(names or DRILLS)]


def show_list(drills: Sequence[Drill]) -> None:
    """Print what there is to rehearse."""
    rows = [Row(Mark.INFO, drill.name, "", (), drill.about) for drill in drills]
    page = output.page()
    output.show(grid(("drill", "", "what is wrong"), rows, page), page)


def drill(drills: Sequence[Drill]) -> int:
    """Rehearse drills, print the table, and return the exit code: 0 all right, 1 not."""
    # What a host sends to the wrong place is part of a drill and no news.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    try:
        results = asyncio.run(_rehearse(drills))
    except asyncio.CancelledError:
        return Exit.INTERRUPTED
    page = output.page()
    rows = [row for result in results for row in _rows(result)]
    heads = ("drill", "", "expected", "got")
    right = sum(result.right for result in results)
    counts = f"{len(results)} drills", f"{right} right", f"{len(results) - right} wrong"
    summary = Text(" " + page.signs.separator.join(counts))
    output.show([*grid(heads, rows, page), Text(), summary], page)
    return _RIGHT if right == len(results) else _WRONG


async def _rehearse(drills: Sequence[Drill]) -> Sequence[Result]:
    end_on_signals()
    with (
        tempfile.TemporaryDirectory(prefix="sonde-drill-") as home,
        output.progress(shown=True) as bar,
    ):
        task = bar.add_task("drills", total=len(drills))
        return await rehearse(drills, Path(home), lambda _: bar.advance(task))


def _rows(result: Result) -> list[Row]:
    """Return a row per step; under several orders of checks, that of the first wrong one."""
    rows = []
    for number, step in enumerate(result.drill.steps):
        each = [one for one in result.diagnosed if one.step == number]
        shown = next((one for one in each if one.complaints), each[0])
        name = result.drill.name if number == 0 else ""
        rows.append(_row(name, step.expected, shown))
    return rows


def _row(name: str, expected: Expected, shown: Diagnosed) -> Row:
    got = ", ".join(map(str, claims(shown.report))) or "nothing"
    if not shown.complaints:
        return Row(Mark.GOOD, name, "right", (told(expected),), got)
    wrong = f"under the order of checks “{shown.order.name}”: {'; '.join(shown.complaints)}"
    return Row(Mark.BAD, name, "wrong", (told(expected),), got, wrong)


def told(expected: Expected) -> str:
    """Return what is expected in a few words."""
    return ", ".join(map(str, expected.found)) or "nothing"
