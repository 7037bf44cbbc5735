"""One diagnosis as it comes in, at moments that no process can be made to meet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sonde.support.v1 import support_service_pb2 as pb
from sonde_service.cli import sweep
from sonde_service.cli.client import ServiceAddress
from sonde_service.cli.sweep import Sweep

PLAN = pb.DiagnoseHostsResponse(plan=pb.DiagnosisPlan(diagnosis="7f3c91", hosts=["a"]))


class OneEvent:
    """A service whose only event comes when it is told to."""

    def __init__(self) -> None:
        self.event: asyncio.Future[pb.DiagnoseHostsResponse] = asyncio.Future()
        self.asked = asyncio.Event()

    def DiagnoseHosts(self, _: pb.DiagnoseHostsRequest) -> "OneEvent":  # noqa: N802 - as the stub
        return self

    async def read(self) -> pb.DiagnoseHostsResponse:
        self.asked.set()
        return await self.event

    def cancel(self) -> None:
        pass


async def test_ctrl_c_that_comes_together_with_an_event_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = OneEvent()

    @asynccontextmanager
    async def connect(_: ServiceAddress) -> AsyncIterator[OneEvent]:
        yield service

    monkeypatch.setattr(sweep, "connect", connect)
    diagnosis = Sweep(pb.DiagnoseHostsRequest(), lambda _: None, lambda _: None)
    running = asyncio.create_task(diagnosis.run(ServiceAddress(address="unix:/nowhere")))
    await service.asked.wait()

    service.event.set_result(PLAN)
    running.cancel()
    await asyncio.wait([running], timeout=1)

    assert running.cancelled()
