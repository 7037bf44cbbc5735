"""Text for a terminal: foreign strings made safe, lines wrapped to a width, parts in named roles.

What a role looks like is the printer's business; what it means is said by signs and words alone.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto


class Role(Enum):
    """What a part of a line is."""

    PLAIN = auto()
    GOOD = auto()
    BAD = auto()
    WARNING = auto()
    UNSURE = auto()
    STRONG = auto()
    QUIET = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line."""

    text: str
    role: Role = Role.PLAIN


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters that a terminal can show."""

    good: str
    bad: str
    warning: str
    unsure: str
    info: str
    arrow: str
    separator: str
    replaced: Mapping[int, str] = field(default_factory=dict)
    """What a text's own characters become, by code point."""


UNICODE = Signs("✓", "✗", "!", "?", "i", "→", " · ")
ASCII = Signs(
    "ok",
    "x",
    "!",
    "?",
    "i",
    "->",
    " | ",
    replaced=str.maketrans(
        {
            "±": "+/-",
            "·": "|",
            "→": "->",
            "–": "-",
            "—": "-",
            "−": "-",
            "…": "...",
            "×": "x",
            "≥": ">=",
            "≤": "<=",
            "µ": "u",
            "Ⓢ": "(S)",
            "“": '"',
            "”": '"',
            "‘": "'",
            "’": "'",
            "\N{NO-BREAK SPACE}": " ",
            "\N{REPLACEMENT CHARACTER}": "?",
        }
    ),
)


def signs_for(encoding: str, environ: Mapping[str, str]) -> Signs:
    """Return the signs that an output of an encoding can show under a locale.

    Python itself writes UTF-8 under the locale "C", so that locale has to be asked for by name.
    """
    locale = next((environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(n)), "")
    utf8 = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    return UNICODE if utf8 and locale not in {"C", "POSIX"} else ASCII


@dataclass(frozen=True, slots=True)
class Page:
    """What lines are laid out for."""

    width: int = 100
    """In terminal cells."""
    signs: Signs = UNICODE

    def say(self, text: str, limit: int = 600) -> str:
        """Return a text as this page can show it: bounded, on one line, nothing that steers."""
        return safe(text, limit).translate(self.signs.replaced)


_STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe(text: str, limit: int = 600) -> str:
    """Return a foreign text that cannot move a cursor, turn a line round or fill a screen.

    Control, format and private characters become U+FFFD, white space one blank.
    """
    bounded = text if len(text) <= limit else text[: limit - 1] + "…"
    one_line = " ".join(bounded.split())
    if one_line.isascii() and one_line.isprintable():
        return one_line
    return "".join("\ufffd" if unicodedata.category(c) in _STEERING else c for c in one_line)


def cells(text: str) -> int:
    """Return how many terminal cells a text takes (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def pad(text: str, width: int) -> str:
    """Fill a text with blanks up to a width in cells."""
    return text + " " * (width - cells(text))


# Ideographs break anywhere but before closing punctuation; other words break at blanks.
_IDEOGRAPHS = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_TOKEN = re.compile(rf" +|(?:[{_IDEOGRAPHS}]|[^ {_IDEOGRAPHS}]+)[，。：；、！？）」』】”]*")


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most a width in cells; a longer word is cut."""
    lines = [""]
    for token in _TOKEN.findall(text):
        for piece in _cut(token, width):
            if cells(lines[-1]) + cells(piece) <= width:
                lines[-1] += piece
            elif piece.strip():
                lines.append(piece)
    return [line.rstrip() for line in lines if line.strip()] or [""]


def _cut(token: str, width: int) -> Iterator[str]:
    piece = ""
    for character in token:
        if piece and cells(piece) + _cells(character) > width:
            yield piece
            piece = ""
        piece += character
    yield piece


_NARROWEST = 20
"""Cells. Where a hanging text had less than this, it hangs less deep."""


def hang(lead: Sequence[Span], text: str, page: Page, role: Role = Role.PLAIN) -> list[Line]:
    """Lay a text out behind a lead; what does not fit on the first line hangs under the text."""
    if not text:
        return [tuple(lead)]
    indent = sum(cells(span.text) for span in lead)
    if page.width - indent >= _NARROWEST:
        first, *rest = wrap(text, page.width - indent)
        below = [(Span(" " * indent), Span(line, role)) for line in rest]
        return [(*lead, Span(first, role)), *below]
    margin = len(lead[0].text) - len(lead[0].text.lstrip()) + 2
    below = [(Span(" " * margin), Span(line, role)) for line in wrap(text, page.width - margin)]
    return [tuple(lead), *below]
