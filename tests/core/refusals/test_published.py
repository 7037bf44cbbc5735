"""The lists of errors are whole, and every row says what it has to say."""

import json
import re
import subprocess
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from sonde_core.catalogue import CATALOGUE
from sonde_core.refusals import Surface, by_message, meanings
from sonde_core.refusals.table import Row, table

ROOT = Path(__file__).parents[3]
PUBLISHED = [row for row in table().rows if not row.observed]
EVERYWHERE = [
    (row, Surface(surface), code)
    for row in table().rows
    for surface in row.surfaces
    for code in row.codes
]
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_the_compiled_lists_are_current() -> None:
    script = "from deploy.compile_refusals import compiled; print(compiled(), end='')"
    fresh = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    compiled = resources.files("sonde_core.refusals").joinpath("compiled.json")

    assert json.loads(compiled.read_bytes()) == json.loads(fresh.stdout), "make catalogue"


def test_every_row_that_the_exchange_publishes_is_there() -> None:
    rows = Counter(surface for row in PUBLISHED for surface in row.surfaces)
    codes = {code for row in PUBLISHED for code in row.codes}

    assert rows == {"spot": 206, "usdm": 259, "coinm": 194, "papi": 221, "sapi": 294, "ws": 31}
    assert (rows.total(), len(codes)) == (1205, 458)


def test_every_cause_of_a_row_is_one_of_the_catalogue_and_named_once() -> None:
    for row in table().rows:
        assert set(row.causes) <= set(CATALOGUE.causes), row
        assert len(set(row.causes)) == len(row.causes) > 0, row


def test_a_row_without_a_cause_has_a_title_and_every_title_is_in_both_languages() -> None:
    for row in table().rows:
        assert row.causes[0] != "OTHER" or row.title is not None, row
        if row.title is not None:
            assert row.title.keys() == {"en", "zh"}, row
            assert HAN.search(row.title["zh"]), row
            assert not HAN.search(row.title["en"]), row


def test_every_kind_of_steps_has_its_two_phrases_and_is_used() -> None:
    kinds = {row.steps for row in table().rows if row.steps}
    phrases = {id_.removeprefix("do_") for id_ in CATALOGUE.phrases if id_.startswith("do_")}

    assert phrases == {f"{kind}{then}" for kind in {*kinds, "other"} for then in ("", "_then")}


@pytest.mark.parametrize(
    ("code", "surface", "cause"),
    [
        (-1005, Surface.USDM, "OTHER"),
        (-1181, Surface.SPOT, "OTHER"),
        (-6009, Surface.SAPI, "OTHER"),
        (-12014, Surface.SAPI, "OTHER"),
        (-5041, Surface.PAPI, "OTHER"),
        (-4105, Surface.USDM, "SYMBOL_INVALID"),
        (-4519, Surface.PAPI, "SYMBOL_INVALID"),
        (-3014, Surface.SAPI, "OTHER"),
        (-3036, Surface.SAPI, "OTHER"),
        (-4067, Surface.USDM, "POSITION_MODE_MISMATCH"),
        (-4068, Surface.COINM, "POSITION_MODE_MISMATCH"),
        (-4200, Surface.COINM, "LEVERAGE_OR_MARGIN_MODE"),
        (-4206, Surface.USDM, "LEVERAGE_OR_MARGIN_MODE"),
        (-4403, Surface.USDM, "LEVERAGE_OR_MARGIN_MODE"),
    ],
)
def test_what_a_cause_would_misname_has_another_cause_or_a_title_and_steps_of_its_own(
    code: int, surface: Surface, cause: str
) -> None:
    (found,) = meanings(code, "", surface)

    assert found.cause == cause
    assert found.title
    assert found.steps


def test_a_title_is_one_short_line_without_a_full_stop() -> None:
    for row in table().rows:
        for title in (row.title or {}).values():
            assert title == title.strip(" .。"), row
            assert len(title) <= 90, row
        if row.title is not None:
            assert row.title["en"][0].isupper(), row


def test_one_error_has_one_meaning_wherever_it_is_listed_twice() -> None:
    seen: dict[tuple[Surface, int, str], Row] = {}
    for row, surface, code in EVERYWHERE:
        first = seen.setdefault((surface, code, row.message), row)
        assert (first.causes, first.title) == (row.causes, row.title), row


def test_every_row_is_found_by_its_surface_code_and_message() -> None:
    for row, surface, code in EVERYWHERE:
        (found,) = meanings(code, row.message, surface)
        assert (found.surface, found.code) == (surface, code)
        assert (found.cause, found.title) == (row.causes[0], row.title), row


def test_every_row_is_among_what_its_code_and_message_mean_without_a_surface() -> None:
    for row, _, code in EVERYWHERE:
        found = meanings(code, row.message)
        assert (row.causes[0], row.title) in [(it.cause, it.title) for it in found], row


def test_every_row_with_a_message_is_found_by_its_message() -> None:
    for row in table().rows:
        if row.message:
            found = by_message(row.message)
            assert (row.causes[0], row.title) in [(it.cause, it.title) for it in found], row


def test_no_row_asks_for_a_permission_to_withdraw() -> None:
    for row in table().rows:
        if "PERMISSION_MISSING" in row.causes:
            assert "withdraw" not in row.message.lower() + row.name.lower(), row


@pytest.mark.parametrize("surface", Surface)
def test_a_code_means_what_its_surface_says_without_a_message_too(surface: Surface) -> None:
    codes = {code for row, it, code in EVERYWHERE if it is surface and row.codes == [code]}

    assert [code for code in codes if meanings(code, "", surface)[0].surface is not surface] == []
