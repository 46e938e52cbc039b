"""Half precision where operators are defined for it, the rest as it was."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import mlp, network, residual_cnn, run
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tinystudio.graph.network import Network
from tinystudio.solvers.halving import computing_in_half, halved
from tinystudio.solvers.stored_halves import fits_in_half, stored_as_halves

RNG = np.random.default_rng(0)


def mixed() -> Network:
    """A network with a fixed float place, a recurrent layer, a made constant and two outputs."""
    weights = {
        "scales": np.array([1, 1, 2], np.float32),
        "w": RNG.normal(size=(1, 20, 6)).astype(np.float32) / 4,
        "r": RNG.normal(size=(1, 20, 5)).astype(np.float32) / 4,
        "g": RNG.uniform(0.5, 2, 6).astype(np.float32),
    }
    one = numpy_helper.from_array(np.array([0.5], np.float32))
    nodes = [
        helper.make_node("Resize", ["x", "", "scales"], ["wide"], "resize", mode="nearest"),
        helper.make_node("Transpose", ["wide"], ["steps"], "turn", perm=[2, 0, 1]),
        helper.make_node("LayerNormalization", ["steps", "g"], ["even"], "norm", axis=-1),
        helper.make_node("LSTM", ["even", "w", "r"], ["", "last"], "lstm", hidden_size=5),
        helper.make_node("Squeeze", ["last", "axis"], ["h"], "squeeze"),
        helper.make_node("Shape", ["h"], ["s"], "shape"),
        helper.make_node("ConstantOfShape", ["s"], ["half"], "fill", value=one),
        helper.make_node("Add", ["h", "half"], ["y"], "add"),
        helper.make_node("Cast", ["y"], ["whole"], "round", to=TensorProto.INT64),
        helper.make_node("Cast", ["whole"], ["again"], "back", to=TensorProto.FLOAT),
        helper.make_node("Mul", ["again", "y"], ["z"], "product"),
    ]
    weights |= {"axis": np.array([0])}  # type: ignore[dict-item]
    return network(nodes, weights, {"x": ("n", 6, 4)}, {"y": ("n", 5), "z": ("n", 5)})


@pytest.mark.parametrize("before", [mixed(), mlp().network, residual_cnn().network])
def test_answers_stay_and_ports_keep_their_types(before: Network) -> None:
    after = halved(before)
    onnx.checker.check_model(after.model, full_check=True)
    sizes = [3 if not isinstance(size, int) else size for size in before.inputs[0].shape]
    inputs = [RNG.normal(size=sizes).astype(np.float32)]
    for mine, original in zip(run(after, inputs), run(before, inputs), strict=True):
        assert mine.dtype == np.float32
        np.testing.assert_allclose(mine, original, rtol=0.05, atol=0.05)
    assert len(after.data) < len(before.data)


def test_what_a_definition_fixes_stays_a_float() -> None:
    after = halved(mixed())
    assert after.weights["scales"].dtype == np.float32
    assert after.weights["w"].dtype == np.float16
    assert "lstm" in computing_in_half(mixed())


def test_what_touches_an_overflowing_tensor_stays_in_32_bits() -> None:
    before = mlp().network
    assert computing_in_half(before, ("h2",)) == ("linear1", "linear2")
    after = halved(before, ("h2",))
    onnx.checker.check_model(after.model, full_check=True)
    assert after.weights["b1"].dtype == np.float32
    large = {"b1": before.weights["b1"] + 70_000}
    inputs = [RNG.normal(size=(3, 24)).astype(np.float32)]
    assert not np.isfinite(run(halved(before).with_weights(large_in_half(large)), inputs)[0]).all()
    assert np.isfinite(run(after.with_weights(large), inputs)[0]).all()


def large_in_half(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    with np.errstate(over="ignore"):
        return {name: value.astype(np.float16) for name, value in weights.items()}


def test_a_weight_of_two_readers_is_kept_in_the_forms_that_they_read() -> None:
    nodes = [
        helper.make_node("Add", ["x", "w"], ["a"], "one"),
        helper.make_node("Mul", ["a", "w"], ["y"], "two"),
    ]
    ports = {"x": ("n", 40)}, {"y": ("n", 40)}
    before = network(nodes, {"w": np.arange(40, dtype=np.float32)}, *ports)
    after = halved(before, ("y",))
    assert {str(weight.dtype) for weight in after.weights.values()} == {"float16", "float32"}
    inputs = [np.ones((2, 40), np.float32)]
    np.testing.assert_array_equal(run(after, inputs)[0], run(before, inputs)[0])


@settings(max_examples=50, deadline=None)
@given(st.floats(width=32, allow_nan=False))
def test_numbers_fit_if_half_precision_keeps_them_finite(value: float) -> None:
    with np.errstate(over="ignore"):
        kept = np.isfinite(np.float16(np.float32(value)))
    # between 65504 and 65520 numpy rounds down; a file should not count on that
    if np.isfinite(value) and not 65504 < abs(value) < 65520:
        assert fits_in_half(np.array([value], np.float32)) == kept


def test_stored_halves_are_the_rounded_weights_and_compute_in_floats() -> None:
    example = mlp()
    after = stored_as_halves(example.network)
    rounded = {
        name: weight.astype(np.float16).astype(np.float32)
        for name, weight in example.network.weights.items()
        if weight.size > 32
    }
    expected = run(example.network.with_weights(rounded), example.test.inputs)[0]
    np.testing.assert_array_equal(run(after, example.test.inputs)[0], expected)
    assert {n for n, w in after.weights.items() if w.dtype == np.float32} == {"b1", "b2"}
