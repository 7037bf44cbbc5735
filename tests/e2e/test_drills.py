"""Every drill, with real agents and a real service."""

import asyncio
from collections.abc import Mapping

import pytest

from sonde_lab.drills.every import DRILLS
from sonde_lab.drills.rehearsal import Result, rehearse


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Result]:
    """Run them side by side, once for all tests."""
    home = tmp_path_factory.mktemp("drills")
    results = asyncio.run(rehearse(DRILLS.values(), home, lambda _: None))
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
