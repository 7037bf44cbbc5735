"""The causes that no drill can bring about on a live host, and why."""

from collections.abc import Mapping

from sonde_lab.drills.judge import OF_THIS_MACHINE

_ORDER = (
    "It is about an order of the engine. A diagnosis places none, and what the exchange says of "
    "its own test order says nothing of the engine's; the explainer names it from the text."
)
UNREACHED: Mapping[str, str] = {
    "UNKNOWN_EXECUTION": (
        "It says that nobody knows whether an order was executed. A diagnosis places none, so "
        "there is nothing to be unsure of; the explainer names it from the text."
    ),
    **dict.fromkeys(
        (
            "WOULD_IMMEDIATELY_TRIGGER",
            "INSUFFICIENT_BALANCE",
            "MARGIN_INSUFFICIENT",
            "FILTER_VIOLATION",
            "POSITION_MODE_MISMATCH",
            "REDUCE_ONLY_REJECTED",
            "ORDER_NOT_FOUND",
            "DUPLICATE_ORDER",
            "LEVERAGE_OR_MARGIN_MODE",
            "SYMBOL_INVALID",
            "PARAMETER_INVALID",
        ),
        _ORDER,
    ),
    "CLOCK_SKEW": (
        "It is a clock error of unknown direction. An agent signs nothing before the exchange has "
        "told its time, and then the direction is known; the explainer names it from a text."
    ),
    **dict.fromkeys(
        sorted(OF_THIS_MACHINE),
        "It is about the kernel clock of the machine that runs the drills. They put the world "
        "around a host wrong and never a clock, and leave what is said of it out of account.",
    ),
    "OTHER": "It is what the explainer says of a text that is not the exchange's or not known.",
}
