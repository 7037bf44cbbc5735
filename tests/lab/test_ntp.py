import asyncio
from datetime import timedelta
from typing import Any

import ntplib
import pytest

from sonde_lab.ntp import Behaviour, NtpServer, Source, reply_to, serve_ntp
from tests.lab.calls import Clock

MILLISECOND = timedelta(milliseconds=1)


async def ask(server: NtpServer, timeout: float = 5) -> ntplib.NTPStats:  # noqa: ASYNC109
    host, port = server.address.rsplit(":", 1)
    client: Any = ntplib.NTPClient()
    return await asyncio.to_thread(client.request, host, version=4, port=port, timeout=timeout)


def offset(stats: ntplib.NTPStats) -> timedelta:
    return timedelta(seconds=stats.offset)


async def test_an_honest_server_tells_its_own_time() -> None:
    async with serve_ntp(Source(offset=timedelta(seconds=-1.5))) as server:
        stats = await ask(server)

    assert abs(offset(stats) - timedelta(seconds=-1.5)) <= timedelta(seconds=stats.delay)
    assert (stats.mode, stats.version, stats.leap, stats.stratum) == (4, 4, 0, 2)
    assert ntplib.ref_id_to_text(stats.ref_id, stats.stratum) == "192.0.2.1"
    assert (server.requests, server.source.behaviour) == (1, Behaviour.HONEST)


async def test_a_header_says_what_the_source_is_given() -> None:
    source = Source(
        stratum=1,
        leap=1,
        reference_id=b"GPS\0",
        root_delay=250 * MILLISECOND,
        root_dispersion=500 * MILLISECOND,
    )
    async with serve_ntp(source) as server:
        stats = await ask(server)

    assert (stats.stratum, stats.leap, stats.root_delay, stats.root_dispersion) == (1, 1, 0.25, 0.5)
    assert ntplib.ref_id_to_text(stats.ref_id, 1) == "Global Position System"


async def test_a_delay_is_part_of_the_round_trip_and_shared_by_both_ways() -> None:
    async with serve_ntp(Source(delay=80 * MILLISECOND)) as server:
        stats = await ask(server)

    round_trip = timedelta(seconds=stats.delay)
    assert round_trip >= 75 * MILLISECOND
    assert abs(offset(stats)) <= (round_trip - 75 * MILLISECOND) / 2 + 5 * MILLISECOND


async def test_a_liar_is_half_a_minute_off() -> None:
    async with serve_ntp(Source(behaviour=Behaviour.LIAR, offset=timedelta(seconds=2))) as server:
        stats = await ask(server)

    assert abs(offset(stats) - timedelta(seconds=32)) <= timedelta(seconds=stats.delay)
    assert stats.stratum == 2


async def test_silence_is_no_answer() -> None:
    async with serve_ntp(Source(behaviour=Behaviour.SILENT)) as server:
        with pytest.raises(ntplib.NTPException, match="No response"):
            await ask(server, timeout=0.05)

    assert server.requests == 1


@pytest.mark.parametrize(
    ("behaviour", "code"), [(Behaviour.KISS_RATE, b"RATE"), (Behaviour.KISS_DENY, b"DENY")]
)
async def test_a_kiss_of_death_names_its_reason(behaviour: Behaviour, code: bytes) -> None:
    async with serve_ntp(Source(behaviour=behaviour)) as server:
        stats = await ask(server)

    assert (stats.stratum, stats.leap, stats.ref_id.to_bytes(4)) == (0, 3, code)


async def test_an_unsynchronised_server_says_so() -> None:
    async with serve_ntp(Source(behaviour=Behaviour.UNSYNCHRONISED)) as server:
        stats = await ask(server)

    assert (stats.stratum, stats.leap) == (16, 3)


async def test_a_wrong_origin_is_not_the_stamp_that_was_sent() -> None:
    async with serve_ntp(Source(behaviour=Behaviour.WRONG_ORIGIN)) as server:
        stats = await ask(server)

    assert abs(stats.dest_timestamp - stats.orig_timestamp) > timedelta(days=1).total_seconds()
    assert abs(stats.dest_timestamp - stats.tx_timestamp) < 60


async def test_a_zero_transmit_stamp_is_zero() -> None:
    async with serve_ntp(Source(behaviour=Behaviour.ZERO_TRANSMIT)) as server:
        stats = await ask(server)

    assert stats.tx_timestamp == 0


async def test_zero_stamps_are_all_zero_but_the_origin() -> None:
    async with serve_ntp(Source(behaviour=Behaviour.ZERO_STAMPS)) as server:
        stats = await ask(server)

    assert (stats.ref_timestamp, stats.recv_timestamp, stats.tx_timestamp) == (0, 0, 0)
    assert abs(stats.dest_timestamp - stats.orig_timestamp) < 60


async def test_a_long_hold_makes_the_round_trip_negative() -> None:
    async with serve_ntp(Source(behaviour=Behaviour.LONG_HOLD)) as server:
        stats = await ask(server)

    assert stats.tx_timestamp - stats.recv_timestamp == pytest.approx(10, abs=0.001)
    assert stats.delay < 0


async def test_an_answer_that_is_delayed_beyond_the_end_of_its_server_is_not_sent() -> None:
    troubles: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, trouble: troubles.append(trouble))
    async with serve_ntp(Source(delay=60 * MILLISECOND)) as server:
        with pytest.raises(ntplib.NTPException, match="No response"):
            await ask(server, timeout=0.01)
    # Timers run in the order of their times: the answer's before this one.
    await asyncio.sleep(0.1)

    assert (server.requests, troubles) == (1, [])


async def test_roots_may_be_as_far_away_as_a_header_can_say() -> None:
    furthest = timedelta(seconds=65_535)
    async with serve_ntp(Source(root_delay=furthest, root_dispersion=furthest)) as server:
        stats = await ask(server)

    assert (stats.root_delay, stats.root_dispersion) == (65_535, 65_535)


async def test_a_source_may_change_while_it_serves() -> None:
    async with serve_ntp() as server:
        before = await ask(server)
        server.source = Source(stratum=5)
        after = await ask(server)

    assert (before.stratum, after.stratum) == (2, 5)


def test_a_client_gets_its_own_stamp_back_to_the_bit() -> None:
    request = bytes([4 << 3 | 3]) + bytes(39) + b"\xed\x01\x02\x03\x04\x05\x06\x07"

    reply = reply_to(request, Source(), Clock()())

    assert reply is not None
    assert reply[24:32] == request[40:48]


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x23" + bytes(46), id="too short"),
        pytest.param(b"\x24" + bytes(47), id="another server's answer"),
    ],
)
def test_only_requests_are_answered(request_: bytes) -> None:
    assert reply_to(request_, Source(), Clock()()) is None
