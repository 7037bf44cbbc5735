"""Core enumerations and the contract's numbers of the same names."""

from enum import StrEnum
from typing import Any, TypeVar

_E = TypeVar("_E", bound=StrEnum)


def numbers(prefix: str, enum: type[_E], contract: Any) -> dict[_E, Any]:
    """Pair each core value with the contract's number of the same name."""
    return {member: contract.Value(f"{prefix}_{member.name}") for member in enum}


def members(table: dict[_E, Any]) -> dict[int, _E]:
    """Return the same table by number. A number that is missing there is newer than this code."""
    return {number: member for member, number in table.items()}
