"""Every drill, with real agents and a real service."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonde_core.exits import Exit
from sonde_lab.drills.drill import Drill
from sonde_lab.drills.every import DRILLS
from sonde_lab.drills.judge import OF_THIS_MACHINE
from sonde_lab.drills.orders import USUAL
from sonde_lab.drills.patient import set_up
from sonde_lab.drills.rehearsal import Result, rehearse
from sonde_lab.stage import Stage, command, ready, stage


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Result]:
    """Run them side by side, once for all tests."""
    home = tmp_path_factory.mktemp("drills")
    results = asyncio.run(rehearse(list(DRILLS.values()), home, lambda _: None))
    return {result.drill.name: result for result in results}


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_comes_out_right(name: str, results: Mapping[str, Result]) -> None:
    diagnosed = results[name].diagnosed
    wrong = {
        f"step {each.step}, order of checks: {each.order.name}": each.complaints
        for each in diagnosed
        if each.complaints
    }

    assert wrong == {}
    assert len(diagnosed) == len(DRILLS[name].steps) * len(DRILLS[name].orders)


async def test_the_command_says_the_same_and_exits_as_the_drills_say(tmp_path: Path) -> None:
    drills = [DRILLS[name] for name in ("healthy", "futures-off", "no-ip-list", "agent-died")]

    async with stage(tmp_path) as here:
        await here.set_up_service()
        said = [await diagnosed_by_command(drill, here) for drill in drills]

    assert [code for code, _ in said] == [Exit.HEALTHY, Exit.FAILURE, Exit.WARNING, Exit.SILENT]
    assert [found for _, found in said] == [
        [(each.cause, each.confidence, each.subject) for each in drill.steps[0].expected.found]
        for drill in drills
    ]


async def diagnosed_by_command(drill: Drill, here: Stage) -> tuple[int, list[Any]]:
    """Return what `sonde diagnose --json` exits with, and what it finds on a drill's host."""
    patient = await set_up(here, here.stack, drill.name, drill)
    await ready([here.service])
    async for _ in patient.diagnoses(replace(drill, orders=(USUAL,))):
        pass
    process = await asyncio.create_subprocess_exec(
        *command("sonde", "diagnose", f"{drill.name}.usual", "--json"),
        env={**os.environ, "SONDE_SERVICE": here.service},
        stdout=asyncio.subprocess.PIPE,
    )
    line, _ = await process.communicate()
    found = [
        (each["cause"], each["confidence"], each["subject"]["name"])
        for each in json.loads(line)["findings"]
        if each["verdict"] == "found" and each["cause"] not in OF_THIS_MACHINE
    ]
    return process.returncode or 0, found
