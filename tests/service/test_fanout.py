"""Asking many agents at once."""

import asyncio
from datetime import timedelta

import pytest

from sonde_core.evidence import Contact
from sonde_service.fanout import STREAMED_HOSTS, Fanout, Outcome
from tests.core.hosts import healthy
from tests.service.kept import NOON, host
from tests.service.links import FakeLink

LIMIT = timedelta(milliseconds=20)


async def ask(link: FakeLink, *names: str, width: int = 100) -> dict[str, Outcome]:
    outcomes: list[Outcome] = []
    fanout = Fanout(link=link, width=width, now=lambda: NOON)
    await fanout.ask_all([host(name) for name in names], LIMIT, outcomes.append)
    assert len(outcomes) == len(names)
    return {outcome.host.name: outcome for outcome in outcomes}


@pytest.mark.parametrize(
    ("name", "contact", "detail", "readings"),
    [
        ("fine", Contact.DIAGNOSED, "", len(healthy())),
        ("refuses", Contact.REFUSED, "UNAUTHENTICATED: who are you?", 0),
        ("unreachable", Contact.UNREACHABLE, "connection refused", 0),
        ("stalls", Contact.TIMEOUT, "no complete answer within 1 s", 5),
        ("silent", Contact.TIMEOUT, "the call did not end in time", 0),
        ("explodes", Contact.UNREACHABLE, "internal error, incident ", 5),
    ],
)
async def test_every_host_yields_one_outcome_and_keeps_what_it_sent(
    name: str, contact: Contact, detail: str, readings: int
) -> None:
    outcome = (await ask(FakeLink(), name))[name]

    assert outcome.contact is contact
    assert outcome.detail.startswith(detail)
    assert len(outcome.evidence.readings) == readings
    assert outcome.asked == NOON
    assert outcome.elapsed >= timedelta()


async def test_one_hosts_trouble_is_not_anothers() -> None:
    outcomes = await ask(FakeLink(), "fine-1", "silent", "explodes", "refuses", "fine-2")

    fine = [name for name, outcome in outcomes.items() if outcome.contact is Contact.DIAGNOSED]
    assert sorted(fine) == ["fine-1", "fine-2"]


async def test_no_more_than_the_width_are_asked_at_once_and_all_are_asked_once() -> None:
    link = FakeLink()
    names = [f"fine-{number}" for number in range(50)]

    await ask(link, *names, width=7)

    assert link.most == 7
    assert sorted(link.asked) == sorted(names)


async def test_a_fleet_answers_in_one_message_and_a_few_hosts_as_it_comes() -> None:
    few, many = FakeLink(), FakeLink()
    await ask(few, *(f"fine-{number}" for number in range(STREAMED_HOSTS)))
    await ask(many, *(f"fine-{number}" for number in range(STREAMED_HOSTS + 1)))

    assert few.at_once == {False}
    assert many.at_once == {True}


async def test_no_hosts_are_no_trouble() -> None:
    assert await ask(FakeLink()) == {}


async def test_cancelling_stops_every_call() -> None:
    link = FakeLink()
    fanout = Fanout(link=link, width=3, now=lambda: NOON)
    hosts = [host(f"silent-{number}") for number in range(9)]
    asking = asyncio.create_task(
        fanout.ask_all(hosts, timedelta(minutes=1), lambda outcome: pytest.fail(str(outcome)))
    )
    await link.until_running(3)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert link.running == 0
    assert len(link.asked) == 3
