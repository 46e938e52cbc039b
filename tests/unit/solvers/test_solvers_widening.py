"""Other precisions become 32-bit floats inside, while ports keep their types."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import mlp, network, run
from onnx import TensorProto, helper, numpy_helper

from tinystudio.solvers.widening import can_widen, needs_widening, widened

PRECISIONS = [(TensorProto.FLOAT16, np.float16, 1e-2), (TensorProto.DOUBLE, np.float64, 1e-5)]


@pytest.mark.parametrize(("element", "kind", "tolerance"), PRECISIONS)
def test_the_answers_are_those_of_the_other_precision(element, kind, tolerance) -> None:
    rng = np.random.default_rng(0)
    weights = {"w": rng.normal(size=(6, 4)).astype(kind), "axis": np.array([1])}
    filled = numpy_helper.from_array(np.array([0.5], kind))
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "linear"),
        helper.make_node("Shape", ["h"], ["s"], "shape"),
        helper.make_node("ConstantOfShape", ["s"], ["c"], "fill", value=filled),
        helper.make_node("Add", ["h", "c"], ["y"], "add"),
        helper.make_node("Cast", ["y"], ["f"], "to_float", to=TensorProto.FLOAT),
        helper.make_node("Cast", ["f"], ["b"], "and_back", to=element),
        helper.make_node("Mul", ["b", "y"], ["z"], "square"),
    ]
    before = network(
        nodes, weights, {"x": ("n", 6)}, {"y": ("n", 4), "z": ("n", 4)}, element=element
    )
    assert needs_widening(before)
    after = widened(before)
    onnx.checker.check_model(after.model, full_check=True)
    inputs = [rng.normal(size=(5, 6)).astype(kind)]
    for mine, original in zip(run(after, inputs), run(before, inputs), strict=True):
        assert mine.dtype == kind
        np.testing.assert_allclose(mine, original, rtol=tolerance, atol=tolerance)
    assert {str(w.dtype) for w in after.weights.values()} <= {"float32", "int64"}


def test_a_network_in_32_bit_floats_is_left_as_it_is() -> None:
    before = mlp().network
    assert widened(before) is before


def test_inner_graphs_are_not_rewritten() -> None:
    branch = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["out"])],
        "branch", [], [helper.make_tensor_value_info("out", TensorProto.DOUBLE, None)],
    )  # fmt: skip
    node = helper.make_node("If", ["c"], ["y"], "if", then_branch=branch, else_branch=branch)
    held = network(
        [node], {"c": np.array(True)}, {"x": ("n", 2)}, {"y": ("n", 2)}, element=TensorProto.DOUBLE
    )
    assert not can_widen(held)
    assert can_widen(mlp().network)
