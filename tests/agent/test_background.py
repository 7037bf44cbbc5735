"""Jobs run beside the agent's answers, and a bug in one stops nothing else."""

import asyncio
import logging

import pytest

from sonde_agent.background import beside


async def test_jobs_run_for_as_long_as_the_block_lasts() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def job() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside(job()):
        await began.wait()
        assert not ended.is_set()
    assert ended.is_set()


async def test_a_bug_in_one_job_is_logged_and_costs_that_one_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = asyncio.Event()

    async def buggy() -> None:
        raise ZeroDivisionError

    async def sound() -> None:
        other.set()

    with caplog.at_level(logging.ERROR):
        async with beside(buggy(), sound()):
            await other.wait()

    [record] = caplog.records
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError
