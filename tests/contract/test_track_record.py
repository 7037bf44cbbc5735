"""The record of bugs names what is there, so that `make soak` can prove it."""

import re

import pytest

from tests.contract.tree import ROOT
from tests.track_record.bug import Bug
from tests.track_record.bugs import BUGS

ROW = re.compile(r"^\| ([a-z0-9-]+) \| [^|]+\. \| `([^`|]+)` \| \d{4}-\d\d-\d\d \|$", re.MULTILINE)


def test_the_record_has_a_row_for_each_bug_in_the_same_order() -> None:
    rows = ROW.findall((ROOT / "docs" / "track-record.md").read_text())

    assert rows == [(bug.name, bug.test) for bug in BUGS]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_can_be_brought_back_and_its_test_exists(bug: Bug) -> None:
    path, _, name = bug.test.partition("::")

    assert (ROOT / bug.file).read_text().count(bug.right) == 1
    assert bug.wrong != bug.right
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
