"""`sonde explain`, in a process of its own and without any service."""

import asyncio
import json
import subprocess
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.commands import Command, Ended, ended, without_escapes

LISTED = "-2015 Invalid API-key, IP, or permissions for action, request ip: 203.0.113.9"
AHEAD = "-1021 Timestamp for this request was 1000ms ahead of the server's time."
ENDS = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
BANNED = f"-1003 Way too many requests; IP(203.0.113.8) banned until {ENDS.timestamp():.0f}000."
UNKNOWN = '{"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; execution status unknown."}'  # noqa: E501 - as the exchange sends it
TOO_SMALL = (
    'binanceusdm {"code":-4164,"msg":"Order\'s notional must be no smaller than 5 (unless you '
    'choose reduce only)."} BTCUSDT quantity 0.0012 price 3120'
)
HEAVY = (
    "alembic", "google", "grpc", "httpx", "pydantic", "rich.console", "sqlalchemy", "typer",
    "sonde_core.readings", "sonde_core.explainer.moments", "sonde_core.explainer.prose",
)  # fmt: skip


@pytest.fixture
def sonde() -> Command:
    """Return the command where no service listens."""
    return Command("sonde", {"SONDE_SERVICE": "unix:/nonexistent/service.sock"})


async def piped(sonde: Command, said: str | bytes, *arguments: str) -> Ended:
    process = await sonde.start("explain", *arguments, stdin=PIPE)
    return await ended(process, said if isinstance(said, bytes) else said.encode())


async def test_a_text_is_answered_with_its_cause_and_all_that_follows_from_it(
    sonde: Command,
) -> None:
    told = await sonde("explain", LISTED)

    assert (told.code, told.err) == (0, "")
    order = [
        " ✗ IP_NOT_WHITELISTED possible: The host's address is not on the key's IP list\n",
        "The API key only works from the addresses on its list",
        "the text says  code -2015 · USDⓈ-M futures API · the exchange saw 203.0.113.9\n",
        "or else        KEY_INVALID: ",
        "→ customer:\n     1. ",
        "make sure that 203.0.113.9 is listed",
    ]
    places = [told.out.index(part) for part in order]
    assert places == sorted(places)


async def test_the_language_and_the_time_zone_are_the_asked_ones(sonde: Command) -> None:
    told = await sonde("explain", BANNED, "--lang", "zh", "--tz", "Asia/Shanghai")

    ends = ENDS.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"封禁到 北京时间 {ends:%Y-%m-%d %H:%M:%S}" in told.out
    assert "→ 客户：" in told.out


async def test_the_numbers_of_an_order_stand_beside_the_limit(sonde: Command) -> None:
    told = await sonde("explain", TOO_SMALL)

    assert "0.0012 × 3,120 = 3.74" in told.out


async def test_json_has_every_key_and_the_facts_that_the_text_has(sonde: Command) -> None:
    told = json.loads((await sonde("explain", "--json", BANNED)).out)

    assert list(told) == [
        *("cause", "confidence", "alternatives", "facts"),
        *("title", "explanation", "remedy", "owner", "advice"),
    ]
    assert told["cause"] == "IP_BANNED"
    assert told["facts"] == {
        "code": -1003,
        "request_ip": "203.0.113.8",
        "banned_until": f"{ENDS:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert told["advice"]["action"] == "RETRY_AFTER"
    assert told["advice"]["after_s"] > 0
    assert isinstance(told["advice"]["after_s"], int)


async def test_an_order_that_may_stand_is_asked_for_and_never_sent_again(sonde: Command) -> None:
    told = json.loads((await sonde("explain", "--json", UNKNOWN)).out)

    assert told["cause"] == "UNKNOWN_EXECUTION"
    assert told["advice"] == {"action": "QUERY_ORDER", "after_s": None, "safe_to_resend": False}


@pytest.mark.parametrize("code", ["-2015", "−1021", "–1003"])
async def test_a_bare_code_is_a_text_and_not_an_option(sonde: Command, code: str) -> None:
    told = await sonde("explain", code, "--json")

    assert json.loads(told.out)["facts"]["code"] == int(f"-{code[1:]}")


async def test_what_is_no_failure_at_binance_is_explained_as_other(sonde: Command) -> None:
    told = await sonde("explain", "KeyError: 'symbol'")

    assert told.code == 0
    assert told.out.startswith(" ? OTHER ")


@pytest.mark.parametrize("arguments", [["-"], []], ids=["a dash", "nothing"])
async def test_a_piped_text_is_read_whole(sonde: Command, arguments: list[str]) -> None:
    told = await piped(sonde, f"2026-11-22 ERROR\n{AHEAD}\n\xff".encode("latin-1"), *arguments)

    assert told.out.startswith(" ✗ CLOCK_AHEAD confirmed")


async def test_a_terminal_without_a_text_says_how_to_give_one(sonde: Command) -> None:
    told = await sonde.on_terminal("explain")

    assert told.code == 2
    assert "sonde explain -" in told.out


@pytest.mark.parametrize("columns", [40, 80])
async def test_a_terminal_shows_the_same_words_within_its_width(
    sonde: Command, columns: int
) -> None:
    shown = await sonde.on_terminal("explain", LISTED, columns=columns)
    plain = await sonde("explain", LISTED, COLUMNS=str(columns))

    assert without_escapes(shown.out).replace("\r\n", "\n") == plain.out
    assert max(map(len, plain.out.splitlines())) <= columns


async def test_a_text_cannot_steer_the_terminal(sonde: Command) -> None:
    hostile = f"{BANNED} LOT_SIZE \x1b[2J\u202e\x9b [bold]x[/bold]"

    told = await sonde("explain", hostile)

    assert not {"\x1b", "\u202e", "\x9b"} & set(told.out)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["x", "--reply", "--json"], "--reply", id="a mail as JSON"),
        pytest.param(["--reply", "--batch", "x.jsonl"], "--reply", id="a mail per line"),
        pytest.param(["x", "--batch", "x.jsonl"], "--batch", id="a text and a file"),
        pytest.param(["--batch", "absent.jsonl"], "absent.jsonl: No such file", id="no such file"),
        pytest.param(["x", "--lang", "fr"], "choose from 'en', 'zh'", id="no such language"),
        pytest.param(["x", "--tz", "Mars/Olympus"], "Asia/Shanghai", id="no such time zone"),
        pytest.param(["x", "--jsn"], "--jsn", id="no such option"),
        pytest.param(["x", "y"], "y", id="two texts"),
        pytest.param([], "in quotes", id="nothing at all"),
    ],
)
async def test_wrong_usage_takes_one_line(sonde: Command, arguments: list[str], named: str) -> None:
    told = await sonde("explain", *arguments)

    assert (told.code, told.out) == (2, "")
    assert named in told.err
    assert told.err.count("\n") == 1


async def test_the_mail_is_in_the_asked_language_and_time_zone(sonde: Command) -> None:
    told = await sonde("explain", LISTED, "--reply", "--lang", "zh", "--tz", "Asia/Shanghai")

    assert told.out.startswith("您好")
    assert "北京时间" in told.out
    assert "\n203.0.113.9\n" in told.out


async def test_a_batch_is_answered_line_by_line_as_it_comes(sonde: Command) -> None:
    process = await sonde.start("explain", "--batch", "-", stdin=PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps({"id": "a", "text": AHEAD}).encode() + b"\n")
    first = json.loads(await process.stdout.readline())
    rest = await ended(process, b'\n{"id": 7, "text": "\\ud800 hello", "more": []}\n')

    assert (first["id"], first["cause"], first["facts"]) == ("a", "CLOCK_AHEAD", {"code": -1021})
    assert list(first) == ["id", "cause", "confidence", "alternatives", "facts"]
    [second] = [json.loads(line) for line in rest.out.splitlines()]
    assert (second["id"], second["cause"]) == (7, "OTHER")
    assert rest.code == 0


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b'{"id": "\xff"}', id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'["text"]', id="no object"),
        pytest.param(b'{"id": "b"}', id="no text"),
        pytest.param(b'{"id": "b", "text": 7}', id="a number for a text"),
    ],
)
async def test_a_bad_line_is_named_by_its_number_after_what_came_before(
    sonde: Command, tmp_path: Path, bad: bytes
) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_bytes(b'{"id": "a", "text": "hello"}\n\n' + bad + b"\n")

    told = await sonde("explain", "--batch", str(texts))

    assert told.code == 2
    assert json.loads(told.out)["id"] == "a"
    assert "texts.jsonl, line 3: " in told.err
    assert told.err.count("\n") == 1


async def test_ctrl_c_while_it_reads_is_quiet(sonde: Command) -> None:
    process = await sonde.start("explain", "--batch", "-", stdin=PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b'{"id": 1, "text": "x"}\n')
    await process.stdout.readline()
    process.send_signal(2)
    told = await asyncio.wait_for(ended(process), timeout=10)

    assert (told.code, told.err) == (130, "sonde: interrupted\n")


async def test_where_the_service_is_may_be_said_before_it(sonde: Command) -> None:
    told = await sonde("--service", "unix:/nonexistent.sock", "explain", "--json", "-2015")

    assert json.loads(told.out)["facts"] == {"code": -2015}


@pytest.mark.parametrize("command", [[], ["explain"]], ids=["sonde", "sonde explain"])
async def test_the_help_names_it(sonde: Command, command: list[str]) -> None:
    told = await sonde(*command, "--help")

    assert told.out.startswith("Usage: sonde ")
    assert "Say what an error text means." in told.out
    assert "    sonde explain '-2015 Invalid" in told.out.partition("Examples:")[2]


def test_it_loads_no_library_that_only_others_need() -> None:
    program = (
        "import sys; sys.argv = ['sonde', 'explain', sys.argv[1]]\n"
        "from sonde_service.cli import main\n"
        "try: main()\n"
        "finally: print([name for name in HEAVY if name in sys.modules])\n"
    ).replace("HEAVY", repr(HEAVY))

    told = subprocess.run(
        [sys.executable, "-c", program, LISTED], capture_output=True, text=True, check=True
    )

    assert told.stdout.splitlines()[-1] == "[]"
