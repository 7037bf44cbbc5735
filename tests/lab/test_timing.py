import pytest

from sonde_lab.world import SurfaceState, World
from tests.lab.calls import calling, refusal

AHEAD = (400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
BEHIND = (400, -1021, "Timestamp for this request is outside of the recvWindow.")
SIGNED = ("/api/v3/account", "/fapi/v3/account", "/sapi/v1/account/status")


@pytest.mark.parametrize("path", SIGNED)
@pytest.mark.parametrize(
    ("host_ms", "expected"),
    [(999, None), (1000, AHEAD), (1001, AHEAD), (-5000, None), (-5001, BEHIND), (-999, None)],
)
async def test_the_window_is_wide_behind_and_narrow_ahead(
    path: str, host_ms: int, expected: tuple[int, int, str] | None
) -> None:
    async with calling(World(clock_offset_ms=-host_ms)) as caller:
        response = await caller.get(path)

    assert (refusal(response) if expected else None) == expected
    assert response.is_success is (expected is None)


@pytest.mark.parametrize(
    ("window", "late_ms", "accepted"),
    [("10000", 10_000, True), ("10000", 10_001, False), ("100", 100, True), ("100", 101, False)],
)
async def test_the_caller_may_choose_the_window(window: str, late_ms: int, accepted: bool) -> None:  # noqa: FBT001
    async with calling(World(clock_offset_ms=late_ms)) as caller:
        response = await caller.get("/fapi/v3/account", recvWindow=window)

    assert response.is_success is accepted


async def test_a_wide_window_does_not_cure_a_clock_ahead() -> None:
    async with calling(World(clock_offset_ms=-1000)) as caller:
        response = await caller.get("/fapi/v3/account", recvWindow=60_000)

    assert refusal(response) == AHEAD


@pytest.mark.parametrize(
    ("path", "window", "expected"),
    [
        pytest.param(SIGNED[0], "6000.346", None, id="decimals on spot"),
        pytest.param(SIGNED[0], "6000.3467", -1130, id="too many decimals"),
        pytest.param(SIGNED[1], "6000.346", -1130, id="decimals on futures"),
        pytest.param(SIGNED[2], "60001", -1131, id="too wide"),
        pytest.param(SIGNED[2], "60000", None, id="widest"),
    ],
)
async def test_windows_are_checked(path: str, window: str, expected: int | None) -> None:
    async with calling() as caller:
        response = await caller.get(path, recvWindow=window)

    assert response.json().get("code") == expected


@pytest.mark.parametrize(
    ("host_us", "accepted"),
    [(999_999, True), (1_000_000, False), (-5_000_000, True), (-5_000_001, False)],
)
async def test_spot_takes_microseconds(host_us: int, accepted: bool) -> None:  # noqa: FBT001
    async with calling() as caller:
        stamp = caller.clock.ms * 1000 + host_us

        response = await caller.get("/api/v3/account", timestamp=stamp)

    assert response.is_success is accepted


async def test_futures_take_microseconds_for_a_far_future() -> None:
    async with calling() as caller:
        response = await caller.get("/fapi/v3/account", timestamp=caller.clock.ms * 1000)

    assert refusal(response) == AHEAD


async def test_each_surface_may_have_its_own_clock() -> None:
    world = World(clock_offset_ms=250, usdm=SurfaceState(clock_offset_ms=-1500))
    async with calling(world) as caller:
        spot = (await caller.public("/api/v3/time")).json()["serverTime"]
        futures = (await caller.public("/fapi/v1/time")).json()["serverTime"]
        coin = (await caller.public("/dapi/v1/time")).json()["serverTime"]
        now = caller.clock.ms

    assert (spot - now, futures - now, coin - now) == (250, -1500, 250)


async def test_the_date_header_tells_the_time_of_the_world() -> None:
    async with calling(World(clock_offset_ms=30 * 86_400_000)) as caller:
        response = await caller.public("/fapi/v1/ping")

    assert response.headers["Date"] == "Sun, 01 Feb 2026 12:00:15 GMT"


@pytest.mark.parametrize(("missing", "value"), [("timestamp", None), ("timestamp", "now")])
async def test_a_timestamp_must_be_there_and_be_a_number(missing: str, value: str | None) -> None:
    async with calling() as caller:
        response = await caller.get("/api/v3/account", **{missing: value})

    assert refusal(response) == (
        400,
        -1102,
        "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.",
    )
