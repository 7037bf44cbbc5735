"""Standard output: lines for people, JSON for programs, a JUnit file."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from sonde_core.errors import RequestInvalidError
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
