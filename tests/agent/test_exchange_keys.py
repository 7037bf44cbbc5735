"""What is signed, as the simulated exchange takes it."""

from pathlib import Path

import pytest

from sonde_agent.keyring import KeyFiles, SignedCall
from sonde_core.readings import (
    SIGNED_KINDS,
    Answer,
    Kind,
)
from sonde_lab.exchange import Exchange
from sonde_lab.world import (
    EXAMPLE_API_KEY,
    World,
)
from tests.agent.exchange_host import Host, of, statuses
from tests.agent.key_files import kept, key
from tests.lab.key_pairs import PrivateKey, ed25519_key, key_of, private_pem, rsa_key


@pytest.mark.parametrize(
    "private",
    [
        pytest.param(ed25519_key(), id="Ed25519"),
        pytest.param(rsa_key(2048), id="RSA 2048"),
        pytest.param(rsa_key(4096), id="RSA 4096"),
    ],
)
async def test_what_any_type_of_key_signs_is_accepted_everywhere(
    exchange: Exchange, host: Host, pem_files: KeyFiles, pem_file: Path, private: PrivateKey
) -> None:
    exchange.world = World(keys=(key_of(private),))
    kept(pem_file, private_pem(private).encode())
    kept(pem_files.api_key_file, EXAMPLE_API_KEY.encode())
    loaded = key(pem_files)
    host.key = loaded

    readings = await host.measure()

    assert statuses(readings) == {kind: [200] for kind in SIGNED_KINDS}
    assert of(readings, Kind.KEY) == [loaded.facts]


async def test_a_key_pair_that_the_exchange_does_not_know_is_refused(
    exchange: Exchange, host: Host, pem_files: KeyFiles, pem_file: Path
) -> None:
    exchange.world = World(keys=(key_of(rsa_key(2048)),))
    kept(pem_files.api_key_file, EXAMPLE_API_KEY.encode())
    kept(pem_file, private_pem(rsa_key(2048, copy=1)).encode())
    host.key = key(pem_files)

    readings = await host.measure()

    assert {v.code for k in SIGNED_KINDS for v in of(readings, k) if isinstance(v, Answer)} == {
        -1022
    }


async def test_nothing_is_signed_but_the_closed_list(exchange: Exchange, host: Host) -> None:
    await host.measure()

    assert [(each.method, each.path) for each in exchange.requests if each.signed] == [
        (call.value.method, call.value.path) for call in SignedCall
    ]
