"""INT8 weights whose codes fit into 4 bits are stored so, and nothing else changes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import Example, residual_cnn, run
from onnx import TensorProto

from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.graph.parameters import parameters
from tinystudio.measure.calibrating import calibrate
from tinystudio.solvers.quantizable import prepared
from tinystudio.solvers.quantizing import INT8_OPERATORS, Int8Form, activations, quantized
from tinystudio.solvers.rounding import rounded
from tinystudio.solvers.small_codes import narrowed, with_small_codes
from tinystudio.solvers.stored_weights import INT4_OPSET, StoredWeight

LAYERS = ("conv1_w", "conv2_w", "fc_w")


def in_four_bits(weight: np.ndarray) -> StoredWeight:
    done = rounded(weight.reshape(1, len(weight), -1), None, 4)
    scale = done.scales.reshape(-1, *(1,) * (weight.ndim - 1))
    return StoredWeight(done.values.reshape(weight.shape), scale, 4)


@pytest.fixture(scope="module")
def example() -> Example:
    return residual_cnn()


def made(example: Example, form: Int8Form) -> tuple[Network, Network, tuple[str, ...]]:
    base = prepared(example.network, INT4_OPSET)
    known = calibrate(base, INT8_OPERATORS, example.calibration, Silent()).ranges("minmax", 100.0)
    ranges = {name: known[name] for name in activations(base, INT8_OPERATORS)}
    done = quantized(base, ranges, INT8_OPERATORS, per_channel=True, form=form)
    few = {name: in_four_bits(base.weights[name]) for name in LAYERS}
    return (done, *with_small_codes(done, base, few))


@pytest.mark.parametrize("weights", ["int8", "uint8"])
def test_four_bit_codes_take_half_and_answer_the_same(example: Example, weights) -> None:
    _, small, taken = made(example, Int8Form(weights=weights))
    assert set(taken) == set(LAYERS)
    packed = narrowed(small)
    onnx.checker.check_model(packed.model, full_check=True)
    assert np.array_equal(*(run(item, example.test.inputs)[0] for item in (small, packed)))
    kinds = [item.data_type for item in packed.model.graph.initializer]
    assert kinds.count(TensorProto.INT4 if weights == "int8" else TensorProto.UINT4) == 3
    numbers = sum(example.network.weights[name].size for name in LAYERS)
    casts = sum(2 + node.ByteSize() for node in packed.nodes if node.op_type == "Cast")
    assert len(small.data) - len(packed.data) > numbers // 2 - casts - 100
    assert len(parameters(packed)) == len(parameters(small))


def test_codes_that_do_not_fit_stay_as_they_are(example: Example) -> None:
    eight, _, _ = made(example, Int8Form())
    assert narrowed(eight) is eight
