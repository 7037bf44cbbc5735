"""What a client's process is told to do, and what it tells about it: JSON both ways."""

import sys
from collections.abc import Callable, Mapping

import msgspec


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One user of a client, at one exchange."""

    url: str
    api_key: str
    secret: str | None
    private_key: str | None
    """PEM."""
    calls: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one call came to: an answer, or the class of an error and what it holds."""

    answer: object = None
    error: str | None = None
    facts: Mapping[str, object] = {}


Calls = Mapping[str, Callable[[], object]]
"""What a client can be told to do. Each returns something that JSON can say."""


def play(
    calls_of: Callable[[Case], Calls],
    error: type[Exception],
    facts_of: Callable[[Exception], Mapping[str, object]],
) -> None:
    """Read named cases from standard input and write named outcomes to standard output."""
    cases = msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, Case])

    def outcome(call: Callable[[], object]) -> Outcome:
        try:
            return Outcome(answer=call())
        except error as raised:
            return Outcome(error=type(raised).__name__, facts=facts_of(raised))

    outcomes = {
        name: {each: outcome(calls[each]) for each in case.calls}
        for name, case in cases.items()
        for calls in (calls_of(case),)
    }
    sys.stdout.buffer.write(msgspec.json.encode(outcomes))
