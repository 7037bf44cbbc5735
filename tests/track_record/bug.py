"""What is kept of a bug."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug that was found: the edit that brings it back, and the test that then fails."""

    name: str
    """As in docs/track-record.md."""
    file: str
    right: str
    """What stands in the file, exactly once."""
    wrong: str
    """What stood there."""
    test: str
    """path::name."""
