"""Probes: each measures one thing about this host and states what it read."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from sonde_core.readings import Kind, Reading, Subject

Step = Sequence[tuple[Kind, Subject]]
"""What is measured side by side."""


class Probe(Protocol):
    """Measures one thing about this host."""

    def steps(self) -> Sequence[Step]:
        """Return what is measured, in the order in which it is.

        What a probe could not deliver because of its deadline or a bug is reported from this.
        """
        ...

    def measure(self) -> AsyncIterator[Reading]:
        """Return readings as they come. The caller sets the deadline."""
        ...
