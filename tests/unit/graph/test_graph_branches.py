"""Weights inside branches and loops are weights of the network, and it answers as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.engine.inspecting import look_at
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.solvers.stored_halves import stored_as_halves

X = np.linspace(-1, 1, 32, dtype=np.float32).reshape(2, 16)


def port(name: str, kind: int = TensorProto.FLOAT, sizes: tuple[object, ...] = ("n", 16)) -> object:
    return helper.make_tensor_value_info(name, kind, sizes)


def layer(seed: int, way: str) -> GraphProto:
    """Return a branch with a linear layer, its weight an initializer or in a Constant node.

    Both branches call their weight `w`, and what they make `made`.
    """
    weight = np.random.default_rng(seed).standard_normal((16, 16)).astype(np.float32)
    held = numpy_helper.from_array(weight, "w")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["made"])]
    if way == "constant":
        nodes.insert(0, helper.make_node("Constant", [], ["w"], value=held))
    return helper.make_graph(nodes, way, [], [port("made")], [held] if way != "constant" else [])


def model(*nodes: NodeProto, weights: tuple[TensorProto, ...] = ()) -> ModelProto:
    graph = helper.make_graph(
        list(nodes), "net", [port("x"), port("which", TensorProto.BOOL, ())], [port("y")], weights
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def choice(name: str = "choice", result: str = "y") -> NodeProto:
    return helper.make_node(
        "If", ["which"], [result], name, then_branch=layer(0, "initializer"),
        else_branch=layer(1, "constant"),
    )  # fmt: skip


def answers(data: bytes, which: bool) -> Array:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": X, "which": np.array(which)})[0])


def opened(made: ModelProto, folder: Path) -> Network:
    path = folder / "model.onnx"
    path.write_bytes(made.SerializeToString())
    return open_network(path)


def check_same(made: ModelProto, network: Network) -> None:
    for which in (True, False):
        before, after = answers(made.SerializeToString(), which), answers(network.data, which)
        np.testing.assert_allclose(after, before, rtol=1e-6)


def test_weights_of_both_branches_count_and_each_keeps_its_own(tmp_path: Path) -> None:
    made = model(choice())
    network = opened(made, tmp_path)
    assert facts(network).parameters == 512
    assert len(network.weights) == 2
    check_same(made, network)
    assert Network.of(network.model).data == network.data  # there is nothing left to lift


def test_branches_within_branches_give_up_their_weights_as_well(tmp_path: Path) -> None:
    outer = helper.make_graph([choice("inner", "out")], "outer", [], [port("out")])
    same = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["kept"])], "same", [], [port("kept")]
    )
    made = model(
        helper.make_node("If", ["which"], ["y"], "both", then_branch=outer, else_branch=same)
    )
    network = opened(made, tmp_path)
    assert facts(network).parameters == 512
    check_same(made, network)


def test_a_weight_that_a_branch_gives_back_as_it_is_stays_in_it(tmp_path: Path) -> None:
    held = numpy_helper.from_array(np.ones((2, 16), np.float32), "made")
    plain = helper.make_graph([], "plain", [], [port("made", sizes=(2, 16))], [held])
    node = helper.make_node(
        "If", ["which"], ["y"], "c", then_branch=plain, else_branch=layer(1, "constant")
    )
    network = opened(model(node), tmp_path)
    check_same(model(node), network)


def test_weights_inside_branches_are_stored_in_half_precision(tmp_path: Path) -> None:
    network = opened(model(choice()), tmp_path)
    half = stored_as_halves(network)
    onnx.checker.check_model(half.model)
    assert sum(array.nbytes for array in half.weights.values()) == 1024
    for which in (True, False):
        np.testing.assert_allclose(
            answers(half.data, which), answers(network.data, which), rtol=2e-2, atol=1e-2
        )


def test_a_technique_that_cannot_says_which_layers_it_does_not_reach(tmp_path: Path) -> None:
    found = look_at(opened(model(choice()), tmp_path), "model.onnx")
    (clustering,) = [item for item in found.preflight if item.technique == "weight-clustering"]
    assert clustering.status == "cannot"
    assert "inside branches or loops (If, Loop) stay as they are: 2 MatMul" in clustering.reason
    (half,) = [item for item in found.preflight if item.technique == "half-precision"]
    assert half.status == "can"
