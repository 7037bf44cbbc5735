"""What an engine should do, as messages."""

from sonde.engine.v1 import advice_pb2, confidence_pb2
from sonde_core.advice import Action, Advice
from sonde_core.findings import Confidence
from sonde_wire.numbers import numbers
from sonde_wire.times import to_duration

ACTIONS = numbers("ADVICE_ACTION", Action, advice_pb2.AdviceAction)
CONFIDENCES = numbers("CONFIDENCE", Confidence, confidence_pb2.Confidence)


def encode_advice(advice: Advice) -> advice_pb2.Advice:
    """Return the message for an advice."""
    return advice_pb2.Advice(
        action=ACTIONS[advice.action],
        after=None if advice.after is None else to_duration(advice.after),
        safe_to_resend=advice.safe_to_resend,
    )
