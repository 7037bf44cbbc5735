"""The compiled list of errors, loaded when it is first asked for."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One text that the exchange publishes, on every surface where it means the same."""

    surfaces: Sequence[str]
    codes: Sequence[int]
    """Several where the exchange lists one text for several codes; none where it names none."""
    name: str
    message: str
    text: str
    """The message as :func:`~sonde_core.refusals.wording.normal` leaves it."""
    words: str
    """The message as :func:`~sonde_core.refusals.wording.words` leaves it."""
    causes: Sequence[str]
    """What it stands for, likeliest first."""
    title: Mapping[str, str] | None
    """By language, where the first cause is OTHER or its title would say something else."""
    steps: str
    """The kind of steps that fit better than those of the cause; empty where none do."""
    observed: bool
    """Seen in use, in no published list."""


class Table(NamedTuple):
    """Every row, and the ways to find one."""

    rows: Sequence[Row]
    by_code: Mapping[int, Sequence[Row]]
    by_name: Mapping[str, Sequence[Row]]
    """By the names of constants alone: a single word may be anybody's."""
    by_text: Mapping[str, Sequence[Row]]
    with_values: Mapping[str, Sequence[Row]]
    """Rows whose text has places for values, by its first word; a value stands as ``*``."""


@cache
def table() -> Table:
    """Load the table; it takes a few milliseconds, once."""
    data = Path(__file__).with_name("compiled.json").read_bytes()
    rows = [Row(*entry) for entry in json.loads(data)]
    by_code, by_text, with_values = defaultdict(list), defaultdict(list), defaultdict(list)
    by_name = defaultdict(list)
    for row in rows:
        if "_" in row.name:
            by_name[row.name].append(row)
        if row.text:
            by_text[row.text].append(row)
        if "*" in row.text:
            with_values[row.text.partition(" ")[0]].append(row)
        for code in row.codes:
            by_code[code].append(row)
    return Table(rows, dict(by_code), dict(by_name), dict(by_text), dict(with_values))
