"""Nothing that happens to a reporter happens to its engine."""

import ast
import asyncio
import subprocess
import sys
import threading
import tracemalloc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Never

import pytest

import sonde_reporter
from sonde_reporter import Reporter
from sonde_reporter.capturing import MOST_TEXT, capture
from sonde_reporter.orders import capture_order
from sonde_reporter.outbox import MOST
from tests.reporter.agents import listening

FOLDER = Path(sonde_reporter.__file__).parent


def test_it_imports_the_standard_library_and_nothing_else() -> None:
    imported = {
        name.split(".")[0]
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _names(node)
    }

    assert imported - {"sonde_reporter"} <= sys.stdlib_module_names


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_it_starts_nothing_before_it_is_used() -> None:
    program = f"""
import sys, threading
sys.path.insert(0, {str(FOLDER.parent)!r})
import sonde_reporter
print(threading.active_count())
"""

    assert _run(program, "-I", "-S") == "1\n"


class HostileError(Exception):
    """Raises at every touch."""

    def __str__(self) -> Never:
        raise ValueError("no text")


class Unreadable:
    def __getattr__(self, name: str) -> Never:
        raise RuntimeError(name)


async def test_no_argument_makes_it_raise(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(engine="grid", socket=agent.path)
        strange: list[object] = [
            HostileError(),
            Unreadable(),
            object(),
            b"\xff",
            "\udc80",
            10**5000,
            {1: {2}},
        ]
        looped = RuntimeError("looped")
        looped.__cause__ = looped

        for each in (*strange, looped):
            reporter.failure(each, each)
            await asyncio.to_thread(reporter.advise, each, each, 5)
            await reporter.advise_async(each, each, 5)
        reporter.health(weights={"usdm": "many"}, uptime="long")  # type: ignore[dict-item, arg-type]
        reporter.health(weights=5)  # type: ignore[arg-type]
        reporter.failure("the last")
        assert not reporter.flush("soon")  # type: ignore[arg-type]

        assert await asyncio.to_thread(reporter.flush, 10)
        assert (await agent.failures())[-1].text == "the last"


async def test_of_an_error_that_cannot_be_read_the_class_is_told(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(socket=agent.path)

        reporter.failure(HostileError())
        assert await reporter.advise_async(HostileError(), timeout=10) is not None

        assert await asyncio.to_thread(reporter.flush, 10)
        assert [report.exception for report in await agent.failures()] == [
            f"{__name__}.HostileError"
        ] * 2


class Held:
    """Something that an engine has in a local variable."""


def test_a_report_keeps_nothing_of_the_engine_alive(tmp_path: Path) -> None:
    reporter = Reporter(socket=tmp_path / "engine.jsonl")

    def trade() -> weakref.ref[Held]:
        held = Held()
        try:
            raise RuntimeError("refused")  # noqa: TRY301 - its traceback holds the frame
        except RuntimeError as error:
            reporter.failure(error)
        return weakref.ref(held)

    assert trade()() is None


class BigError(Exception):
    """Holds what a client read."""

    def __init__(self) -> None:
        super().__init__("x" * MEGABYTE)
        self.message = "m" * MEGABYTE
        self.code = 10**100_000
        self.header = {f"h{n}": "v" * 10_000 for n in range(100)}
        self.response = SimpleNamespace(
            status_code="s" * MEGABYTE,
            headers={"Retry-After": "7" * MEGABYTE},
            url="https://" + "u" * MEGABYTE,
            _content=bytes(MEGABYTE),
        )


MEGABYTE = 1_000_000
MOST_KEPT = 50_000


def test_what_is_kept_of_a_report_is_small_however_big_it_was() -> None:
    def report() -> object:
        error, error.__cause__ = BigError(), BigError()
        error.__cause__.__cause__ = BigError()
        error.response.status_code = 10**100_000
        order = {"symbol": "S" * MEGABYTE, "price": "1", "info": bytearray(MEGABYTE)}
        answer = {"code": -1021, "data": ["d" * 1_000] * 1_000}
        health = {"usdm" * MEGABYTE: 1}
        return capture(error), capture_order(order), capture(answer), capture([order]), health

    report()  # the first makes what stays: compiled code, caches
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = [report()[:4] for _ in range(4)]  # type: ignore[index]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (after - before) / len(kept) < MOST_KEPT


async def test_without_an_agent_it_is_silent(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reporter = Reporter(socket=tmp_path / "engine.jsonl")

    reporter.failure(RuntimeError("refused"))
    reporter.health(version="1")

    assert reporter.advise(RuntimeError("refused")) is None
    assert await reporter.advise_async(RuntimeError("refused")) is None
    assert not await asyncio.to_thread(reporter.flush, 0.01)
    assert capfd.readouterr() == ("", "")


@asynccontextmanager
async def answering(path: Path, answer: bytes | None) -> AsyncIterator[None]:
    """Answer the first line of every connection with the same, or stay silent."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        serving.add(task)
        with closing(writer):
            await reader.readline()
            if answer is None:
                await asyncio.Event().wait()
            else:
                writer.write(answer)

    async with await asyncio.start_unix_server(serve, path):
        yield
        for each in serving:
            each.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def test_an_agent_that_accepts_and_says_nothing_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    async with answering(path, None):
        reporter = Reporter(socket=path)

        for number in range(5 * MOST):
            reporter.failure(RuntimeError(f"refused {number}"))

        assert await asyncio.to_thread(reporter.advise, RuntimeError("refused")) is None
        assert await reporter.advise_async(RuntimeError("refused")) is None
        assert reporter.dropped >= 3 * MOST


async def test_an_agent_that_says_nothing_fills_nobodys_memory(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    async with answering(path, None):
        reporter = Reporter(socket=path)
        tracemalloc.start()
        try:
            for number in range(20 * MOST):
                reporter.advise(f"{number}" * 1_000, timeout=0)
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert held < 4 * MOST * MOST_TEXT
        assert reporter.dropped >= 18 * MOST


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\n",
        b"[]\n",
        b'{"id":0,"response":{"advice":1}}\n',
        b"",
        b"x" * 300_000,
        b"[" * 200_000 + b"\n",
    ],
)
async def test_an_answer_that_makes_no_sense_is_no_advice(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "engine.jsonl"
    async with answering(path, answer):
        reporter = Reporter(socket=path)

        assert await asyncio.to_thread(reporter.advise, RuntimeError("refused"), None, 5) is None
        assert await reporter.advise_async(RuntimeError("refused"), None, 5) is None


async def test_the_loop_makes_no_report_itself(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(socket=agent.path)
        called: set[str] = set()

        def note(frame: FrameType, _: str, __: object) -> None:
            path = Path(frame.f_code.co_filename)
            if path.parent == FOLDER:
                called.add(path.stem)

        sys.setprofile(note)  # of this thread
        try:
            reporter.failure(RuntimeError("refused"))
            advice = await reporter.advise_async(RuntimeError("refused"), timeout=20)
        finally:
            sys.setprofile(None)

        assert advice is not None
        assert "capturing" in called
        assert not called & {"redaction", "errors", "requests", "conversation", "advice"}


async def test_many_threads_and_loops_report_at_once(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        threads = [
            threading.Thread(target=asyncio.run, args=(_report(agent.path, number),))
            for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            await asyncio.to_thread(thread.join)

        assert await asyncio.to_thread(Reporter(socket=agent.path).flush, 20)
        told = [(report.engine, report.text) for report in await agent.failures()]
        assert len(told) == len(set(told)) == 80
        for number in range(8):
            mine = [text for engine, text in told if engine == f"{number}"]
            assert mine == [f"refused {each}" for each in range(10)]


async def _report(path: Path, number: int) -> None:
    reporter = Reporter(engine=f"{number}", socket=path)
    for each in range(10):
        reporter.failure(RuntimeError(f"refused {each}"))
        await asyncio.sleep(0)


FORKED = """
import os, sys
from sonde_reporter import Reporter
reporter = Reporter(engine="grid", socket=sys.argv[1])
reporter.failure("parent, before")
assert reporter.flush(20)
children = []
for number in range(5):
    reporter.failure(f"parent {number}")
    child = os.fork()
    if not child:
        reporter.failure(f"child {number}")
        os._exit(0 if reporter.flush(20) else 1)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 5
reporter.failure("parent, after")
assert reporter.flush(20)
"""


async def test_a_forked_child_reports_for_itself_and_nothing_twice(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        await asyncio.to_thread(_run, FORKED, "-W", "error", arguments=(str(agent.path),))

        told = sorted(report.text for report in await agent.failures())
        assert told == sorted(
            ["parent, before", "parent, after"]
            + [f"{who} {number}" for who in ("parent", "child") for number in range(5)]
        )


MULTIPROCESSED = """
import multiprocessing, sys
from sonde_reporter import Reporter
def work(child):
    reporter = Reporter(socket=sys.argv[1])
    for number in range(17):  # more than go at once: some wait for an answer to the others
        reporter.failure(f"child {child}, {number}")
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    for number in range(2):
        child = context.Process(target=work, args=(number,))
        child.start()
        child.join()
    Reporter(socket=sys.argv[1]).failure("parent")
"""


async def test_children_of_multiprocessing_end_with_nothing_unsaid(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        await asyncio.to_thread(_run, MULTIPROCESSED, arguments=(str(agent.path),))

        told = {report.text for report in await agent.failures()}
        assert told == {
            "parent",
            *(f"child {child}, {number}" for child in range(2) for number in range(17)),
        }


def test_a_process_that_ends_in_two_ways_waits_once() -> None:
    program = f"""
import multiprocessing.util, sys
sys.path.insert(0, {str(FOLDER.parent)!r})
from sonde_reporter.ending import Ending
Ending(lambda: print("waits")).watch()
"""

    assert _run(program) == "waits\n"


async def test_what_ends_an_engine_is_still_reported(tmp_path: Path) -> None:
    program = """
import sys
from sonde_reporter import Reporter
Reporter(socket=sys.argv[1]).failure(RuntimeError("the end"))
"""
    async with listening(tmp_path) as agent:
        await asyncio.to_thread(_run, program, arguments=(str(agent.path),))

        assert [report.text for report in await agent.failures()] == ["the end"]


def _run(program: str, *options: str, arguments: tuple[str, ...] = ()) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
