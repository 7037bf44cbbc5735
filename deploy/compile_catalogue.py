"""Compile the catalogue's TOML files to the one JSON file that the core loads.

The files are read in the order in which causes hide each other: what keeps a request from being
looked at comes before what it would be refused for.
"""

import json
import sys
import tomllib
from pathlib import Path

FILES = ("host", "network", "rate", "clock", "permission", "ip", "exchange")
SOURCE = Path(__file__).parents[1] / "core" / "sonde_core" / "catalogue"


def compiled(source: Path = SOURCE) -> str:
    """Return the compiled catalogue as text."""
    causes: dict[str, object] = {}
    items: dict[str, object] = {}
    for name in FILES:
        table = tomllib.loads((source / f"{name}.toml").read_text("utf-8"))
        for merged, key in ((causes, "cause"), (items, "item")):
            entries = table.get(key, {})
            twice = sorted(merged.keys() & entries.keys())
            if twice:
                sys.exit(f"{name}.toml: already defined elsewhere: {', '.join(twice)}")
            merged.update(entries)
    return json.dumps({"causes": causes, "items": items}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (SOURCE / "compiled.json").write_text(compiled(), "utf-8")
