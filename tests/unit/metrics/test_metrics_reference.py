"""Scores are what scikit-learn 1.9.1 and scikit-image 0.26.0 compute on the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.metrics import class_scores, find_metric


def classes() -> tuple[tuple[Array, ...], Array]:
    rng = np.random.default_rng(7)
    labels, logits = rng.integers(0, 6, 200), rng.normal(size=(200, 6))
    logits[np.arange(200), labels] += 1.0
    return (logits,), labels


def images() -> tuple[tuple[Array, ...], Array]:
    rng = np.random.default_rng(8)
    wanted = rng.uniform(size=(4, 2, 20, 24))
    wanted = (wanted + np.roll(wanted, 1, 2) + np.roll(wanted, 1, 3)) / 3
    return (np.clip(wanted + rng.normal(size=wanted.shape) * 0.1, 0, 1),), wanted


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("macro-f1", 0.39552094330662974),
        ("auc", 0.781004640134927),
        ("top-3-accuracy", 0.815),
        ("top-5-accuracy", 0.945),
        ("perplexity", 4.127460741473322),
    ],
)
def test_scores_of_classes_are_the_reference_s(metric: str, value: float) -> None:
    outputs, labels = classes()
    assert find_metric(metric).score(outputs, labels) == pytest.approx(value, abs=1e-9)
    shares = np.exp(outputs[0]) / np.exp(outputs[0]).sum(axis=1, keepdims=True)
    assert find_metric(metric).score((shares,), labels) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("form", ["one score", "two scores"])
def test_the_area_of_two_classes_counts_ties_half(form: str) -> None:
    rng = np.random.default_rng(7)
    labels, _ = rng.integers(0, 6, 200), rng.normal(size=(200, 6))
    positive = (labels > 2).astype(np.int64)
    scores = np.round(rng.normal(size=200) + positive, 1)
    outputs = scores[:, None]
    if form == "two scores":
        outputs = np.stack([-scores, np.zeros(200)], axis=1)
    found = find_metric("auc").score((outputs,), positive)
    assert found == pytest.approx(0.7163408521303257, abs=1e-12)


def test_r2_is_the_mean_over_the_outputs() -> None:
    rng = np.random.default_rng(7)
    rng.integers(0, 6, 200), rng.normal(size=(200, 6)), rng.normal(size=200)
    wanted = rng.normal(size=(50, 3)) * [1, 5, 0.2]
    answers = wanted + rng.normal(size=(50, 3)) * 0.3
    r2 = find_metric("r2")
    assert r2.score((answers,), wanted) == pytest.approx(0.1661257418141239, abs=1e-12)
    assert r2.score((wanted,), wanted) == 1.0
    means = np.broadcast_to(wanted.mean(axis=0), wanted.shape)
    assert r2.score((means,), wanted) == pytest.approx(0.0, abs=1e-12)


def test_images_are_judged_as_the_reference_does() -> None:
    outputs, wanted = images()
    assert find_metric("psnr").score(outputs, wanted) == pytest.approx(20.150859547502286, abs=1e-9)
    assert find_metric("ssim").score(outputs, wanted) == pytest.approx(0.8381173621992776, abs=1e-9)


@pytest.mark.parametrize("metric", ["psnr", "ssim"])
def test_images_to_255_are_judged_as_those_to_1(metric: str) -> None:
    outputs, wanted = images()
    small = find_metric(metric).per_sample(outputs, wanted)
    large = find_metric(f"{metric}-255").per_sample((255 * outputs[0],), 255 * wanted)
    assert large == pytest.approx(small)
    last = find_metric(metric).per_sample(
        (np.moveaxis(outputs[0], 1, -1),), np.moveaxis(wanted, 1, -1)
    )
    assert last == pytest.approx(small)  # channels last
    with pytest.raises(UserError, match="peak is 1"):
        find_metric(metric).score((255 * outputs[0],), 255 * wanted)


def test_ssim_is_the_formula_over_one_window() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(size=(2, 1, 1, 11, 11))
    at = np.arange(11) - 5
    window = np.exp(-(at[:, None] ** 2 + at[None] ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(values: Array) -> float:
        return float((window * values).sum())

    mx, my = mean(x), mean(y)
    vx, vy, both = mean((x - mx) ** 2), mean((y - my) ** 2), mean((x - mx) * (y - my))
    first, second = 0.01**2, 0.03**2
    wanted = (2 * mx * my + first) * (2 * both + second)
    wanted /= (mx**2 + my**2 + first) * (vx + vy + second)
    assert find_metric("ssim").score((x,), y) == pytest.approx(wanted)
    assert find_metric("ssim").score((y,), y) == pytest.approx(1.0)


def test_equal_images_have_a_finite_ratio() -> None:
    outputs, _ = images()
    assert find_metric("psnr").score(outputs, outputs[0]) == pytest.approx(100.0)
    half = (np.zeros((1, 8, 8)),)
    assert find_metric("psnr").score(half, np.full((1, 8, 8), 0.1)) == pytest.approx(20.0)


def test_what_is_rebuilt_badly_is_abnormal() -> None:
    metric, rng = find_metric("anomaly-auc"), np.random.default_rng(0)
    inputs = rng.normal(size=(60, 2, 5)).astype(np.float32)
    labels = (np.arange(60) % 3 == 0).astype(np.int64)
    truth = metric.truth(Samples((inputs,), labels, np.arange(60)))
    assert truth is not None
    off = rng.uniform(0.5, 1.5, size=(60, 1, 1)) + 0.5 * labels[:, None, None]
    outputs = (inputs + off,)
    errors = off.ravel() ** 2
    pairs = errors[labels == 1][:, None] > errors[labels == 0][None]
    assert metric.score(outputs, truth) == pytest.approx(pairs.mean())
    low, high = metric.interval(outputs, truth)
    assert low < pairs.mean() < high
    with pytest.raises(UserError, match="10"):
        metric.score((outputs[0][:, :1],), truth)


def test_only_normal_samples_teach_to_rebuild() -> None:
    inputs, labels = np.arange(12, dtype=np.float32).reshape(4, 3), np.array([0, 1, 0, 1])
    lessons = find_metric("anomaly-auc").lessons(Samples((inputs,), labels, np.arange(4)))
    assert lessons.ids.tolist() == [0, 2]
    assert lessons.labels is lessons.inputs[0]


def test_the_cosine_is_that_of_the_angle() -> None:
    outputs = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0], [-3.0, 0.0]])
    wanted = np.array([[2.0, 2.0], [0.0, 5.0], [1.0, 0.0], [1.0, 0.0]])
    found = find_metric("cosine").per_sample((outputs,), wanted)
    assert found == pytest.approx([np.sqrt(0.5), 1, 0, -1])


def test_agreement_is_with_the_original_alone() -> None:
    metric, rng = find_metric("agreement"), np.random.default_rng(0)
    original = (rng.normal(size=(40, 5)),)
    truth = metric.answers(original)
    assert metric.score(original, truth) == 1.0
    changed = original[0].copy()
    changed[:10] = -changed[:10]
    same = (changed.argmax(axis=1) == original[0].argmax(axis=1)).mean()
    assert metric.score((changed,), truth) == pytest.approx(same)


def test_output_agreement_is_the_share_of_variance_that_is_kept() -> None:
    metric, rng = find_metric("output-agreement"), np.random.default_rng(0)
    original = (rng.normal(size=(40, 1, 4, 4)),)
    truth = metric.answers(original)
    noise = rng.normal(size=original[0].shape) * 0.1
    spread = np.square(original[0] - original[0].mean(axis=0)).sum()
    found = metric.score((original[0] + noise,), truth)
    assert metric.score(original, truth) == 1.0
    assert found == pytest.approx(1 - np.square(noise).sum() / spread)


@pytest.mark.parametrize("metric", ["perplexity", "top-3-accuracy"])
def test_large_vocabularies_are_judged_in_parts(
    metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs, labels = classes()
    whole = find_metric(metric).per_sample(outputs, labels)
    monkeypatch.setattr(class_scores, "AT_ONCE", 100)
    assert find_metric(metric).per_sample(outputs, labels) == pytest.approx(whole)
