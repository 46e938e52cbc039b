"""Changes and verdicts against another variant than the original, worked out and not measured."""

from __future__ import annotations

import math

import pytest
from session_events import ORIGINAL, SMALL, variant

from tinystudio.core.measurement import Measurement
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.baseline import Comparisons, against, compared
from tinystudio.session.marks import Mark, ProjectVariant


def figures(score: float, change: float, half: float, ratio: float, spread: float) -> Measurement:
    return Measurement(
        score=score, score_status="measured", score_interval=(score - 0.05, score + 0.05),
        score_change=change, score_change_interval=(change - half, change + half),
        score_tied=abs(change) <= half, split="validation", samples=500,
        size_bytes=100, size_bytes_status="measured",
        latency_ms=ratio, latency_ms_status="measured", latency_ratio=ratio,
        latency_ratio_interval=(ratio / spread, ratio * spread), latency_ratio_status="measured",
        verdict="faster", verdict_status="measured",
    )  # fmt: skip


def original() -> Measurement:
    return Measurement(
        score=0.9, score_status="measured", score_interval=(0.85, 0.95), split="validation",
        samples=500, size_bytes=200, size_bytes_status="measured", latency_ms=1.0,
        latency_ms_status="measured",
    )  # fmt: skip


A = figures(0.86, -0.04, 0.01, 0.5, 1.02)
B = figures(0.87, -0.03, 0.02, 0.4, 1.03)


def test_a_change_is_the_difference_of_two_changes_and_holds_both_uncertainties() -> None:
    found = against(B, A, "a")
    assert found.score_change == pytest.approx(0.01)
    assert found.score_change_interval is not None
    low, high = found.score_change_interval
    assert (high - low) / 2 == pytest.approx(math.hypot(0.01, 0.02))
    assert found.score_tied and found.compared_with == "a"


def test_the_original_against_a_variant_is_the_paired_comparison_turned_round() -> None:
    found = against(original(), A, "a")
    assert found.score_change == pytest.approx(0.04)
    assert found.score_change_interval == pytest.approx((0.03, 0.05))
    assert not found.score_tied
    assert found.latency_ratio == pytest.approx(2.0)
    assert found.verdict == "slower"


def test_ratios_are_divided_and_their_intervals_joined() -> None:
    found = against(B, A, "a")
    assert found.latency_ratio == pytest.approx(0.8)
    assert found.latency_ratio_interval is not None
    width = math.log(found.latency_ratio_interval[1] / 0.8)
    assert width == pytest.approx(math.hypot(math.log(1.02), math.log(1.03)))
    assert (found.verdict, found.latency_ratio_status) == ("faster", "estimated")
    assert "timed against the original" in found.verdict_reason


def test_what_overlaps_is_called_the_same() -> None:
    near = figures(0.86, -0.04, 0.01, 0.51, 1.03)
    assert against(near, A, "a").verdict == "same"


@pytest.mark.parametrize(
    "stale", [{"latency_ms_status": "stale", "score_status": "stale"}, {"split": "test"}]
)
def test_what_cannot_be_compared_is_not(stale: dict[str, str]) -> None:
    found = against(B, A.model_copy(update=stale), "a")
    assert found.score_change is None and found.score_tied is None
    if "latency_ms_status" in stale:
        assert found.latency_ratio is None and found.verdict == "unknown"


def item(recipe: Recipe, measured: Measurement) -> ProjectVariant:
    return ProjectVariant(variant(recipe), Mark(), measured)


def test_the_baseline_itself_is_compared_with_nothing_and_the_original_is_one_of_the_others() -> (
    None
):
    first, base = item(ORIGINAL, original()), item(SMALL, A)
    assert first.is_reference and not base.is_reference
    turned = [compared(it, base) for it in (first, base)]
    assert [it.is_reference for it in turned] == [False, True]
    assert turned[1].measurement.score_change is None and turned[1].measurement.latency_ms == 0.5


def test_what_has_not_changed_stays_the_same_object() -> None:
    other = Recipe(steps=(Step.of("static-quantization"),))
    base, one = item(SMALL, A), item(other, B)
    comparisons = Comparisons()
    before = comparisons.of((base, one), base)
    newer = item(other, figures(0.5, -0.4, 0.01, 0.4, 1.02))
    after = comparisons.of((base, newer), base)
    assert after[0] is before[0] and after[1] is not before[1]
    assert comparisons.of((base, one), None) == (base, one)
