import subprocess
import sys
from pathlib import Path

import pytest

from sonde_core.errors import (
    AlreadyExistsError,
    ConfigInvalidError,
    NotFoundError,
    RequestInvalidError,
    SondeError,
    UnavailableError,
)
from sonde_terminal.commands import new_app, run
from sonde_terminal.exits import StoppedError, leave

app = new_app("tool", epilog="An example.")


@app.callback()
def root() -> None:
    """Do one thing well."""


@app.command()
def fail(name: str) -> None:
    raise FAILURES[name]


FAILURES = {
    "config": ConfigInvalidError("no.such.key\n\x1b[2J: mend it"),
    "interrupt": KeyboardInterrupt(),
}


def ended(
    *arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["tool", *arguments])
    with pytest.raises(SystemExit) as left:
        leave("tool", lambda: run(app, "tool"))
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigInvalidError("x"), 2),
        (RequestInvalidError("x"), 2),
        (NotFoundError("x"), 2),
        (AlreadyExistsError("x"), 2),
        (UnavailableError("x"), 1),
        (SondeError("x"), 1),
        (StoppedError("x"), 130),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_wrong_input_exits_2_and_what_could_not_run_1(
    error: SondeError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> int:
        raise error

    with pytest.raises(SystemExit) as left:
        leave("tool", fails)

    assert (left.value.code, capsys.readouterr().err) == (code, "tool: x\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["fail", "config"], 2, "tool: no.such.key \ufffd[2J: mend it\n", id="hostile"),
        pytest.param(["fail", "interrupt"], 130, "tool: interrupted\n", id="Ctrl-C"),
        pytest.param(
            ["zzz"], 2, "tool: No such command 'zzz'. (see `tool --help`)\n", id="a misspelling"
        ),
    ],
)
def test_what_went_wrong_takes_one_line(
    arguments: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended(*arguments, monkeypatch=monkeypatch, capsys=capsys) == (code, "", said)


def test_whoever_asks_for_nothing_gets_the_help_and_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, help_text = ended(monkeypatch=monkeypatch, capsys=capsys)

    assert (code, out) == (2, "")
    assert "Do one thing well." in help_text
    assert "An example." in help_text


FULL = Path("/dev/full")
PRINTS = """
import asyncio, sys
from sonde_terminal import output
from sonde_terminal.exits import leave
from sonde_terminal.text import Text

async def late():
    output.show_json({})

def run():
    DOES
    return 0

leave("tool", run)
"""


@pytest.mark.skipif(not FULL.exists(), reason="Linux has a device that is always full")
@pytest.mark.parametrize(
    "does",
    ["output.show([Text('x')], output.page())", "output.show_json({})", "asyncio.run(late())"],
)
@pytest.mark.parametrize("buffered", ["", "1"])
def test_an_output_that_cannot_be_written_takes_one_line(does: str, buffered: str) -> None:
    with FULL.open("w") as full:
        told = subprocess.run(
            [sys.executable, "-c", PRINTS.replace("DOES", does)],
            env={"PYTHONUNBUFFERED": buffered},
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )

    assert told.returncode == 1
    assert told.stderr == "tool: standard output cannot be written: No space left on device\n"
