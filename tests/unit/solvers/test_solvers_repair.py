"""Repair gives every channel its mean and deviation back, layer after layer."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from onnx import TensorProto, helper

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.measure.probing import CalibrationProbe
from tinystudio.solvers.layers import layers
from tinystudio.solvers.repair import measured_statistics, repair
from tinystudio.solvers.statistics import Statistics, correction, statistics_of


def probe(samples: Samples) -> CalibrationProbe:
    return CalibrationProbe(samples.first(128), Silent())


def damaged(tested: Network) -> Network:
    """Return the network with every layer's channels scaled at random."""
    rng = np.random.default_rng(5)
    changes: dict[str, Array] = {}
    for layer in layers(tested).values():
        weight = tested.weights[layer.weight]
        sizes = [1] * weight.ndim
        sizes[layer.out_axis] = weight.shape[layer.out_axis]
        changes[layer.weight] = weight * rng.uniform(0.4, 2.5, sizes).astype(weight.dtype)
    return tested.with_weights(changes)


def farthest(tested: Network, example: Example, original: Network) -> float:
    values = example.calibration.first(128).inputs
    return float(np.abs(run(tested, values)[0] - run(original, values)[0]).max())


def folded_cnn(batch: int | str = "batch", opset: int = 17) -> Example:
    example = residual_cnn(batch, opset)
    folded = fold_batch_normalization(example.network)
    return Example(folded, example.calibration, example.test)


@pytest.mark.parametrize("opset", [13, 17, 18])
@pytest.mark.parametrize("make", [residual_cnn, folded_cnn])
def test_scaled_channels_become_what_they_were(make, opset: int) -> None:
    example = make(opset=opset)
    asked = probe(example.calibration)
    targets = measured_statistics(example.network, asked)
    broken = damaged(example.network)
    mended = repair(broken, targets, asked)
    onnx.checker.check_model(mended.model, full_check=True)
    assert farthest(mended, example, example.network) < 0.05
    assert farthest(broken, example, example.network) > 1.0


def test_linear_layers_are_repaired_too() -> None:
    example = mlp()
    asked = probe(example.calibration)
    targets = measured_statistics(example.network, asked)
    mended = repair(damaged(example.network), targets, asked)
    assert farthest(mended, example, example.network) < 0.05


def test_a_fixed_batch_is_repaired_layer_by_layer_to_the_same() -> None:
    open_, fixed = folded_cnn(), folded_cnn(batch=1)
    results = []
    for example in (open_, fixed):
        asked = probe(example.calibration)
        targets = measured_statistics(example.network, asked)
        results.append(repair(damaged(example.network), targets, asked))
    for name in layers(open_.network):
        weight = layers(open_.network)[name].weight
        np.testing.assert_allclose(
            results[0].weights[weight], results[1].weights[weight], rtol=1e-2, atol=1e-4
        )


def test_an_undamaged_network_stays_as_it_is() -> None:
    example = residual_cnn()
    asked = probe(example.calibration)
    same = repair(example.network, measured_statistics(example.network, asked), asked)
    assert farthest(same, example, example.network) < 1e-3


def test_half_precision_keeps_its_precision() -> None:
    weight = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float16)
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "gemm", transB=1)
    shapes = {"x": ("n", 3)}, {"y": ("n", 4)}
    tested = network([node], {"w": weight}, *shapes, element=TensorProto.FLOAT16)
    values = np.random.default_rng(1).normal(size=(64, 3)).astype(np.float16)
    asked = probe(Samples((values,), None, np.arange(64)))
    targets = measured_statistics(tested, asked)
    mended = repair(damaged(tested), targets, asked)
    expected = run(tested, (values,))[0]
    np.testing.assert_allclose(run(mended, (values,))[0], expected, atol=0.03)
    assert mended.weights["w"].dtype == np.float16


def test_a_network_without_layers_is_left_alone() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    tested = network([node], {}, {"x": ("n", 3)}, {"y": ("n", 3)})
    asked = probe(Samples((np.zeros((8, 3), "f4"),), None, np.arange(8)))
    assert measured_statistics(tested, asked) == {}
    assert repair(tested, {}, asked) is tested


def test_a_channel_that_hardly_moved_is_not_blown_up() -> None:
    target = Statistics(np.array([1.0, 0.0]), np.array([1e-9, 1.0]))
    found = Statistics(np.array([0.5, 0.0]), np.array([0.0, 0.5]))
    made = correction(found, target)
    assert made.factor[0] == pytest.approx(1.0, abs=1e-3)
    assert made.factor[1] == pytest.approx(2.0, rel=1e-2)
    assert made.shift[0] == pytest.approx(0.5, abs=1e-3)


def test_statistics_do_not_depend_on_how_samples_come() -> None:
    example = mlp()
    layer = layers(example.network)["linear1"]
    values = np.random.default_rng(0).normal(5, 2, size=(30, 32))
    whole = statistics_of([values], layer)
    parts = statistics_of(np.split(values, [3, 11]), layer)
    np.testing.assert_allclose(whole.mean, parts.mean)
    np.testing.assert_allclose(whole.deviation, values.std(axis=0))
    np.testing.assert_allclose(whole.deviation, parts.deviation)
