"""The agent compares its clock by itself and knows in between how far it is off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sonde_agent.calibration import Calibrator, NtpProbes
from sonde_agent.probes.clock_watch import Clocks
from sonde_agent.probes.exchange.probe import ScoutProbe
from sonde_agent.probes.exchange.round_trips import RoundTripLog
from sonde_agent.probes.ntp import NtpProbe, NtpServer
from sonde_agent.stopwatch import host_clock
from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import Behaviour, Source, serve_ntp
from sonde_lab.ntp import NtpServer as Simulated
from sonde_lab.world import Fault, Surface, World
from tests.agent.exchange_host import Host
from tests.core.hosts import ms

AHEAD = ms(1_500)
NEAR = ms(100)
WAY = "usdm https://fapi.binance.com direct"
SILENT = Source(behaviour=Behaviour.SILENT)


FARTHER = World(faults=(Fault(delay_ms=20),))
"""The exchange is farther away than the NTP server, as it is anywhere."""


@dataclass
class Machine:
    """A host whose clock is wrong, and whose hours pass at a word."""

    ahead: timedelta = AHEAD
    passed: timedelta = field(default=timedelta())

    def wall(self) -> datetime:
        return host_clock() + self.passed + self.ahead

    @property
    def clocks(self) -> Clocks:
        return Clocks(wall=self.wall, boottime=lambda: Clocks().boottime() + self.passed)

    def let_pass(self, server: Simulated, **span: float) -> None:
        """Let time pass here and at the server."""
        more = timedelta(**span)
        self.passed += more
        server.source = replace(server.source, offset=server.source.offset + more)


@dataclass
class Staged:
    machine: Machine
    ntp: Simulated
    calibrator: Calibrator
    round_trips: RoundTripLog

    @property
    def offset(self) -> timedelta:
        known = self.calibrator.current()
        assert known
        return known.offset


@asynccontextmanager
async def on_a_host(
    source: Source | None = None, ahead: timedelta = AHEAD, world: World | None = None
) -> AsyncIterator[Staged]:
    machine = Machine(ahead)
    async with serve_ntp(source) as ntp, serve_exchange(world or FARTHER) as exchange:
        server = NtpServer.parse(ntp.address)
        probe = NtpProbe(servers=(server,), samples=4, timeout=ms(500), now=machine.wall)
        host = Host(usdm=exchange.url, spot=exchange.url)
        calibrator = Calibrator(
            ntp=NtpProbes(probe, replace(probe, samples=1)),
            exchange=ScoutProbe(
                settings=replace(host.settings, now=machine.wall), memory=host.memory
            ),
            lately=lambda: host.memory.round_trips.slow([WAY]),
            clocks=machine.clocks,
        )
        yield Staged(machine, ntp, calibrator, host.memory.round_trips)


async def test_nothing_is_known_until_the_clock_was_compared() -> None:
    async with on_a_host() as host:
        assert host.calibrator.current() is None

        await host.calibrator.calibrate()

        known = host.calibrator.current()
        assert known
        assert abs(known.offset - AHEAD) <= known.bound < NEAR
        assert known.sources == (host.ntp.address,)
        assert known.age < timedelta(minutes=1)


async def test_where_ntp_is_silent_the_exchange_tells() -> None:
    async with on_a_host(SILENT) as host:
        await host.calibrator.calibrate()

        known = host.calibrator.current()
        assert known
        assert abs(known.offset - AHEAD) <= known.bound
        assert known.sources == ("spot", "usdm")
        assert known.recv_window < timedelta(seconds=4)  # the way is known


async def test_the_way_to_the_exchange_is_known_from_the_first_comparison_on() -> None:
    async with on_a_host() as host:
        await host.calibrator.calibrate()

        known = host.calibrator.current()
        assert known
        assert known.recv_window < timedelta(seconds=4)


async def test_the_window_holds_the_slow_round_trips_of_the_last_hours() -> None:
    async with on_a_host(SILENT) as host:
        for took in (20, 20, 2_300):
            host.round_trips.note(WAY, ms(took))
        await host.calibrator.calibrate()

        known = host.calibrator.current()
        assert known
        assert ms(2_300) <= known.recv_window <= ms(2_500)


async def test_the_window_holds_the_way_to_the_slower_endpoint() -> None:
    delayed = World(faults=(Fault(surface=Surface.USDM, delay_ms=400),))
    async with on_a_host(SILENT, world=delayed) as host:
        await host.calibrator.calibrate()

        known = host.calibrator.current()
        assert known
        assert known.recv_window >= ms(1_200)


async def test_a_stable_clock_is_asked_for_with_fewer_packets() -> None:
    async with on_a_host() as host:
        counts = []
        for _ in range(4):
            before = host.ntp.requests
            await host.calibrator.calibrate()
            counts.append(host.ntp.requests - before)

        assert counts == [4, 4, 1, 1]


async def test_a_step_moves_the_offset_at_once_and_unsettles_nothing() -> None:
    async with on_a_host() as host:
        await host.calibrator.calibrate()
        host.machine.ahead -= AHEAD

        assert abs(host.offset) < NEAR

        await host.calibrator.calibrate()
        assert host.calibrator.drift() is not None


async def test_the_drift_is_what_the_clock_gains_between_comparisons() -> None:
    async with on_a_host(ahead=timedelta()) as host:
        for _ in range(3):
            await host.calibrator.calibrate()
            host.machine.let_pass(host.ntp, hours=1)
            host.machine.ahead += ms(58)

        # What it gained was set and not gained, as far as the clocks tell: steps are left out.
        drift = host.calibrator.drift()
        assert drift
        assert drift.over >= timedelta(hours=2)
        assert abs(drift.per_hour) <= drift.bound


async def test_a_clock_that_runs_fast_is_seen_to_drift() -> None:
    async with on_a_host(ahead=timedelta()) as host:
        for _ in range(3):
            await host.calibrator.calibrate()
            host.machine.let_pass(host.ntp, hours=1)
            # True time falls behind what wall and start clock count alike.
            slower = host.ntp.source.offset - ms(58)
            host.ntp.source = replace(host.ntp.source, offset=slower)

        drift = host.calibrator.drift()
        assert drift
        assert abs(drift.per_hour - ms(58)) <= drift.bound


async def test_a_refused_timestamp_has_the_clock_compared_anew_with_the_exchange_too() -> None:
    async with on_a_host() as host:
        host.calibrator.timestamp_refused()
        running = asyncio.create_task(host.calibrator.run())
        async with asyncio.timeout(10):
            while host.calibrator.current() is None:  # noqa: ASYNC110 - it says nothing of itself
                await asyncio.sleep(0.01)
        running.cancel()

        known = host.calibrator.current()
        assert known
        assert known.recv_window < timedelta(seconds=4)  # the exchange was asked: the way is known


async def test_ntp_servers_that_contradict_the_exchange_are_not_believed_the_next_time() -> None:
    async with on_a_host(Source(offset=timedelta(seconds=-3))) as host:
        for thorough in (False, True, False, False):
            await host.calibrator.calibrate(thorough=thorough)
            assert abs(host.offset - AHEAD) < NEAR

        host.ntp.source = Source(offset=timedelta())
        for _ in range(3):  # in one of which the exchange is asked all the same
            await host.calibrator.calibrate()

        known = host.calibrator.current()
        assert known
        assert known.sources == (host.ntp.address,)


async def test_who_can_be_compared_with_nobody_keeps_what_was_known() -> None:
    async with on_a_host() as host:
        await host.calibrator.calibrate()
        before = host.offset
        host.ntp.source = SILENT
        host.calibrator.exchange = host.calibrator.ntp.sparing

        await host.calibrator.calibrate()

        assert abs(host.offset - before) < NEAR
