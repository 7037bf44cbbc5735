"""No call, no fault and no log brings a secret out of the agent."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from google.protobuf.duration_pb2 import Duration

from sonde.fleet.v1.fleet_service_pb2_grpc import add_FleetServiceServicer_to_server
from sonde_wire.serving import bind, new_server
from tests.commands import Command
from tests.e2e.secrecy.canary import disguises, found, needles
from tests.e2e.secrecy.place import (
    HMAC_ID,
    IDS,
    PASSWORD,
    PEM,
    SECRET,
    SECRETS,
    Around,
    Centre,
    Place,
    installed,
    nursery,
)
from tests.e2e.secrecy.scenes import DRILLED, RESOLVERS, SCENES, SIGNED, Scene
from tests.e2e.secrecy.stage import WATCH, Recorder, Stage

UNFIT = {WATCH: {"DEADLINE_EXCEEDED"}, "/grpc.health.v1.Health/List": {"UNIMPLEMENTED"}}
"""What goes on until its caller has enough, and what the library has in its contract only."""
LEAKY = (
    f"secret {SECRET}, key {HMAC_ID}, {PEM} https://x.example/?signature={SECRET[:20]}"
    f" via http://engine:{PASSWORD}@proxy.example:3128"
)
WORDS = {
    "account": ("hmac", "pem"),
    "endpoint": ("usdm", "spot"),
    "symbol": ("BTCUSDT",),
    "timeout": (Duration(seconds=3),),
    "engine": ("grid",),
    "version": (LEAKY,),
    "text": (LEAKY,),
    "exception": (LEAKY,),
    "message": (LEAKY,),
    "code": (-1021,),
    "surface": ("usdm",),
    "side": (LEAKY,),
    "service": ("",),
    "list_services": ("",),
}
AS_INSTALLED = ("nothing", "redirect, signed", "NTP kiss-deny", "a proxy repeats as it is")
PLANTED = disguises(SECRET.encode())
_TRACE = 19
"""CAP_SYS_PTRACE, capabilities(7)."""
EVERYWHERE = {
    *("agent.log", "spool.sqlite3", "spool.sqlite3-wal, running", "state.json"),
    *("bytes of agent.sock", "bytes of engine.sock", "lines", "metrics", "http", "ntp", "dns"),
    *("systemd", "centre", "/proc cmdline", "/proc environ", "/proc fd"),
}
LOGIN = f"engine:{PASSWORD}"
LONG_LOGIN = f"the-second-engine-of-tokyo:{PASSWORD}"
MISTAKES = {
    "a login": f'proxy = "http://{LOGIN}@127.0.0.1:3128"',
    "a name server": f'proxy = ""\nresolver = "http://{LONG_LOGIN}@proxy.example:3128"',
    "a family": f'proxy = ""\nfamily = "http://{LOGIN}@127.0.0.1:3128"',
    "an exchange": f'spot = "https://{LOGIN}@exchange.example"',
    "an echo": f'echo_urls = ["https://exchange.example/?signature={SECRET}"]',
    "a centre": f'service = "https://{LOGIN}@centre.example"',
    "metrics": f'listen = "{LOGIN}@127.0.0.1:9464"',
    "a key": f'api_key_file = "{HMAC_ID}"',
    "a secret": f'secret_file = "{SECRET}"',
    "a private key": f'private_key_file = """{PEM}"""',
    "a line of its own": f'proxy = ""\n{SECRET} = "1"',
}
"""What is written in place of the line that has the same key first."""
NOWHERE = Around(
    spot="http://127.0.0.1:9",
    usdm="http://127.0.0.1:9",
    echo="http://127.0.0.1:9",
    ntp=["127.0.0.1:9"],
    centre=Path("/nowhere"),
)


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    kept, server = Centre(), new_server(max_concurrent_streams=100, max_receive_bytes=1 << 22)
    add_FleetServiceServicer_to_server(kept, server)
    bind(server, f"unix:{tmp_path}/centre.sock")
    await server.start()
    yield kept
    await server.stop(None)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, tmp_path / "centre.sock", WORDS)


def leaks(recorders: Mapping[str, Recorder], centre: Centre) -> set[tuple[str, str, str]]:
    """Return what was seen of a secret: in which scene, what, and where."""
    seen = {(name, *leak) for name, each in recorders.items() for leak in found(SECRETS, each.left)}
    for name, each in recorders.items():
        shown = {**IDS, "a signature": each.signatures()}
        elsewhere = {where: content for where, content in each.left.items() if where != "http"}
        seen |= {(name, *leak) for leak in found(shown, elsewhere)}
    reported = {"centre": b"\0".join(centre.received)}
    return seen | {("all", *leak) for leak in found({**SECRETS, **IDS}, reported)}


async def test_a_secret_never_leaves_the_agent(stage: Stage, centre: Centre) -> None:
    async with nursery() as agents:
        recorders = await stage.play_all(SCENES, agents.start)

    assert leaks(recorders, centre) == set()
    check_that_there_was_something_to_find(recorders, centre)


@pytest.mark.soak
async def test_a_secret_leaves_the_agent_in_no_drill(stage: Stage, centre: Centre) -> None:
    async with nursery() as agents:
        recorders = await stage.play_all(DRILLED, agents.start)

    assert leaks(recorders, centre) == set()


@pytest.mark.parametrize(
    "names", [AS_INSTALLED, pytest.param(tuple(SCENES), marks=pytest.mark.soak)], ids=len
)
async def test_neither_does_it_leave_one_that_runs_as_it_is_installed(
    stage: Stage, centre: Centre, names: tuple[str, ...]
) -> None:
    recorders = await stage.play_all({name: SCENES[name] for name in names}, installed)

    assert leaks(recorders, centre) == set()
    left = recorders["nothing"].left
    assert b"agent.toml" in left["/proc cmdline"]
    assert b"Serving" in left["agent.log"]
    # It is sealed.
    assert ("/proc environ" in left, "/proc fd" in left) == (may_look_into_anything(),) * 2


def may_look_into_anything() -> bool:
    """Return whether this process may trace any other: root may, but not in every container."""
    [allowed] = re.findall(r"(?m)^CapEff:\s+(\w+)$", Path("/proc/self/status").read_text())
    return bool(int(allowed, 16) >> _TRACE & 1)


def check_that_there_was_something_to_find(
    recorders: Mapping[str, Recorder], centre: Centre
) -> None:
    """Nothing was found because nothing leaked, and not because nothing was asked or kept."""
    well = recorders["nothing"]
    unfit = {path: codes for path, codes in well.ended.items() if "OK" not in codes}
    assert unfit == UNFIT
    for name in ("nothing", "a proxy", "a name server disagrees"):
        http = recorders[name].left["http"]
        for path in SIGNED:
            assert path.encode() in http, name
        assert {piece for piece in IDS["an API key"] if piece in http}
    assert b"endpoint" in well.left["messages of /sonde.agent.v1.AgentService/CollectEvidence"]
    assert b'"level": "debug"' in well.left["agent.log"]
    for kept in (b"".join(centre.received), well.left["spool.sqlite3"]):
        assert b"***" in kept
    assert b"sonde_" in well.left["metrics"]
    assert b'"ReportFailure"' not in well.left["lines"]
    assert well.left["lines"].count(b'"response"') == well.left["lines"].count(b"\n") == 3
    assert b"READY=1" in well.left["systemd"]
    assert b"socket:" in well.left["/proc fd"]
    assert [name for name, scene in SCENES.items() if not recorders[name].taps.met(scene)] == []


async def test_whatever_leaks_anywhere_is_found(stage: Stage, centre: Centre) -> None:
    scene = Scene(resolver=RESOLVERS["is silent"])
    async with nursery(planted=" ".join(PLANTED.values())) as agents:
        recorders = await stage.play_all({"leaks": scene}, agents.start)

    left = recorders["leaks"].left | {"centre": b"\0".join(centre.received)}
    for how, made in PLANTED.items():
        assert {where for where, what in left.items() if made.encode() in what} >= EVERYWHERE, how
    seen = {where for _, _, where in leaks(recorders, centre)}
    assert seen >= EVERYWHERE


@pytest.mark.parametrize("wrong", MISTAKES.values(), ids=MISTAKES)
async def test_a_secret_in_the_wrong_place_of_a_configuration_is_not_repeated(
    tmp_path: Path, wrong: str
) -> None:
    config = configured(tmp_path, wrong)

    checked = await Command("sonde-agent")("config", "check", "--config", str(config))

    said = f"{checked.out}{checked.err}".encode()
    assert checked.code == 2
    assert str(config).encode() in said
    assert found({**SECRETS, **IDS}, {"said": said}) == set()


@pytest.mark.parametrize("mistake", ["an exchange", "a key"])
async def test_neither_does_an_agent_repeat_it_that_starts(tmp_path: Path, mistake: str) -> None:
    said = await told_at_the_start(configured(tmp_path, MISTAKES[mistake]))

    assert b"exchange" in said or b"Key unusable" in said
    assert found({**SECRETS, **IDS}, {"said": said}) == set()


def configured(directory: Path, wrong: str) -> Path:
    """Return a configuration with one line in place of that of the same key."""
    place = Place(directory / "host")
    place.furnish(NOWHERE)
    key = wrong.partition(" ")[0]
    right = place.config.read_text()
    place.config.write_text(re.sub(rf"(?m)^{key} .*$", lambda _: wrong, right, count=1))
    assert wrong in place.config.read_text()
    return place.config


async def told_at_the_start(config: Path) -> bytes:
    """Return what an agent says until it ends or serves."""
    process = await Command("sonde-agent").start("run", "--config", str(config))
    assert process.stderr
    said = b""
    while line := await process.stderr.readline():
        said += line
        if b"Serving metrics" in line:
            process.terminate()
    await process.wait()
    return said


@pytest.mark.parametrize("made", PLANTED.values(), ids=PLANTED)
def test_whatever_it_is_made_into_it_would_be_found(made: str) -> None:
    assert found(SECRETS, {"log": f"a {made} b".encode()}) == {("the secret", "log")}


def test_a_key_would_be_found_with_its_special_characters_quoted() -> None:
    odd = b"/+=&%/+=&%/+=&%/+=&%/+=&%/+=&%/+=&%"
    text = odd.decode()

    for made in (
        quote(text, safe=""),
        quote_plus(text),
        json.dumps(text),
        text.replace("/", "\\/"),
    ):
        assert found({"odd": needles(odd)}, {"url": made.encode()})
