import pytest

from sonde_core.findings import HostState
from sonde_wire.hosts import decode_state, encode_state


@pytest.mark.parametrize("state", [*HostState, None])
def test_every_state_and_none_survive(state: HostState | None) -> None:
    assert decode_state(encode_state(state)) is state


def test_a_state_of_a_newer_service_reads_as_none() -> None:
    assert decode_state(99) is None
