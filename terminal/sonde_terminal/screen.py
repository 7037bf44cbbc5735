"""What a terminal can show, and foreign strings made safe for it.

Imports no library, so that a command that serves for months can complain without one.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


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
