"""Weights that are only rearranged on the way become the weights that the layers read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from tinystudio.graph.network import Network

Indices = st.integers(-9, 9)


def model_of(nodes: list[NodeProto], weights: dict[str, np.ndarray]) -> ModelProto:
    """Return a model that adds its input to what `nodes` make of the weights."""
    graph = helper.make_graph(
        [*nodes, helper.make_node("Add", ["x", "made"], ["y"])],
        "rearranged",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def outputs(data: bytes) -> np.ndarray:
    session = onnxruntime.InferenceSession(data)
    return session.run(None, {"x": np.zeros((), np.float32)})[0]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_slices_and_joins_are_those_of_the_runtime(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    weight = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    axes = data.draw(st.sampled_from([[0], [1], [-1], [0, 1], [1, 0], [-2, -1]]))
    given_: dict[str, list[int]] = {
        "starts": [data.draw(Indices) for _ in axes],
        "ends": [data.draw(Indices) for _ in axes],
        "axes": axes,
        "steps": [data.draw(st.sampled_from([1, 1, 2, 3, -1])) for _ in axes],
    }
    axis = data.draw(st.sampled_from([0, 1, -1]))
    nodes = [
        helper.make_node("Slice", ["w", *given_], ["part"]),
        helper.make_node("Concat", ["part", "part"], ["made"], axis=axis),
    ]
    arrays = {name: np.array(values, np.int64) for name, values in given_.items()}
    model = model_of(nodes, {"w": weight, **arrays})
    network = Network.of(model)
    assert np.array_equal(outputs(network.data), outputs(model.SerializeToString()))
    if min(given_["steps"]) > 0:
        assert [node.op_type for node in network.nodes] == ["Add"]


def test_a_weight_is_not_blown_up() -> None:
    """Twenty joins of a weight with itself would make it a million times as large."""
    nodes, name = [], "w"
    for number in range(20):
        following = "made" if number == 19 else f"w{number}"
        nodes.append(helper.make_node("Concat", [name, name], [following], axis=0))
        name = following
    network = Network.of(model_of(nodes, {"w": np.ones((100, 100), np.float32)}))
    assert len(network.data) < 5_000_000
    assert any(node.op_type == "Concat" for node in network.nodes)


@pytest.mark.filterwarnings("ignore")  # the tracing exporter says that it is the older one
def test_gates_that_an_exporter_reorders_are_the_recurrent_layers_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    path, x = tmp_path / "gru.onnx", torch.randn(1, 5, 4)
    module = torch.nn.GRU(4, 6, batch_first=True).eval()
    torch.onnx.export(module, (x,), path, dynamo=False, opset_version=17, do_constant_folding=False)
    network = Network.of(onnx.load(path))
    layer = next(node for node in network.nodes if node.op_type == "GRU")
    assert all(name in network.weights for name in layer.input[1:4])
    feed = {network.inputs[0].name: x.numpy()}
    found = onnxruntime.InferenceSession(network.data).run(None, feed)[0]
    assert np.allclose(found, module(x)[0].detach().numpy(), atol=1e-5)
