"""A report on its way to the agent, and who waits for what is said to it."""

from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass

from sonde_reporter.advice import Advice, read_advice
from sonde_reporter.requests import Report

_LATER = frozenset({"RESOURCE_EXHAUSTED", "UNAVAILABLE"})
"""Errors of an agent that may take the same report another time."""


@dataclass(slots=True, eq=False)
class Letter:
    """One report. Whatever happens on the way, it is sent under the same number."""

    report: Report
    answer: Future[Advice | None] | None = None
    """Somebody waits for the first answer. None: nobody."""
    number: int = 0
    line: bytes = b""
    failures: int = 0
    """How often the conversation ended in place of an answer."""
    settled: bool = False
    """The agent has it, or it is lost: nothing more is to be done."""

    def tell(self, advice: Advice | None) -> None:
        """Give advice to whoever waits for it. None: there will be none."""
        if self.answer is not None:
            with suppress(InvalidStateError):  # nobody waits any more, or was told before
                self.answer.set_result(advice)


def is_for_later(error: object) -> bool:
    """Tell whether an error of the agent's passes."""
    return isinstance(error, Mapping) and error.get("code") in _LATER


def advice_in(answer: Mapping[str, object]) -> Advice | None:
    """Return the advice in an answer. It stands beside an error where there is no room."""
    told = answer.get("response", answer.get("advice"))
    return read_advice(told) if isinstance(told, Mapping) else None
