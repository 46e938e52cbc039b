"""The Pareto front and the limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.measurement import Measurement
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Variant
from tinystudio.session.front import Limits, best_within, front_of, pareto_front, violated
from tinystudio.session.marks import Mark, ProjectVariant

POINTS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=30)


def listed(id: str, series: str = "s", **figures: object) -> ProjectVariant:
    measurement = Measurement.model_validate(figures)
    variant = Variant(
        id=id,
        network="n",
        data="d",
        seed=0,
        recipe=Recipe(),
        series=series,
        measurement=measurement,
    )
    return ProjectVariant(variant, Mark(), measurement)


def is_better(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[0] and one[1] >= other[1] and one != other


@given(POINTS)
def test_a_point_is_on_the_front_exactly_when_none_is_better(points: list[tuple[int, int]]) -> None:
    front = set(pareto_front(((cost, score), cost, score) for cost, score in points))
    assert front == {one for one in points if not any(is_better(other, one) for other in points)}


@given(POINTS)
def test_along_the_front_cost_and_score_rise_together(points: list[tuple[int, int]]) -> None:
    front = pareto_front(((cost, score), cost, score) for cost, score in points)
    assert list(front) == sorted(front)
    assert [score for _, score in front] == sorted({score for _, score in front})


def test_what_was_not_timed_is_not_on_the_front_of_latency() -> None:
    timed = listed("a", score=0.5, latency_ms=2.0)
    untimed = listed("b", score=0.9)
    assert front_of([timed, untimed], "latency_ms") == (timed,)


def test_where_less_is_better_the_front_prefers_the_lower_score() -> None:
    bad = listed("a", score=0.9, size_bytes=10, higher_is_better=False)
    good = listed("b", score=0.1, size_bytes=10, higher_is_better=False)
    assert front_of([bad, good], "size_bytes") == (good,)


def test_a_control_is_not_on_the_front_and_keeps_nothing_off_it() -> None:
    control = listed("a", "random-control", score=0.9, size_bytes=10)
    made = listed("b", score=0.8, size_bytes=20)
    assert front_of([control, made], "size_bytes") == (made,)


def test_a_control_is_never_the_best_within_limits() -> None:
    control = listed("a", "random-control", score=0.9, size_bytes=10)
    made = listed("b", score=0.8, size_bytes=20)
    assert best_within([control, made], Limits(size_bytes=30)) == made
    assert best_within([control], Limits(size_bytes=30)) is None


def test_a_limit_is_violated_only_when_the_whole_interval_lies_beyond() -> None:
    limits = Limits(latency_ms=5.0, score=0.8)
    close = listed(
        "a", latency_ms=5.2, latency_interval_ms=(4.9, 5.5), score=0.79, score_interval=(0.75, 0.83)
    )
    beyond = listed(
        "b", latency_ms=5.2, latency_interval_ms=(5.1, 5.5), score=0.7, score_interval=(0.65, 0.75)
    )
    assert violated(close.measurement, limits) == ()
    assert violated(beyond.measurement, limits) == ("latency_ms", "score")


def test_the_best_has_the_highest_score_inside_the_limits_and_then_the_smallest_file() -> None:
    variants = [
        listed("large", score=0.99, size_bytes=900),
        listed("small", score=0.9, size_bytes=50),
        listed("smaller", score=0.9, size_bytes=40),
        listed("unmeasured", score=0.95),
    ]
    best = best_within(variants, Limits(size_bytes=100))
    assert best is not None
    assert best.id == "smaller"
    assert best_within(variants, Limits(size_bytes=1)) is None
