"""What `sonde explain --host` asks the service: an order's numbers beside live limits."""

import asyncio

from sonde.support.v1 import support_service_pb2 as pb
from sonde_core.findings import Item
from sonde_service.cli.client import DEADLINE, ServiceAddress, connect
from sonde_wire.results import decode_items

_FOR_THE_AGENT = 10.0
"""Seconds on top, because an agent is asked in between."""


def numbers(service: ServiceAddress, host: str, text: str) -> tuple[Item, ...]:
    """Return what the numbers in a text say, beside what the host's agent reads now."""
    return asyncio.run(_numbers(service, host, text))


async def _numbers(service: ServiceAddress, host: str, text: str) -> tuple[Item, ...]:
    request = pb.ExplainFailureRequest(text=text, host=host)
    async with connect(service) as stub:
        answer = await stub.ExplainFailure(request, timeout=DEADLINE + _FOR_THE_AGENT)
    told = answer.explanation
    return decode_items([*told.supporting, *told.missing])
