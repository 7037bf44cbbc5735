"""Compile the catalogue's TOML files to the one JSON file that the core loads.

The files are read in the order in which causes hide each other: what keeps a request from being
looked at comes before what it would be refused for.
"""

import json
import sys
import tomllib
from pathlib import Path

FILES = (
    "host",
    "network",
    "rate",
    "clock",
    "permission",
    "ip",
    "exchange",
    "order",
    "order_numbers",
    "other",
    "changes",
    "reply",
)
KINDS = {"causes": "cause", "items": "item", "phrases": "phrase"}
SOURCE = Path(__file__).parents[1] / "core" / "sonde_core" / "catalogue"


def compiled(source: Path = SOURCE) -> str:
    """Return the compiled catalogue as text."""
    merged: dict[str, dict[str, object]] = {kind: {} for kind in KINDS}
    for name in FILES:
        table = tomllib.loads((source / f"{name}.toml").read_text("utf-8"))
        for kind, key in KINDS.items():
            entries = table.get(key, {})
            twice = sorted(merged[kind].keys() & entries.keys())
            if twice:
                sys.exit(f"{name}.toml: already defined elsewhere: {', '.join(twice)}")
            merged[kind].update(entries)
    return json.dumps(merged, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (SOURCE / "compiled.json").write_text(compiled(), "utf-8")
