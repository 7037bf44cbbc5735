"""Which fault of the world strikes a request."""

from collections.abc import Iterator
from datetime import timedelta

from sonde_lab.exchange import refusals
from sonde_lab.exchange.call import Call
from sonde_lab.exchange.ledger import Ledger
from sonde_lab.exchange.reply import Reply
from sonde_lab.exchange.spoil import spoil
from sonde_lab.world import Answer, Place, Surface, World


def delay(world: World, surface: Surface, path: str) -> timedelta:
    """Return how long a request takes to arrive."""
    concerned = (fault for fault in world.faults if fault.concerns(surface, path))
    return timedelta(milliseconds=sum(fault.delay_ms for fault in concerned))


def edge_fault(world: World, ledger: Ledger, surface: Surface, path: str) -> Answer | None:
    """Return what answers in front of the exchange, if anything does."""
    return next(_answers(world, ledger, surface, path, Place.EDGE), None)


def backend_fault(call: Call) -> Reply | None:
    """Return what the exchange answers when something behind it has failed."""
    path = call.endpoint.path
    for answer in _answers(call.world, call.ledger, call.surface, path, Place.EXCHANGE):
        return refusals.fault(answer, call.surface, path, call.now_ms)
    return None


def way_back(reply: Reply, world: World, ledger: Ledger, surface: Surface, path: str) -> Reply:
    """Return what is left of a reply once everything between it and its caller had it."""
    for answer in _answers(world, ledger, surface, path, Place.WAY_BACK):
        reply = spoil(reply, answer, path)
    return reply


def _answers(
    world: World, ledger: Ledger, surface: Surface, path: str, place: Place
) -> Iterator[Answer]:
    for index, fault in enumerate(world.faults):
        answer = fault.answer
        if answer is None or answer.place is not place:
            continue
        if fault.concerns(surface, path) and ledger.strikes(index):
            yield answer
