"""Size budgets, so that growth is a decision."""

import ast
import statistics
from pathlib import Path

import pytest

from tests.contract.tree import AROUND, ROOT, WRITTEN, sources

LONGEST, NINE_OF_TEN, MEDIAN = 60, 25, 8
LONGEST_FILE = 400

each_part = pytest.mark.parametrize(
    "folders",
    [pytest.param(WRITTEN, id="the product"), pytest.param(AROUND, id="what builds and tests it")],
)


@each_part
def test_functions_are_short(folders: tuple[str, ...]) -> None:
    lengths = _function_lengths(sources(folders))
    ordered = sorted(lengths.values())

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert ordered[len(ordered) * 9 // 10] <= NINE_OF_TEN, _longest(lengths)
    assert statistics.median(ordered) <= MEDIAN


@each_part
def test_files_are_short(folders: tuple[str, ...]) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources(folders)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def _function_lengths(files: list[Path]) -> dict[str, int]:
    lengths = {}
    for path in files:
        text = path.read_text()
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                lengths[name] = _length(node, lines)
    return lengths


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Return the number of lines, without the docstring and blank lines."""
    counted = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    if ast.get_docstring(node) is not None:
        docstring = node.body[0]
        counted -= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return sum(1 for number in counted if lines[number - 1].strip())


def _longest(lengths: dict[str, int]) -> str:
    over = sorted(
        ((length, name) for name, length in lengths.items() if length > NINE_OF_TEN), reverse=True
    )
    listed = "\n".join(f"{length:4} {name}" for length, name in over)
    return f"{len(over)} of {len(lengths)} functions are over {NINE_OF_TEN} lines:\n{listed}"
