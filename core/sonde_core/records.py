"""Values that nobody changes once they are made, and that are made often.

A frozen dataclass sets each field by a call when it runs: making one takes three times as long as
making a plain one, and the diagnosis of one host makes some 150. So the type checkers see a frozen
dataclass, and refuse whoever changes one; what runs is a plain one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, **options: bool) -> Callable[[type], type]:
        """Make a class a dataclass whose instances are equal, and hashed, by their fields."""
        return dataclass(unsafe_hash=frozen, **options)


__all__ = ["record"]
