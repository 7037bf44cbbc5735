"""What each error that the exchange publishes means: from surface, code and message to a cause.

People edit the ``.txt`` files beside this module, whose form ``futures.txt`` explains at its top;
``make catalogue`` compiles them to ``compiled.json``. A test keeps the two equal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sonde_core.catalogue import Language
from sonde_core.refusals.table import Row, table
from sonde_core.refusals.wording import Fit, fit, letters, normal

_TELLING = 16
"""Letters that a published text needs between its values to be known without its code."""


class Surface(StrEnum):
    """A part of the exchange that has a list of errors of its own."""

    SPOT = "spot"
    USDM = "usdm"
    COINM = "coinm"
    PAPI = "papi"
    SAPI = "sapi"
    WS = "ws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What one error of the exchange means."""

    surface: Surface
    code: int | None
    """None where the exchange publishes a text without a code."""
    name: str
    message: str
    """As published: values are ``%s`` or ``{0}``."""
    cause: str
    also: tuple[str, ...]
    """Other causes that the same text stands for, likeliest first."""
    title: Mapping[Language, str] | None
    """What happened, where the cause is OTHER; else None."""
    observed: bool
    """Seen in use, in no published list."""


def meanings(code: int, message: str = "", surface: Surface | None = None) -> tuple[Refusal, ...]:
    """Return what a code stands for, best first; nothing where the code is not known.

    The message decides among the errors of one code, the surface among those that it leaves. What
    neither decides is offered once per cause.
    """
    rows = table().by_code.get(code, ())
    agreeing = _agreeing(rows, normal(message)) if message else ()
    own = [row for row in rows if len(row.codes) == 1]
    return _offered(agreeing or own or rows, surface, code)


def by_message(message: str, surface: Surface | None = None) -> tuple[Refusal, ...]:
    """Return what a text without a code stands for; nothing where no list has it."""
    text = normal(message)
    rows = table().by_text.get(text) or [
        row
        for row in table().with_values
        if letters(row.text) >= _TELLING and fit(row.text, text) is Fit.VALUES
    ]
    return _offered(rows, surface)


def published() -> Iterator[Refusal]:
    """Give every published error on every surface, as often as the exchange publishes it."""
    for row in table().rows:
        if not row.observed:
            for surface in row.surfaces:
                yield _refusal(row, Surface(surface))


def _agreeing(rows: Iterable[Row], text: str) -> Sequence[Row]:
    """Return the rows whose text agrees best; of those that the text contains, the longest."""
    ranked = [
        ((found, -letters(row.text) if found is Fit.CONTAINED else 0), row)
        for row in rows
        if row.text and (found := fit(row.text, text)) is not None
    ]
    best = min((rank for rank, _ in ranked), default=None)
    return [row for rank, row in ranked if rank == best]


def _offered(
    rows: Sequence[Row], surface: Surface | None, code: int | None = None
) -> tuple[Refusal, ...]:
    """Return one refusal per meaning: of the surface alone, if it has any."""
    if surface is Surface.WS and not any(surface in row.surfaces for row in rows):
        surface = Surface.SPOT
    here = [row for row in rows if surface in row.surfaces]
    first: dict[tuple[str, str | None], Refusal] = {}
    for row in here or rows:
        where = surface if here and surface else Surface(row.surfaces[0])
        first.setdefault((row.causes[0], row.en), _refusal(row, where, code))
    return tuple(first.values())


def _refusal(row: Row, surface: Surface, code: int | None = None) -> Refusal:
    return Refusal(
        surface=surface,
        code=code if code in row.codes or not row.codes else row.codes[0],
        name=row.name,
        message=row.message,
        cause=row.causes[0],
        also=tuple(row.causes[1:]),
        title=None if row.en is None else {Language.EN: row.en, Language.ZH: row.zh or row.en},
        observed=row.observed,
    )
