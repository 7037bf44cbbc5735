"""What several clocks together say."""

from hypothesis import given
from hypothesis import strategies as st

from sonde_core.clock import Estimate, majority
from tests.core.hosts import ms


def estimate(offset_ms: float, bound_ms: float) -> Estimate:
    return Estimate(offset=ms(offset_ms), bound=ms(bound_ms))


def test_the_tightest_of_the_majority_is_believed() -> None:
    found = majority({"a": estimate(10, 50), "b": estimate(20, 5), "c": estimate(900, 3)})

    assert found
    assert (found.offset, found.bound) == (ms(20), ms(5))
    assert (found.agreeing, found.disagreeing) == (("a", "b"), ("c",))


def test_a_bound_that_the_others_cannot_confirm_widens_to_what_they_cover() -> None:
    found = majority({"near": estimate(9, 2), "b": estimate(0, 20), "c": estimate(-1, 15)})

    assert found
    assert (found.offset, found.bound, found.disagreeing) == (ms(9), ms(25), ())


def test_a_bound_that_half_of_it_holds_more_than_half_of_the_midpoints_stands() -> None:
    found = majority({"near": estimate(1, 4), "b": estimate(0, 20), "c": estimate(-9, 15)})

    assert found
    assert (found.offset, found.bound) == (ms(1), ms(4))


def test_midpoints_that_no_intersection_holds_do_not_silence_two_sources() -> None:
    found = majority({"near": estimate(0, 10), "far": estimate(30, 25)})

    assert found
    assert (found.offset, found.agreeing) == (ms(0), ("far", "near"))


def test_a_falseticker_needs_as_many_more_liars_as_its_midpoint_is_out() -> None:
    told = {"a": estimate(0, 10), "b": estimate(2, 10), "c": estimate(9, 10), "d": estimate(40, 5)}

    found = majority(told)

    assert found
    assert found.disagreeing == ("d",)


def test_half_is_no_majority() -> None:
    assert majority({"a": estimate(0, 5), "b": estimate(100, 5)}) is None


def test_one_source_is_its_own_majority() -> None:
    found = majority({"a": estimate(7, 5)})

    assert found
    assert (found.offset, found.agreeing) == (ms(7), ("a",))


def test_nobody_is_no_majority() -> None:
    assert majority({}) is None


@given(
    truth=st.integers(-10_000, 10_000),
    errors=st.lists(st.tuples(st.integers(0, 500), st.floats(-1, 1)), min_size=2, max_size=8),
    lie=st.integers(2_000, 10**6),
)
def test_one_liar_never_moves_the_verdict_of_honest_sources(
    truth: int, errors: list[tuple[int, float]], lie: int
) -> None:
    honest = {
        f"honest{i}": estimate(truth + bound * share, bound)
        for i, (bound, share) in enumerate(errors)
    }

    found = majority({**honest, "liar": estimate(truth + lie, 1)})

    assert found is not None
    assert found.disagreeing == ("liar",)
    assert found.least <= ms(truth) + ms(0.001)
    assert ms(truth) - ms(0.001) <= found.most
