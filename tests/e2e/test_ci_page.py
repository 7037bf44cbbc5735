"""What docs/ci.md tells people to copy does what it says."""

import asyncio
import os
import re
import shlex
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.commands import Command
from tests.contract.tree import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


async def test_the_script_starts_an_agent_tests_it_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    (script,) = blocks("sh")
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "smoke.sh").write_text(script)
    (tmp_path / "tmp").mkdir()
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    process = await asyncio.create_subprocess_exec(
        "bash", "ci/smoke.sh",
        cwd=tmp_path,
        env={"PATH": path, "TMPDIR": str(tmp_path / "tmp"), "LANG": "C.UTF-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip

    out, err = await asyncio.wait_for(process.communicate(), timeout=60)

    assert process.returncode == 0, (out, err)
    (suite,) = ElementTree.parse(tmp_path / "smoke.xml").getroot().findall("testsuite")
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert (tmp_path / "agent.log").read_text().count('"Serving"') == 1
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("pipeline", blocks("yaml"), ids=["GitHub", "GitLab"])
def test_each_pipeline_runs_the_script_and_keeps_the_files_that_it_writes(pipeline: str) -> None:
    (script,) = blocks("sh")

    assert "bash ci/smoke.sh" in pipeline
    assert 'pip install ".[lab]"' in pipeline
    for file in ("smoke.xml", "agent.log"):
        assert file in pipeline
        assert file in script


@pytest.mark.parametrize("command", blocks("console"))
async def test_each_command_names_options_that_exist(command: str) -> None:
    words = shlex.split(command.removeprefix("$ ").replace("\\\n", " "))
    spoilt = [*words[1:], "--timeout", "never"]  # the last thing read, so nothing is called

    told = await Command(words[0])(*spoilt)

    assert "'--timeout'" in told.err, told.err
