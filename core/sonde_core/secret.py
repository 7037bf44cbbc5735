"""A value that must not be shown."""

from typing import NoReturn


class Secret:
    """A text that cannot be printed, formatted, pickled, copied or logged."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text. Called only where a request is signed or sent."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, _: str) -> str:
        return "***"

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")
