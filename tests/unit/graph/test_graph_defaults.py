"""Attributes that say what holds without them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import network, run
from onnx import NodeProto, helper

from tinystudio.graph.defaults import without_defaults
from tinystudio.graph.network import Network


def convolution(**told: object) -> Network:
    weights = {"w": np.random.default_rng(0).normal(0, 1, (4, 3, 3, 3)).astype("f4")}
    node = helper.make_node("Conv", ["x", "w"], ["y"], "conv", **told)
    return network([node], weights, {"x": ("n", 3, 9, 9)}, {"y": ("n", 4, "h", "v")})


def names(tested: Network) -> set[str]:
    (node,) = tested.nodes
    return {item.name for item in node.attribute}


def test_what_exporters_write_and_the_standard_supposes_is_left_out() -> None:
    told = {"dilations": [1, 1], "strides": [1, 1], "group": 1, "pads": [0] * 4}
    made = convolution(kernel_shape=[3, 3], **told)
    kept = without_defaults(made)
    assert names(kept) == {"kernel_shape"}
    assert len(kept.data) <= len(made.data) - 60
    _answers_alike(made, kept)


@pytest.mark.parametrize(
    "told", [{"strides": [2, 1]}, {"dilations": [1, 2]}, {"pads": [1, 0, 1, 0]}]
)
def test_what_differs_from_the_default_along_one_axis_stays(told: dict[str, list[int]]) -> None:
    made = convolution(**told)
    assert without_defaults(made) is made
    assert names(made) == set(told)


def test_scales_of_a_linear_layer_stay_where_they_scale() -> None:
    def linear(**told: object) -> Network:
        weights = {"w": np.ones((3, 2), np.float32), "b": np.ones(2, np.float32)}
        node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], "linear", **told)
        return network([node], weights, {"x": ("n", 3)}, {"y": ("n", 2)})

    assert names(without_defaults(linear(alpha=1.0, beta=1.0, transA=0, transB=0))) == set()
    assert names(without_defaults(linear(alpha=0.5, beta=1.0))) == {"alpha"}


def test_operators_of_other_domains_are_left_alone() -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"], "conv", domain="own", group=1)
    made = convolution()
    model = onnx.ModelProto()
    model.CopyFrom(made.model)
    del model.graph.node[:]
    model.graph.node.append(node)
    model.opset_import.append(helper.make_opsetid("own", 1))
    assert attributes(without_defaults(Network(model)).nodes[0]) == {"group"}


def attributes(node: NodeProto) -> set[str]:
    return {item.name for item in node.attribute}


def _answers_alike(one: Network, other: Network) -> None:
    values = np.random.default_rng(1).normal(0, 1, (2, 3, 9, 9)).astype("f4")
    np.testing.assert_array_equal(run(one, [values])[0], run(other, [values])[0])
