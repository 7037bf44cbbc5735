"""EngineService as JSON lines."""

import asyncio
import contextlib
import json
import os
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sonde_agent.engine.lines import MOST_CLIENTS, MOST_LINE, serve_lines
from sonde_core.errors import ConfigInvalidError, UnavailableError
from sonde_wire.calls import request_id
from tests.agent.engine.server import Service

FAILURE = {"failure": {"text": "-2019 Margin is insufficient."}}


Answer = dict[str, Any]


class Client:
    """Sends bytes and reads answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, line: bytes | Mapping[str, object]) -> Answer:
        self.send(line)
        answer = await self.answer()
        assert answer is not None
        return answer

    def send(self, line: bytes | Mapping[str, object]) -> None:
        self.writer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")

    async def answer(self) -> Answer | None:
        async with asyncio.timeout(20):
            answer = await self.reader.readline()
        return json.loads(answer) if answer else None


@asynccontextmanager
async def client(path: Path) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_unix_connection(path)
    with closing(writer):
        yield Client(reader, writer)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.jsonl"


@pytest.fixture
async def service() -> Service:
    return Service()


@pytest.fixture
async def ended() -> list[tuple[str, str]]:
    return []


@pytest.fixture
async def caller(
    path: Path, service: Service, ended: list[tuple[str, str]]
) -> AsyncIterator[Client]:
    def end(method: str, code: str, elapsed: timedelta) -> None:
        assert elapsed >= timedelta()
        ended.append((method, code))

    async with serve_lines(path, service, end), client(path) as caller:
        yield caller


async def test_an_answer_has_the_id_of_its_request(
    caller: Client, ended: list[tuple[str, str]]
) -> None:
    answer = await caller.ask({"id": 7, "method": "ReportFailure", "request": FAILURE})

    assert answer == {
        "id": 7,
        "response": {
            "spoolId": "s",
            "sequence": "1099511627776",
            "cause": "-2019 Margin is insufficient.",
        },
    }
    assert ended == [("/sonde.engine.v1.EngineService/ReportFailure", "OK")]


async def test_an_error_is_told_as_over_grpc(caller: Client) -> None:
    answer = await caller.ask({"id": 1, "method": "GetCalibration"})

    assert answer == {
        "id": 1,
        "error": {
            "code": "UNAVAILABLE",
            "reason": "UNAVAILABLE",
            "message": "the clock has not been measured yet",
        },
    }


async def test_where_there_is_no_room_what_to_do_is_told_beside_the_error(
    caller: Client, service: Service
) -> None:
    service.full = True
    answer = await caller.ask({"id": 1, "method": "ReportFailure", "request": FAILURE})

    assert answer["error"]["code"] == "RESOURCE_EXHAUSTED"
    assert answer["advice"] == {"cause": "-2019 Margin is insufficient."}


async def test_a_bug_is_told_by_an_incident_and_not_by_its_text(
    caller: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await caller.ask({"id": 1, "method": "ReportHealth"})

    assert answer["error"]["code"] == "INTERNAL"
    assert "secret" not in str(answer)
    assert caplog.records[-1].__dict__["incident"] in answer["error"]["message"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"nonsense\n", "line: "),
        (b"\n", "line: "),
        (b"\xff\xfe\n", "line: "),
        (b'{"id":1,"method":"\xb4"}\n', "line: "),
        (b"[]\n", "line: "),
        (b'{"id":1}\n', "line: "),
        (b'{"id":1,"method":"GetAgentInfo"}\n', "method: there is no 'GetAgentInfo'; choose from "),
        (b'{"id":1,"method":"ReportFailure","request":{"failure":{"code":1e99}}}\n', "request: "),
        (b'{"id":1,"method":"ReportFailure","request":{"failure":{"time":"x"}}}\n', "request: "),
        (b'{"id":1,"method":"ReportFailure","request":' + b"[" * 30_000 + b"\n", "line: "),
    ],
)
async def test_a_line_that_makes_no_sense_is_refused_and_the_next_one_answered(
    caller: Client, line: bytes, told: str
) -> None:
    refused = await caller.ask(line)
    answered = await caller.ask({"id": 2, "method": "ReportFailure", "request": FAILURE})

    assert refused["error"]["code"] == "INVALID_ARGUMENT"
    assert refused["error"]["message"].startswith(told)
    assert answered["id"] == 2


async def test_what_is_logged_while_a_call_is_served_has_the_calls_own_id(
    path: Path, service: Service
) -> None:
    ids = []
    async with (
        serve_lines(path, service, lambda *_: ids.append(request_id())),
        client(path) as caller,
    ):
        for number in range(2):
            await caller.ask({"id": number, "method": "ReportFailure", "request": FAILURE})

    assert all(ids)
    assert len(set(ids)) == 2


async def test_a_field_that_is_not_known_is_left_out_and_named(caller: Client) -> None:
    request = {"failure": {"text": "refused", "mesage": "bad"}}

    answer = await caller.ask({"id": 1, "method": "ReportFailure", "request": request})

    assert answer["response"]["cause"]
    assert 'no field named "mesage"' in answer["ignored"]
    assert "'message'" in answer["ignored"]
    known = await caller.ask({"id": 2, "method": "ReportFailure", "request": FAILURE})
    assert "ignored" not in known


async def test_half_a_character_at_a_cut_costs_no_report(caller: Client) -> None:
    cut = rb'{"failure": {"text": "-2019 \u4fdd\u8bc1\u91d1 \ud83d"}}'

    answer = await caller.ask(b'{"id": 7, "method": "ReportFailure", "request": %b}\n' % cut)

    assert (answer["id"], answer["response"]["cause"]) == (7, "-2019 保证金 ?")


async def test_a_line_without_end_costs_its_client_the_connection(caller: Client) -> None:
    answer = await caller.ask(b"x" * (2 * MOST_LINE + 2))

    assert answer["error"]["message"] == f"a line has at most {MOST_LINE} bytes"
    assert await caller.answer() is None


async def test_one_client_has_so_many_calls_at_once(caller: Client, service: Service) -> None:
    service.let.clear()
    for number in range(100):
        caller.send({"id": number, "method": "ReportFailure", "request": FAILURE})
    await service.asked.wait()
    service.let.set()

    answers = [await caller.answer() for _ in range(100)]

    assert sorted(answer["id"] for answer in answers if answer) == list(range(100))
    assert service.most <= 16


async def test_more_clients_than_a_host_has_engines_are_turned_away(
    path: Path, caller: Client
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client(path)) for _ in range(MOST_CLIENTS)]
        for each in clients[:-1]:
            await each.ask({"id": 1, "method": "ReportFailure"})

        refused = await clients[-1].answer()

        assert refused
        assert refused["error"]["code"] == "RESOURCE_EXHAUSTED"
        assert await clients[-1].answer() is None
    assert "response" in await caller.ask({"id": 1, "method": "ReportFailure"})


async def test_a_call_that_runs_when_the_agent_stops_is_answered(
    path: Path, service: Service
) -> None:
    service.let.clear()
    async with contextlib.AsyncExitStack() as serving:
        await serving.enter_async_context(serve_lines(path, service))
        async with client(path) as caller:
            caller.send({"id": 1, "method": "ReportFailure", "request": FAILURE})
            await service.asked.wait()
            asyncio.get_running_loop().call_soon(service.let.set)
            await serving.aclose()

            answer = await caller.answer()
            assert answer
            assert answer["id"] == 1
            assert await caller.answer() is None


async def test_an_engine_that_sends_while_the_agent_stops_leaves_nothing_in_the_log(
    path: Path, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.let.clear()
    request = {"id": 1, "method": "ReportFailure", "request": FAILURE}
    line = json.dumps(request).encode() + b"\n"
    async with contextlib.AsyncExitStack() as serving:
        await serving.enter_async_context(serve_lines(path, service))
        async with client(path) as caller:
            caller.send(line)
            await service.asked.wait()
            stopping = asyncio.create_task(serving.aclose())
            for _ in range(200):
                caller.send(line)
                await caller.writer.drain()
                await asyncio.sleep(0)
            service.let.set()
            await stopping
            answers = [answer async for answer in caller.reader]

    assert json.loads(answers[0])["id"] == 1
    assert len(answers) < 100
    assert [record.getMessage() for record in caplog.records] == []


async def test_the_socket_is_for_its_owner_and_group_and_is_made_anew(
    path: Path, service: Service
) -> None:
    for _ in range(2):  # what the first left behind is in nobody's way
        async with serve_lines(path, service):
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o660


async def test_a_place_where_nothing_can_be_served_is_refused(
    path: Path, service: Service, tmp_path: Path
) -> None:
    async with serve_lines(path, service):
        with pytest.raises(UnavailableError, match="another process serves there"):
            await serve_lines(path, service).__aenter__()
    with pytest.raises(ConfigInvalidError, match="cannot listen there"):
        await serve_lines(tmp_path / "none" / "engine.jsonl", service).__aenter__()
