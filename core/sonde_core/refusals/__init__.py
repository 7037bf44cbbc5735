"""What each error that the exchange publishes means: from surface, code and message to a cause.

People edit the ``.txt`` files beside this module, whose form ``futures.txt`` explains at its top;
``make catalogue`` compiles them to ``compiled.json``. A test keeps the two equal.
"""

from collections.abc import Iterable, Mapping, Sequence
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
    """What happened, where the cause is OTHER or its title would say something else; else None."""
    steps: str
    """The kind of steps that fit better than the cause's own: the catalogue's phrases `do_…`."""
    observed: bool
    """Seen in use, in no published list."""

    @property
    def harmless(self) -> bool:
        """Whether nothing is wrong: what was asked for is so already."""
        return self.steps == "nothing"


def meanings(code: int, message: str = "", surface: Surface | None = None) -> tuple[Refusal, ...]:
    """Return what a code stands for, best first; nothing where the code is not known.

    The message decides among the errors of one code, the surface among those that it leaves. What
    neither decides is offered once per cause.
    """
    rows = table().by_code.get(code, ())
    text = normal(message)
    # A message of another code's says more than this code alone.
    telling = (_agreeing(rows, text) or _worded(text)) if rows and text else ()
    return _offered(telling or _plain(rows, surface) or rows, surface, code)


def by_message(message: str, surface: Surface | None = None) -> tuple[Refusal, ...]:
    """Return what a text without a code stands for; nothing where no list has it."""
    return _offered(_worded(normal(message)), surface)


def by_name(name: str, surface: Surface | None = None) -> tuple[Refusal, ...]:
    """Return what the name of an error stands for; nothing where no list has it."""
    return _offered(table().by_name.get(name, ()), surface)


def _plain(rows: Iterable[Row], surface: Surface | None) -> Sequence[Row]:
    """Return the rows that a code stands for by itself, whatever is said beside it."""
    single = [row for row in rows if len(row.codes) == 1]
    here = [row for row in single if surface in row.surfaces] or single
    return [row for row in here if not row.observed] or here


def _worded(text: str) -> Sequence[Row]:
    known = table().by_text.get(text)
    if known:
        return known
    with_values = table().with_values
    begun = (*with_values.get(text.partition(" ")[0], ()), *with_values.get("*", ()))
    return [
        row for row in begun if letters(row.text) >= _TELLING and fit(row.text, text) is Fit.VALUES
    ]


def _agreeing(rows: Sequence[Row], text: str) -> Sequence[Row]:
    """Return the rows whose text agrees best; of those that the text contains, the longest."""
    exact = [row for row in rows if row.text == text]
    if exact:
        return exact
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
    """Return one refusal per meaning: of the surface alone where it has any."""
    if surface is Surface.WS and not any(surface in row.surfaces for row in rows):
        surface = Surface.SPOT
    here = [row for row in rows if surface in row.surfaces]
    first: dict[tuple[str, str | None], Row] = {}
    for row in here or rows:
        first.setdefault((row.causes[0], row.title[Language.EN] if row.title else None), row)
    return tuple(
        _refusal(row, surface if surface and here else Surface(row.surfaces[0]), code)
        for row in first.values()
    )


def _refusal(row: Row, surface: Surface, code: int | None) -> Refusal:
    return Refusal(
        surface=surface,
        code=code if code is not None else next(iter(row.codes), None),
        name=row.name,
        message=row.message,
        cause=row.causes[0],
        also=tuple(row.causes[1:]),
        steps=row.steps,
        title={language: row.title[language] for language in Language} if row.title else None,
        observed=row.observed,
    )
