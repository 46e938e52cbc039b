"""What 8 bits did to the outputs, in words, with the place that is most at fault."""

from __future__ import annotations

import numpy as np
from example_networks import mlp, patterns

from tinystudio.core.data import Samples
from tinystudio.measure.quantization_loss import loss_warnings, worst_range, worst_weights
from tinystudio.solvers.histograms import Histogram

RNG = np.random.default_rng(0)
SAMPLES = patterns(200, 0)
LOGITS = RNG.normal(size=(200, 4)) + 6 * np.eye(4)[SAMPLES.labels]
UNLABELLED = Samples(SAMPLES.inputs, None, SAMPLES.ids)


def seen(values: np.ndarray) -> Histogram:
    histogram = Histogram()
    histogram.add(values.astype(np.float32))
    return histogram


def test_a_loss_within_the_rounding_is_not_worth_a_word() -> None:
    rounded = np.round(LOGITS * 20) / 20
    assert loss_warnings([LOGITS], [rounded], SAMPLES, "culprit") == ()
    assert loss_warnings([LOGITS], [rounded], UNLABELLED, "culprit") == ()


def test_many_changed_answers_are_counted_and_the_culprit_named() -> None:
    worse = LOGITS.copy()
    worse[:80] = worse[:80, ::-1]
    (warning,) = loss_warnings([LOGITS], [worse], SAMPLES, "It was conv1.")
    assert "change the answer of 40 % of 200 samples" in warning
    assert warning.endswith("It was conv1.")


def test_without_classes_the_error_is_told_in_decibels() -> None:
    noisy = LOGITS + RNG.normal(size=LOGITS.shape) * 1.5
    (warning,) = loss_warnings([LOGITS], [noisy], UNLABELLED, "")
    assert "dB above their error" in warning


def test_a_collapse_is_told_as_such() -> None:
    (warning,) = loss_warnings([LOGITS], [np.zeros_like(LOGITS)], SAMPLES, "")
    assert "whatever the input" in warning


def test_the_worst_of_several_ranges_is_named_with_its_layer() -> None:
    network = mlp().network
    even, stretched = RNG.uniform(-1, 1, 5000), np.append(RNG.normal(size=5000), 1e4)
    histograms = {"h2": seen(even), "h3": seen(stretched)}
    ranges = {name: (h.low, h.high) for name, h in histograms.items()}
    text = worst_range(histograms, ranges, network)
    assert "output of layer relu" in text
    assert "1e+04" in text


def test_a_range_that_cuts_off_is_told_apart_from_one_that_is_too_wide() -> None:
    histograms = {"x": seen(RNG.normal(size=5000))}
    text = worst_range(histograms, {"x": (-0.01, 0.01)}, mlp().network)
    assert "input x" in text
    assert "cut off" in text


def test_where_all_ranges_fit_nothing_is_named() -> None:
    histograms = {"x": seen(RNG.uniform(-1, 1, 5000))}
    assert worst_range(histograms, {"x": (-1.0, 1.0)}, mlp().network) == ""
    assert worst_range({}, {}, mlp().network) == ""


def test_the_layer_whose_weights_one_scale_does_not_fit_is_named() -> None:
    network = mlp().network
    spiked = network.weights["w2"].copy()
    spiked[0, 0] = 1e3
    layers = {"linear1", "linear2"}
    assert "layer linear2" in worst_weights(network.with_weights({"w2": spiked}), layers)
    assert worst_weights(network, layers) == ""


def test_what_is_rebuilt_is_no_class() -> None:
    inputs = RNG.normal(size=(200, 6)).astype(np.float32)
    abnormal = Samples((inputs,), np.arange(200) % 2, np.arange(200))
    rebuilt = inputs + RNG.normal(size=inputs.shape) * 0.05
    worse = rebuilt + RNG.normal(size=inputs.shape) * 0.4
    (warning,) = loss_warnings([rebuilt], [worse], abnormal, "")
    assert "dB above their error" in warning
