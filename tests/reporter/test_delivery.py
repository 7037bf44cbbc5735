"""Reports while the agent comes and goes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from sonde_reporter import Action, Reporter
from sonde_reporter.outbox import MOST
from tests.reporter.agents import ListeningAgent, listening

Reply = Callable[[int], Mapping[str, object] | None]


@asynccontextmanager
async def agent_that(path: Path, reply: Reply) -> AsyncIterator[list[str]]:
    """Answer the nth line as told, hang up where there is no answer, and give what was said."""
    said: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            while line := await reader.readline():
                asked = json.loads(line)
                said.append(asked["request"]["failure"]["text"])
                answer = reply(len(said))
                if answer is None:
                    return
                writer.write(json.dumps({"id": asked["id"], **answer}).encode() + b"\n")

    async with await asyncio.start_unix_server(serve, path):
        yield said


async def texts(agent: ListeningAgent, count: int) -> list[str]:
    """Return what was reported, once there is so much of it."""
    async with asyncio.timeout(30):
        while len(reports := await agent.failures()) < count:
            await agent.spool.came()
    return [report.text for report in reports]


async def test_what_was_left_before_the_agent_came_is_delivered_when_it_comes(
    tmp_path: Path,
) -> None:
    reporter = Reporter(socket=tmp_path / "engine.jsonl")
    for number in range(20):
        reporter.failure(f"refused {number}")
    assert await asyncio.to_thread(reporter.advise, "refused at last") is None

    async with listening(tmp_path) as agent:
        assert await texts(agent, 21) == [
            *(f"refused {number}" for number in range(20)),
            "refused at last",
        ]


async def test_what_was_left_while_the_agent_started_anew_is_delivered(tmp_path: Path) -> None:
    async with listening(tmp_path) as agent:
        reporter = Reporter(socket=agent.path)
        reporter.failure("before")
        assert await asyncio.to_thread(reporter.flush, 10)
    reporter.failure("between")

    async with listening(tmp_path) as agent:
        reporter.failure("after")

        assert await texts(agent, 3) == ["before", "between", "after"]


async def test_of_too_many_the_newest_wait_and_the_others_are_counted(tmp_path: Path) -> None:
    reporter = Reporter(socket=tmp_path / "engine.jsonl")
    for number in range(3 * MOST):
        reporter.failure(f"refused {number}")
    dropped = reporter.dropped

    async with listening(tmp_path) as agent:
        told = await texts(agent, 3 * MOST - dropped)

    assert dropped >= 3 * MOST // 2
    assert told[-MOST // 2 :] == [f"refused {number}" for number in range(3 * MOST)][-MOST // 2 :]


async def test_to_flush_in_vain_takes_no_memory_and_no_reports_place(tmp_path: Path) -> None:
    reporter = Reporter(socket=tmp_path / "engine.jsonl")
    for number in range(MOST):
        reporter.failure(f"refused {number}")
        assert not reporter.flush(0)
    kept = held_by(reporter)
    for _ in range(3 * MOST):
        assert not reporter.flush(0)

    assert reporter.dropped == 0
    assert held_by(reporter) == kept
    async with listening(tmp_path) as agent:
        assert await texts(agent, MOST) == [f"refused {number}" for number in range(MOST)]


def held_by(reporter: Reporter) -> int:
    """Return how many things wait, reports or not."""
    return reporter._outbox._queue.qsize()


async def test_a_flush_whose_reports_made_room_for_others_tells_so(tmp_path: Path) -> None:
    reporter = Reporter(socket=tmp_path / "engine.jsonl")
    reporter.failure("refused")
    flushed = asyncio.create_task(asyncio.to_thread(reporter.flush, 20))
    while not flushed.done():
        reporter.failure("refused later")
        await asyncio.sleep(0)

    assert await flushed is False


async def test_what_an_agent_left_unanswered_is_sent_once_more(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    async with agent_that(path, lambda count: None if count == 1 else {"response": {}}) as said:
        reporter = Reporter(socket=path)
        reporter.failure("refused")

        assert await asyncio.to_thread(reporter.flush, 20)
        assert (said, reporter.dropped) == (["refused"] * 2, 0)


async def test_what_makes_agents_hang_up_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    async with agent_that(path, lambda _: None) as said:
        reporter = Reporter(socket=path)
        reporter.failure("refused")

        assert await asyncio.to_thread(reporter.flush, 20)
        assert (said, reporter.dropped) == (["refused"] * 3, 1)


async def test_answers_that_make_no_sense_do_not_end_reporting(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    strange: list[Mapping[str, object]] = [
        {"error": {"code": ["UNAVAILABLE"]}},
        {"id": {}, "response": {}},
        {"id": 10**30, "response": 1},
    ]
    async with agent_that(path, lambda count: dict(enumerate(strange, 1)).get(count, {})):
        reporter = Reporter(socket=path)
        reporter.failure("refused")
        assert await asyncio.to_thread(reporter.flush, 40)
        reporter.failure("refused again")
        assert await asyncio.to_thread(reporter.flush, 40)


@pytest.mark.parametrize(
    ("code", "times", "dropped"),
    [("RESOURCE_EXHAUSTED", 2, 0), ("UNAVAILABLE", 2, 0), ("INVALID_ARGUMENT", 1, 1)],
)
async def test_a_report_is_repeated_only_where_the_agent_may_take_it_another_time(
    tmp_path: Path, code: str, times: int, dropped: int
) -> None:
    path = tmp_path / "engine.jsonl"
    refusal = {"error": {"code": code}}
    async with agent_that(path, lambda count: refusal if count == 1 else {"response": {}}) as said:
        reporter = Reporter(socket=path)
        reporter.failure("refused")

        assert await asyncio.to_thread(reporter.flush, 20)
        assert (len(said), reporter.dropped) == (times, dropped)


async def test_what_no_advice_came_for_is_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    full = {"error": {"code": "RESOURCE_EXHAUSTED"}}
    async with agent_that(path, lambda count: full if count == 1 else {"response": {}}) as said:
        reporter = Reporter(socket=path)

        assert await reporter.advise_async("refused", timeout=20) is None

        assert await asyncio.to_thread(reporter.flush, 20)
        assert (said, reporter.dropped) == (["refused"] * 2, 0)


async def test_an_agent_that_has_no_room_for_a_report_advises_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    advice = {"advice": {"action": "ADVICE_ACTION_QUERY_ORDER"}, "cause": "OTHER"}
    full = {"error": {"code": "RESOURCE_EXHAUSTED"}, "advice": advice}
    async with agent_that(path, lambda count: full if count == 1 else {"response": {}}) as said:
        reporter = Reporter(socket=path)

        told = await asyncio.to_thread(reporter.advise, "refused", None, 20)

        assert told is not None
        assert told.action is Action.QUERY_ORDER
        assert await asyncio.to_thread(reporter.flush, 20)
        assert (said, reporter.dropped) == (["refused"] * 2, 0)


async def test_where_all_places_are_taken_a_report_waits_for_one(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    taken = {"id": 0, "error": {"code": "RESOURCE_EXHAUSTED"}}
    async with agent_that(path, lambda count: taken if count <= 3 else {"response": {}}) as said:
        reporter = Reporter(socket=path)
        reporter.failure("refused")

        assert await asyncio.to_thread(reporter.flush, 20)
        assert (len(said), reporter.dropped) == (4, 0)


@asynccontextmanager
async def losing_answers(path: Path, agent: Path, most: int) -> AsyncIterator[None]:
    """Pass lines on to an agent, and hang up in the place of so many answers."""
    lost = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lost
        from_agent, to_agent = await asyncio.open_unix_connection(agent)
        with closing(writer), closing(to_agent):
            while line := await reader.readline():
                to_agent.write(line)
                answer = await from_agent.readline()
                if lost < most:
                    lost += 1
                    return
                writer.write(answer)

    async with await asyncio.start_unix_server(serve, path):
        yield


async def test_an_answer_that_is_lost_doubles_no_report(tmp_path: Path) -> None:
    path = tmp_path / "between.jsonl"
    async with listening(tmp_path) as agent, losing_answers(path, agent.path, 2):
        reporter = Reporter(socket=path)

        assert await reporter.advise_async("refused", timeout=20) is None
        reporter.health(version="1")

        assert await asyncio.to_thread(reporter.flush, 20)
        assert len(await agent.failures()) == len(await agent.healths()) == 1
        assert reporter.dropped == 0


async def test_advice_overtakes_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "engine.jsonl"
    async with agent_that(path, lambda _: {"response": {}}) as said:
        reporter = Reporter(socket=path)
        for number in range(MOST // 2):
            reporter.failure(f"refused {number}")

        await reporter.advise_async("asked", timeout=20)

        assert await asyncio.to_thread(reporter.flush, 20)
        assert said.index("asked") < said.index(f"refused {MOST // 2 - 1}")
        assert len(said) == len(set(said)) == MOST // 2 + 1
