"""Measuring: what runs on each trading host."""

import sys

# Where click happens to be installed, importing httpx would load its command line, and rich and
# pygments with it: 10 MB that a serving agent has no use for.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is how an import is refused
