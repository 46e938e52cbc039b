"""Half precision: half the bytes, the same answers, overflow told."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from onnx import TensorProto, helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

HALF = find_technique("half-precision")


def apply(network: Network, samples: Samples | None = None, **values: object) -> Outcome:
    context = Context(network, samples, "calibration", 0, Silent(), Cache())
    return HALF.apply(network, HALF.params(**values), context)


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.mark.parametrize("compute", ["float", "half"])
def test_the_weights_take_half_the_bytes_and_the_answers_stay(cnn: Example, compute: str) -> None:
    done = apply(cnn.network, cnn.calibration, compute=compute)
    floats = sum(weight.nbytes for weight in cnn.network.weights.values())
    assert sum(weight.nbytes for weight in done.network.weights.values()) < 0.6 * floats
    assert cnn.accuracy(done.network) == pytest.approx(cnn.accuracy(cnn.network), abs=0.01)
    assert done.warnings == ()
    assert "size only" in " ".join(done.notes)


def test_a_weight_beyond_the_range_stays_and_is_named(cnn: Example) -> None:
    weight = cnn.network.weights["fc_w"].copy()
    weight[0, 0] = 1e5
    large = cnn.network.with_weights({"fc_w": weight})
    assert HALF.preflight(large).status == "partly"
    assert "fc_w" in HALF.preflight(large).reason
    for compute in ("float", "half"):
        done = apply(large, cnn.calibration, compute=compute)
        assert done.network.weights["fc_w"].dtype == np.float32
        assert "fc_w" in done.notes[0]
        mine, original = (run(n, cnn.test.inputs)[0] for n in (done.network, large))
        np.testing.assert_allclose(mine, original, rtol=0.05, atol=200)


def test_activations_that_overflow_on_the_samples_stay_in_32_bits_and_are_named(
    cnn: Example,
) -> None:
    loud = cnn.network.with_weights({"fc_w": cnn.network.weights["fc_w"] * 60_000})
    done = apply(loud, cnn.calibration, compute="half")
    assert np.isfinite(run(done.network, cnn.test.inputs)[0]).all()
    assert "so in 32 bits: y" in " ".join(done.notes)
    assert cnn.accuracy(done.network) == pytest.approx(cnn.accuracy(loud), abs=0.01)


def test_a_network_that_overflows_everywhere_is_refused_in_words() -> None:
    example = mlp()
    loud = example.network.with_weights({"w1": example.network.weights["w1"] * 30_000})
    with pytest.raises(UserError, match="65504"):
        apply(loud, example.calibration, compute="half")


def test_without_samples_it_says_that_overflow_was_not_looked_for(cnn: Example) -> None:
    assert any("not looked" in note for note in apply(cnn.network, compute="half").notes)


def test_inner_graphs_and_quantized_networks_are_refused_in_words(cnn: Example) -> None:
    branch = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["out"])],
        "branch", [], [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
    )  # fmt: skip
    node = helper.make_node("If", ["c"], ["v"], "if", then_branch=branch, else_branch=branch)
    add = helper.make_node("Add", ["x", "v"], ["y"], "add")
    weights = {"c": np.array(True), "w": np.ones(64, np.float32)}
    held = network([node, add], weights, {"x": ("n", 64)}, {"y": ("n", 64)})
    with pytest.raises(UserError, match="inner graphs"):
        apply(held, compute="half")
    ones = np.ones((2, 64), np.float32)
    np.testing.assert_array_equal(run(apply(held).network, [ones])[0], 2 * ones)
    static = find_technique("static-quantization")
    context = Context(cnn.network, cnn.calibration, "c", 0, Silent(), Cache())
    int8 = static.apply(cnn.network, static.params(), context).network
    with pytest.raises(UserError, match="quantized already"):
        apply(int8)


def test_what_quantizes_afterwards_says_that_the_weights_are_in_fewer_bits_already() -> None:
    half = apply(mlp().network).network
    for name in ("static-quantization", "dynamic-quantization"):
        told = find_technique(name).preflight(half)
        assert told.status == "cannot"
        assert "fewer bits already" in told.reason
        assert told.remedy


def test_a_form_that_onnxruntime_crashes_over_is_refused() -> None:
    # onnxruntime 1.32 ends the process that opens these three operators in half precision.
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["t", "w"], ["m"]),
        helper.make_node("Relu", ["m"], ["y"]),
    ]
    weight = np.random.default_rng(0).standard_normal((16, 8)).astype(np.float32)
    made = network(nodes, {"w": weight}, {"x": (1, 8, 16)}, {"y": (8, 1, 8)})
    with pytest.raises(UserError) as caught:
        apply(made, compute="half")
    assert "onnxruntime crashes" in caught.value.detail
    halves = apply(made, compute="float").network.weights.values()
    assert [weight.dtype.name for weight in halves] == ["float16"]
