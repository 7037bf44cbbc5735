"""How hosts are, to protobuf and back."""

from sonde.support.v1 import host_pb2 as pb
from sonde_core.findings import HostState
from sonde_wire.numbers import members, numbers

_STATES = numbers("HOST_STATE", HostState, pb.HostState)
_BY_NUMBER = members(_STATES)


def encode_state(state: HostState | None) -> "pb.HostState.ValueType":
    """Return the number of a state. None is a host that nobody asked."""
    return _STATES[state] if state else pb.HOST_STATE_UNSPECIFIED


def decode_state(number: int) -> HostState | None:
    """Return the state of a number. One from a newer service reads as a host that nobody asked."""
    return _BY_NUMBER.get(number)
