"""A value that must not be shown."""

from typing import Generic, NoReturn, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Secret(Generic[T_co]):
    """A value that cannot be printed, formatted, pickled, copied or logged."""

    __slots__ = ("_value",)

    def __init__(self, value: T_co) -> None:
        self._value = value

    def reveal(self) -> T_co:
        """Return the value. Called only where a request is signed or sent."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, _: str) -> str:
        return "***"

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret has no state to show")

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")
