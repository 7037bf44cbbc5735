"""Jobs run beside the agent's answers, and a bug in one stops nothing else."""

import asyncio
import logging
from collections import Counter
from datetime import timedelta

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

    async with beside({"job": job}, Counter()):
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

    failures: Counter[str] = Counter()
    with caplog.at_level(logging.ERROR):
        async with beside({"buggy": buggy, "sound": sound}, failures):
            await other.wait()

    assert failures == {"buggy": 1, "sound": 0}
    [record] = caplog.records
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


async def test_a_job_that_a_bug_ended_begins_again() -> None:
    third, failures = asyncio.Event(), Counter[str]()

    async def buggy() -> None:
        if failures["buggy"] < 2:
            raise ZeroDivisionError
        third.set()

    async with beside({"buggy": buggy}, failures, first_pause=timedelta(milliseconds=1)):
        async with asyncio.timeout(20):
            await third.wait()

    assert failures == {"buggy": 2}
