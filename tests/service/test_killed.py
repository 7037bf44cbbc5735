"""What was acknowledged is there after `kill -9`, and nothing is there by half."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from sqlalchemy import text

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.support_service_pb2_grpc import SupportServiceStub
from sonde_service.store.diagnoses import DiagnosesStore
from sonde_service.store.hosts import HostsStore
from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store
from tests.postgresql import is_postgresql
from tests.service.commands import COMMAND, running
from tests.service.kept import host

ROOT = Path(__file__).parents[2]
KILLS = 20
"""Each costs the start of a process."""
LIMIT_S = 60.0
"""A service that does not go on is a failure, not a test without an end."""
EVERY = pb.DiagnoseHostsRequest(filter=pb.HostFilter())


def acknowledged_by_a_killed_writer(url: str, run: int) -> list[str]:
    """Kill a writer some time after it began to acknowledge, and return what it acknowledged."""
    dice = random.Random(run)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.service.writer", url, str(run)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(dice.randint(1, 10))]
        time.sleep(dice.uniform(0, 0.02))  # not for anything to happen: to kill at any moment
        writer.kill()
        said += writer.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]


def stored(store: Store) -> Iterator[str]:
    """Return the diagnoses that are there; each must be whole."""
    with store.transaction(writes=False) as transaction:
        for diagnosis in DiagnosesStore(transaction).page(None, 1_000_000):
            assert diagnosis.stored == diagnosis.expected
            yield diagnosis.name


def test_killed_writers_lose_nothing_that_they_acknowledged(store_url: str) -> None:
    with Store(store_url) as store:
        upgrade(store)
        acknowledged: set[str] = set()
        for run in range(KILLS):
            told = acknowledged_by_a_killed_writer(store_url, run)
            assert told
            acknowledged |= set(told)
            assert acknowledged <= set(stored(store))
        if not is_postgresql(store_url):
            with store.transaction() as transaction:
                assert transaction.scalar(text("PRAGMA integrity_check")) == "ok"
                assert transaction.execute(text("PRAGMA foreign_key_check")).all() == []


@pytest.mark.parametrize("seen", [1, 150])
def test_a_killed_service_has_stored_every_row_that_it_showed(
    store_url: str, tmp_path: Path, seen: int
) -> None:
    config = tmp_path / "service.toml"
    config.write_text(
        f'[service]\nsocket = "{tmp_path}/service.sock"\nstate_dir = "{tmp_path}/state"\n'
        f'[store]\nurl = "{store_url}"\n'
    )
    subprocess.run([*COMMAND, "init", "--config", config], check=True, capture_output=True)
    with Store(store_url) as store, store.transaction() as transaction:
        for number in range(200):
            HostsStore(transaction).add(host(f"host-{number}", address=""))

    with running(config, tmp_path / "service.sock") as (process, channel):
        call = SupportServiceStub(channel).DiagnoseHosts(EVERY, timeout=LIMIT_S)
        plan = next(call).plan
        shown = [next(call).result.host for _ in range(seen)]
        process.kill()
        with pytest.raises(grpc.RpcError):
            shown += [event.result.host for event in call]

    with running(config, tmp_path / "service.sock") as (_, channel):
        kept = SupportServiceStub(channel).GetDiagnosis(
            pb.GetDiagnosisRequest(diagnosis=plan.diagnosis, page_size=1_000)
        )
    assert len(plan.hosts) == 200
    assert set(shown) <= {result.host for result in kept.results}
    assert kept.diagnosis.stored == len(kept.results)
