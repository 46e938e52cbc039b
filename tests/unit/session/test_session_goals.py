"""Goals: how they are read, when one is broken, and which variant is chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant
from tinystudio.session.baseline import compared
from tinystudio.session.goals import (
    FIGURES,
    Figure,
    Goal,
    best_for,
    default_goals,
    interval_of,
    meets,
    parse_goal,
)
from tinystudio.session.marks import Mark, ProjectVariant

SMALL = Recipe(steps=(Step.of("dynamic-quantization"),))


def listed(id: str, series: str = "s", recipe: Recipe = SMALL, **figures: object) -> ProjectVariant:
    measurement = Measurement.model_validate(figures)
    variant = Variant(
        id=id, network="n", data="d", seed=0, recipe=recipe, series=series, measurement=measurement
    )
    return ProjectVariant(variant, Mark(), measurement)


@given(st.sampled_from(FIGURES), st.floats(allow_nan=False, allow_infinity=False))
def test_what_a_goal_says_is_read_back_as_it_was(figure: Figure, limit: float) -> None:
    assert parse_goal(f" {figure} <= {limit!r} ") == Goal(figure, limit)


@pytest.mark.parametrize(
    "text", ["", "size_bytes", "size_bytes<5", "beauty<=3", "size_bytes<=small", "latency_ms<=nan"]
)
def test_a_goal_that_makes_no_sense_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_goal(text)
    assert "accuracy_drop<=0.01" in caught.value.hint


def test_a_limit_is_broken_only_when_the_whole_interval_lies_beyond() -> None:
    goal = (Goal("accuracy_drop", 0.01),)
    assert meets(listed("a", score_change=-0.03, score_change_interval=(-0.06, -0.005)), goal)
    assert not meets(listed("b", score_change=-0.03, score_change_interval=(-0.06, -0.02)), goal)


def test_a_figure_that_is_not_known_meets_no_goal() -> None:
    assert not meets(listed("a"), [Goal("latency_ms", 1e9)])


def test_a_time_of_another_cpu_meets_no_goal() -> None:
    stale = listed("a", latency_ms=1.0, latency_ms_status="stale")
    assert not meets(stale, [Goal("latency_ms", 5.0)])


def test_where_less_is_better_a_rise_is_a_drop() -> None:
    worse = listed("a", score_change=0.2, higher_is_better=False)
    assert interval_of(worse, "accuracy_drop") == (0.2, 0.2)


def test_the_original_drops_by_nothing_and_takes_its_own_time() -> None:
    original = listed("a", recipe=Recipe(), score=0.9)
    assert meets(original, [Goal("accuracy_drop", 0.0), Goal("latency_ratio", 1.0)])


def test_losses_and_ratios_count_from_the_baseline_where_one_was_chosen() -> None:
    original = listed("a", recipe=Recipe(), score=0.9, latency_ms=1.0, size_bytes=40)
    base = listed("b", score=0.85, score_change=-0.05, latency_ms=0.5, latency_ratio=0.5,
                  size_bytes=20)  # fmt: skip
    small = listed("c", score=0.845, score_change=-0.055, latency_ms=0.4, latency_ratio=0.4,
                   size_bytes=10)  # fmt: skip
    goals = [Goal("accuracy_drop", 0.01)]
    assert best_for((original, base, small), goals, "size_bytes") is original
    turned = [compared(item, base) for item in (original, base, small)]
    found = best_for(turned, goals, "size_bytes")
    assert found is not None and found.id == "c"
    assert meets(turned[1], [Goal("accuracy_drop", 0.0), Goal("latency_ratio", 1.0)])
    assert not meets(turned[0], [Goal("latency_ratio", 1.0)])  # the original is twice as slow


def test_the_best_is_the_smallest_that_meets_the_goals() -> None:
    good = listed("a", score=0.9, score_change=-0.005, size_bytes=20)
    larger = listed("b", score=0.95, score_change=0.0, size_bytes=30)
    worse = listed("c", score=0.5, score_change=-0.4, size_bytes=10)
    assert best_for([worse, larger, good], default_goals(None), "size_bytes") is good
    assert best_for([worse], default_goals(None), "size_bytes") is None


def test_of_equal_sizes_the_better_score_wins() -> None:
    one = listed("a", score=0.90, score_change=0.0, size_bytes=20)
    other = listed("b", score=0.91, score_change=0.0, size_bytes=20)
    assert best_for([one, other], default_goals(None), "size_bytes") is other


def test_a_random_control_is_never_chosen() -> None:
    control = listed("a", "random-control", score=0.9, score_change=0.0, size_bytes=1)
    assert best_for([control], default_goals(None), "size_bytes") is None


@pytest.mark.parametrize(
    ("metric", "score", "drop"),
    [("accuracy", 0.9, 0.01), ("psnr", 31.0, 0.5), ("mean-absolute-error", 5.0, 0.1)],
)
def test_the_usual_goal_is_a_loss_that_nobody_would_miss_in_the_metric_s_unit(
    metric: str, score: float, drop: float
) -> None:
    (goal,) = default_goals(Measurement(metric=metric, score=score, score_status="measured"))
    assert str(goal) == f"accuracy_drop<={drop:g}"
