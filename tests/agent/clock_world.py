"""A made-up world of clocks: ways, servers, liars and losses, drawn from one seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import ntplib

from sonde_agent.probes.ntp import sample_of
from sonde_core.clock import Estimate, majority, of_sample

SAMPLES = 4
_APART = 0.02
_NOW = 2_000_000_000.0
"""Any instant, in seconds. NTP stamps are floats of about half a microsecond there."""


@dataclass(frozen=True)
class Way:
    """The way to one server. Spans are seconds."""

    delay: float
    lopsided: float
    """-1: all of the delay is on the way there; 1: all of it on the way back."""
    jitter: float
    loss: float

    def there_and_back(self, random: Random) -> tuple[float, float]:
        queues = [
            random.expovariate(1 / self.jitter)
            + (random.uniform(0.05, 0.5) if random.random() < 0.05 else 0.0)
            for _ in range(2)
        ]
        there = self.delay * (1 - self.lopsided) / 2
        return there + queues[0], self.delay - there + queues[1]


@dataclass(frozen=True)
class Server:
    """A server at the end of a way."""

    way: Way
    root_delay: float
    root_dispersion: float
    error: float
    """Of its clock. An honest one's is within its root distance."""
    lie: float

    def answer(self, random: Random, ahead: float, rate: float, at: float) -> ntplib.NTPStats:
        """Return one exchange with a host that is ahead, and gains `rate` seconds a second."""
        there, back = self.way.there_and_back(random)
        wrong, held = self.error + self.lie, random.uniform(1e-5, 2e-4)
        stats = ntplib.NTPStats()
        stats.stratum = 2
        stats.ref_id = 0x7F000001
        stats.root_delay, stats.root_dispersion = self.root_delay, self.root_dispersion
        stats.orig_timestamp = _NOW + at + ahead + rate * at
        stats.recv_timestamp = _NOW + at + there + wrong
        stats.tx_timestamp = stats.recv_timestamp + held
        arrived = at + there + held + back
        setattr(stats, "dest_timestamp", _NOW + arrived + ahead + rate * arrived)  # noqa: B010 - ntplib's own hint says int
        return stats


@dataclass(frozen=True)
class Run:
    """One calibration of one host in one world."""

    truth: timedelta
    """How far the host's clock is ahead at the end of it."""
    told: dict[str, Estimate]
    """What each server that answered says; a liar's name begins with `liar`."""
    best_possible: timedelta
    """Half the least delay, and that server's root distance."""
    single_shot: timedelta
    """What one request with ntplib to an honest server says."""

    @property
    def found(self) -> Estimate | None:
        return majority(self.told)


def runs(seed: int, count: int, *, servers: tuple[int, ...] = (3, 4, 5)) -> Iterator[Run]:
    """Return as many runs as asked, the same ones for the same seed."""
    random = Random(seed)
    made = 0
    while made < count:
        run = _run(random, random.choice(servers))
        if run:
            made += 1
            yield run


def _run(random: Random, servers: int) -> Run | None:
    ahead, rate = random.uniform(-3, 3), random.gauss(0, 50e-6)
    lies = [0.0] * servers
    if random.random() < 0.3:
        lies[0] = random.choice((-1, 1)) * 10 ** random.uniform(-2.5, 5)
    told, single, best = {}, None, []
    for index, lie in enumerate(lies):
        server = _server(random, lie)
        answers = [
            server.answer(random, ahead, rate, number * _APART)
            for number in range(SAMPLES)
            if random.random() >= server.way.loss
        ]
        if answers:
            estimate = of_sample(sample_of(answers))
            told[f"{'liar' if lie else 'honest'}{index}"] = estimate
            best.append(estimate.bound)
            if not lie:
                single = -timedelta(seconds=answers[0].offset)
    if len(told) < 3 or single is None:
        return None
    truth = timedelta(seconds=ahead + rate * 0.1)
    return Run(truth=truth, told=told, best_possible=min(best), single_shot=single)


def _server(random: Random, lie: float) -> Server:
    delay = min(random.lognormvariate(-3.5, 1.0), 0.4)
    lopsided = random.uniform(-0.9, 0.9) if random.random() < 0.05 else random.gauss(0, 0.15)
    way = Way(
        delay=delay,
        lopsided=max(-0.95, min(0.95, lopsided)),
        jitter=0.0005 + 0.1 * delay,
        loss=1.0 if random.random() < 0.03 else 0.05,
    )
    root_delay, root_dispersion = random.uniform(0, 0.02), random.uniform(0.0005, 0.02)
    distance = root_delay / 2 + root_dispersion
    return Server(way, root_delay, root_dispersion, random.uniform(-distance, distance), lie)
