"""The repeat after -1021 carries the exchange's time, whatever becomes of the host's clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sonde_agent.keyring import Key
from sonde_agent.probes.exchange.probe import SignedTestProbe
from sonde_agent.stopwatch import host_clock
from sonde_core.readings import Answer, Kind, SigningClock
from tests.agent.exchange_host import KEY, MAIN, Host


@dataclass
class Stepped:
    """A clock that is set while a measurement runs: once the exchange has told its time."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        return host_clock() + self.by

    def step_and_load(self) -> Key:
        self.by = timedelta(seconds=90)
        return KEY


async def test_a_clock_that_is_set_after_the_exchange_told_its_time_spoils_no_repeat(
    host: Host,
) -> None:
    clock = Stepped()
    probe = SignedTestProbe(
        settings=replace(host.settings, now=clock.now),
        memory=host.memory,
        account=MAIN,
        load=clock.step_and_load,
        kind=Kind.FUTURES_ACCOUNT,
    )

    answers = [r.value async for r in probe.measure() if isinstance(r.value, Answer)]

    assert [(answer.clock, answer.code) for answer in answers] == [
        (SigningClock.HOST, -1021),
        (SigningClock.EXCHANGE, None),
    ]
