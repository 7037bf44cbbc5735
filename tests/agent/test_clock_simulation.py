"""What the clock probe's filter and the selection state, in thousands of made-up worlds."""

from datetime import timedelta
from statistics import median, quantiles

import pytest

from sonde_core.clock import Estimate
from sonde_core.evidence import Evidence, by_kind_and_subject
from sonde_core.findings import Verdict
from sonde_core.readings import Kind, NtpSample, Reading, Subject
from sonde_core.rules import clock
from tests.agent.clock_world import Run, runs
from tests.core.hosts import NOW

_LIMIT = timedelta(seconds=1)


@pytest.fixture(scope="module", params=[2_000, pytest.param(50_000, marks=pytest.mark.soak)])
def made(request: pytest.FixtureRequest) -> list[tuple[Run, Estimate]]:
    """Return many runs, in nearly all of which more than half of the sources could agree."""
    found = [(run, run.found) for run in runs(20_300_101, request.param) if run.found]
    assert len(found) >= 0.99 * request.param
    return found


def test_the_stated_bound_holds_the_truth(made: list[tuple[Run, Estimate]]) -> None:
    held = sum(abs(found.offset - run.truth) <= found.bound for run, found in made)

    assert held >= 0.999 * len(made)


def test_what_verdicts_rest_on_holds_the_truth_always(made: list[tuple[Run, Estimate]]) -> None:
    missed = [run for run, found in made if not found.least <= run.truth <= found.most]

    assert missed == []


def test_the_bound_is_hardly_wider_than_the_way_makes_it(made: list[tuple[Run, Estimate]]) -> None:
    assert median(found.bound / run.best_possible for run, found in made) <= 1.2


def test_the_error_is_under_half_of_a_single_question_to_one_server(
    made: list[tuple[Run, Estimate]],
) -> None:
    ours = [abs(found.offset - run.truth) for run, found in made]
    single = [abs(run.single_shot - run.truth) for run, _ in made]

    assert _at_95(ours) < _at_95(single) / 2


_SIDES = {
    timedelta(): Verdict.UNKNOWN,  # exactly at the limit nobody can know on which side
    timedelta(seconds=-0.6): Verdict.CLEAR,
    timedelta(seconds=0.6): Verdict.FOUND,
}
_WRONG = {"CLOCK_AHEAD": 1, "CLOCK_BEHIND": -1}
"""Which sign the offset of a host has whose clock is wrong that way."""


@pytest.mark.parametrize("cause", _WRONG)
def test_one_falseticker_of_three_never_flips_a_verdict(cause: str) -> None:
    three = [run for run in runs(7, 200, servers=(3,)) if len(run.told) == 3]
    for run in three:
        for name in run.told:
            for lie in (-1.9, -0.03, 0.004, 0.03, 1.9):
                for side in _SIDES:
                    _compare(run, name, timedelta(seconds=lie), cause, side)


def _compare(run: Run, liar: str, lie: timedelta, cause: str, side: timedelta) -> None:
    """Put the host to one side of the limit, let one of three lie, and look at what is said."""
    off = _WRONG[cause] * (_LIMIT + side)
    # Whoever lied by himself is put right: there is one liar here.
    honest = {n: e for n, e in run.told.items() if n != liar and not n.startswith("liar")}
    if len(honest) != 2:
        return
    told = {name: (each.offset - run.truth + off, each.bound) for name, each in honest.items()}
    told[liar] = (off + lie, timedelta(milliseconds=1))
    verdicts = _verdicts(told)
    assert verdicts.pop(cause) is _SIDES[side], (run, liar, lie, side)
    assert [*verdicts.values()] == [Verdict.CLEAR], (run, liar, lie, side)


def _verdicts(told: dict[str, tuple[timedelta, timedelta]]) -> dict[str, Verdict]:
    readings = [
        Reading(
            kind=Kind.NTP,
            subject=Subject("source", name),
            time=NOW,
            value=NtpSample(
                offset=offset,
                delay=2 * bound,
                root_delay=timedelta(),
                root_dispersion=timedelta(),
                stratum=2,
                reference_id="",
                samples=4,
            ),
        )
        for name, (offset, bound) in told.items()
    ]
    evidence = Evidence(now=NOW, readings=by_kind_and_subject(readings))
    return {finding.cause: finding.verdict for finding in clock.examine(evidence)}


def _at_95(spans: list[timedelta]) -> float:
    return quantiles([span.total_seconds() for span in spans], n=20)[-1]
