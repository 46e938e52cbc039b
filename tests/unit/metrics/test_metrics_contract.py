"""What every metric promises: a mean per sample, an interval around it, words where it misfits."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.intervals import paired_difference
from tinystudio.metrics import find_metric, metrics
from tinystudio.metrics.metric import Metric

EVERY = pytest.mark.parametrize("metric", metrics(), ids=[item.id for item in metrics()])
STEPS = pytest.mark.parametrize(
    "metric",
    [item for item in metrics() if item.classifies and item.id != "auc"],
    ids=lambda item: item.id,
)
SEEDS = st.integers(0, 2**32 - 1)


def case(metric: Metric, seed: int, count: int = 40) -> tuple[tuple[Array, ...], Array]:
    """Return outputs and truth that fit a metric, half good."""
    rng = np.random.default_rng(seed)
    if metric.classifies:
        labels = np.concatenate([np.arange(6), rng.integers(0, 6, count - 6)])
        return (rng.normal(size=(count, 6)) + np.eye(6)[labels],), labels
    top = getattr(metric, "peak", 1.0)
    wanted = top * rng.uniform(size=(count, 1, 12, 12))
    outputs = (wanted + top * rng.normal(size=wanted.shape) * rng.uniform(0, 1, (count, 1, 1, 1)),)
    samples = Samples((wanted,), np.arange(count) % 2, np.arange(count))
    if metric.id == "anomaly-auc":
        truth = metric.truth(samples)
        assert truth is not None
        return outputs, truth
    return outputs, wanted


@EVERY
class TestEveryMetric:
    def test_it_says_what_it_is(self, metric: Metric) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", metric.id)
        assert metric.title
        assert metric.needs
        assert metric.help.endswith(".")
        assert metric.unit in ("%", "dB", "")
        assert not (metric.counts_right and not metric.classifies)

    @settings(max_examples=15, deadline=None)
    @given(seed=SEEDS)
    def test_what_each_sample_adds_averages_to_the_score(self, metric: Metric, seed: int) -> None:
        outputs, truth = case(metric, seed)
        values, score = metric.per_sample(outputs, truth), metric.score(outputs, truth)
        assert values.shape == (len(truth),)
        assert values.dtype == np.float64
        assert values.mean() == pytest.approx(score)
        low, high = metric.interval(outputs, truth)
        assert low <= score <= high
        assert metric.bounds[0] <= low
        assert high <= metric.bounds[1]

    def test_a_better_answer_scores_better(self, metric: Metric) -> None:
        (answers,), truth = case(metric, 0)
        best = (8 * np.eye(6)[truth] if metric.classifies else truth.reshape(len(truth), -1),)
        if metric.id == "anomaly-auc":
            best = (truth[:, 1:] + truth[:, :1],)
        else:
            best = (best[0].reshape(answers.shape),)
        better, worse = metric.score(best, truth), metric.score((answers,), truth)
        assert (better > worse) == metric.higher_is_better
        assert better in (pytest.approx(metric.bounds[metric.higher_is_better], abs=0.01),)

    def test_its_deviation_is_that_of_leaving_samples_out(self, metric: Metric) -> None:
        """The values' standard error is the jackknife's (Efron 1982), which needs no formula."""
        outputs, truth = case(metric, 1, 100)
        count = len(truth)
        without = np.array(
            [
                metric.score((np.delete(outputs[0], at, axis=0),), np.delete(truth, at, axis=0))
                for at in range(count)
            ]
        )
        jackknife = np.sqrt((count - 1) * np.square(without - without.mean()).mean())
        found = metric.per_sample(outputs, truth).std(ddof=1) / np.sqrt(count)
        if metric.id != "balanced-accuracy":  # it takes the classes' shares as given
            assert found == pytest.approx(jackknife, rel=0.08)

    def test_an_answer_without_a_number_is_told(self, metric: Metric) -> None:
        (answers,), truth = case(metric, 2)
        broken = answers.copy()
        right = answers.argmax(axis=1) == truth if metric.classifies else [True]
        broken[int(np.argmax(right))] = np.nan
        values = metric.per_sample((broken,), truth)
        assert not np.isfinite(values).all() or values.mean() <= metric.score((answers,), truth)

    def test_single_precision_is_enough(self, metric: Metric) -> None:
        (answers,), truth = case(metric, 3)
        small = truth if metric.classifies else truth.astype(np.float32)
        values = metric.per_sample((answers.astype(np.float32),), small)
        assert values.dtype == np.float64
        assert values.mean() == pytest.approx(metric.score((answers,), truth), rel=1e-4)

    def test_other_shapes_are_refused_in_words(self, metric: Metric) -> None:
        (answers,), truth = case(metric, 0)
        with pytest.raises(UserError) as caught:
            metric.score((answers[:-1],), truth)
        assert caught.value.hint


@STEPS
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_steps_of_sequences_are_answers_like_samples(metric: Metric, seed: int) -> None:
    """Every sequence as long, the score is that of all its steps as samples of their own."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(6), rng.integers(0, 6, 42)]).reshape(12, 4)
    scores = rng.normal(size=(12, 4, 6)) + 2 * np.eye(6)[labels]
    whole = metric.score((scores,), labels)
    assert whole == pytest.approx(metric.score((scores.reshape(48, 6),), labels.reshape(-1)))
    values = metric.per_sample((scores,), labels)
    assert values.shape == (12,)
    assert values.mean() == pytest.approx(whole)
    low, high = metric.interval((scores,), labels)
    assert low <= whole <= high


@STEPS
def test_every_pixel_can_have_a_class(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(54).reshape(2, 3, 9) % 6
    scores = rng.normal(size=(2, 6, 3, 9)) + 2 * np.moveaxis(np.eye(6)[labels], -1, 1)
    flat = np.moveaxis(scores, 1, -1).reshape(-1, 6)
    assert metric.score((scores,), labels) == pytest.approx(
        metric.score((flat,), labels.reshape(-1))
    )


def test_labels_per_step_need_scores_per_step() -> None:
    with pytest.raises(UserError, match=r"\(4, 3, 6\)") as caught:
        find_metric("perplexity").score((np.zeros((4, 3, 6)),), np.zeros((4, 5), np.int64))
    assert "(samples, steps, classes)" in caught.value.hint


def test_the_change_of_an_area_is_judged_on_pairs() -> None:
    """Two networks that err alike differ more surely than their own intervals say."""
    metric, rng = find_metric("auc"), np.random.default_rng(0)
    labels = np.arange(300) % 2
    scores = rng.normal(size=300) + labels
    close = scores + 0.05 * rng.normal(size=300) - 0.1 * labels
    before, after = (metric.per_sample((item[:, None],), labels) for item in (scores, close))
    change, (low, high) = paired_difference(before, after)
    assert change == pytest.approx(after.mean() - before.mean())
    own = metric.interval((scores[:, None],), labels)
    assert high - low < (own[1] - own[0]) / 3
    assert high < 0


@pytest.mark.parametrize("metric", ["auc", "r2", "anomaly-auc", "output-agreement"])
def test_where_a_score_is_not_defined_it_is_no_number_and_says_why(metric: str) -> None:
    part = find_metric(metric)
    outputs = (np.random.default_rng(0).normal(size=(8, 3)),)
    alike = np.zeros((8, 4)) if metric == "anomaly-auc" else np.zeros((8, 3))
    truth = np.zeros(8, np.int64) if metric == "auc" else alike
    assert np.isnan(part.per_sample(outputs, truth)).all()
    assert part.undefined.endswith(".")


def test_everything_right_leaves_room_below() -> None:
    labels = np.arange(60) % 3
    outputs = (8.0 * np.eye(3)[labels],)
    for name in ("macro-f1", "auc"):
        low, high = find_metric(name).interval(outputs, labels)
        assert (0.8 < low < 1.0, high) == (True, 1.0)


def test_few_classes_have_no_top_five() -> None:
    with pytest.raises(UserError, match="4 classes"):
        find_metric("top-5-accuracy").score((np.zeros((3, 4)),), np.array([0, 1, 2]))
