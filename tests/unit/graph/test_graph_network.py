"""The network as a value: one normal form, changes make new ones."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from graph_building import GraphBuilder, run
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tinystudio.graph.network import Network, attribute


def small() -> Network:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 8), 2, 4, (3,), name="conv")
    return g.network(g.node("Relu", y, name="relu"))


def model_of(nodes: list[object], weights: dict[str, np.ndarray], **kwargs: object) -> ModelProto:
    graph = helper.make_graph(
        nodes,
        "",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", None])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, **kwargs)


def test_when_weights_sit_in_constant_nodes_then_they_become_weights() -> None:
    value = numpy_helper.from_array(np.ones((3, 2), np.float32))
    nodes = [
        helper.make_node("Constant", [], ["w"], value=value),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    network = Network.of(model_of(nodes, {}))
    assert [node.op_type for node in network.nodes] == ["MatMul"]
    assert network.weights["w"].shape == (3, 2)
    assert run(network)[0].shape == (2, 2)


def test_when_a_weight_is_only_turned_then_it_is_one_weight() -> None:
    nodes = [
        helper.make_node("Identity", ["w"], ["same"]),
        helper.make_node("Transpose", ["same"], ["turned"], perm=[1, 0]),
        helper.make_node("MatMul", ["x", "turned"], ["y"]),
    ]
    network = Network.of(model_of(nodes, {"w": np.arange(6, dtype=np.float32).reshape(2, 3)}))
    assert list(network.weights) == ["turned"]
    assert network.weights["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_when_initializers_are_listed_as_inputs_then_they_are_not_asked_for() -> None:
    model = model_of([helper.make_node("Add", ["x", "b"], ["y"])], {"b": np.ones(3, np.float32)})
    model.graph.input.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, [3]))
    model.ir_version = 3
    network = Network.of(model)
    assert [port.name for port in network.inputs] == ["x"]
    onnx.checker.check_model(network.model)


def test_when_a_weight_is_sparse_then_it_is_written_out() -> None:
    values = numpy_helper.from_array(np.array([5.0], np.float32), "b")
    indices = numpy_helper.from_array(np.array([2], np.int64), "i")
    model = model_of([helper.make_node("Add", ["x", "b"], ["y"])], {})
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [3]))
    assert Network.of(model).weights["b"].tolist() == [0, 0, 5]


def test_when_nodes_have_no_names_or_the_same_then_each_gets_its_own() -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"], name="twice"),
        helper.make_node("Relu", ["b"], ["c"], name="twice"),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    names = [node.name for node in Network.of(model_of(nodes, {})).nodes]
    assert names[1] == "twice"
    assert len(set(names)) == 4
    assert all(names)


def test_when_the_model_has_local_functions_then_they_are_written_out() -> None:
    double = helper.make_function(
        "own", "Double", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    model = model_of([helper.make_node("Double", ["x"], ["y"], domain="own")], {})
    model.functions.append(double)
    model.opset_import.append(helper.make_opsetid("own", 1))
    assert [node.op_type for node in Network.of(model).nodes] == ["Add"]


def test_when_a_network_is_normal_already_then_it_stays_the_same() -> None:
    network = small()
    assert Network.of(network.model).data == network.data


def test_when_a_model_is_brought_in_then_the_original_stays_as_it_was() -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    model = model_of(nodes, {"unused": np.ones(3, np.float32)})
    before = model.SerializeToString()
    Network.of(model)
    assert model.SerializeToString() == before


def test_when_the_batch_is_open_then_it_stays_open_and_counts_as_one() -> None:
    network = small()
    assert network.inputs[0].shape == ("batch", 2, 8)
    assert network.shape("conv_out") == (None, 4, 8)
    assert network.size("conv_out") == (1, 4, 8)
    assert network.dtype("conv_out") == np.float32


def test_when_weights_change_their_shape_then_shapes_follow() -> None:
    network = small()
    weight, bias = network.node("conv").input[1:]
    changes = {weight: np.ones((3, 2, 3), np.float32), bias: np.zeros(3, np.float32)}
    assert network.with_weights(changes).shape("conv_out") == (None, 3, 8)
    assert network.shape("conv_out") == (None, 4, 8)


def test_when_weights_come_in_double_precision_then_they_keep_their_type() -> None:
    network = small()
    name = network.node("conv").input[1]
    changed = network.with_weights({name: network.weights[name].astype(np.float64) * 2})
    assert changed.weights[name].dtype == np.float32


def test_when_weights_are_of_another_kind_then_they_are_refused() -> None:
    network = small()
    name = network.node("conv").input[1]
    with pytest.raises(ValueError, match="float32"):
        network.with_weights({name: np.ones((4, 2, 3), np.int8)})


def test_when_a_name_is_no_weight_then_it_is_refused() -> None:
    with pytest.raises(KeyError, match="other"):
        small().with_weights({"other": np.ones(1, np.float32)})


def test_when_a_weight_is_written_to_then_that_is_refused() -> None:
    network = small()
    with pytest.raises(ValueError, match="read-only"):
        network.weights[network.node("conv").input[1]][0] = 1


def test_when_nodes_come_in_any_order_then_they_are_sorted_and_spare_weights_go() -> None:
    network = small()
    weights = {**network.weights, "spare": np.ones(5, np.float32)}
    again = network.with_nodes(list(reversed(network.nodes)), weights)
    assert [node.name for node in again.nodes] == ["conv", "relu"]
    assert "spare" not in again.weights
    np.testing.assert_array_equal(run(again)[0], run(network)[0])


def test_when_nodes_of_another_domain_are_added_then_it_is_declared() -> None:
    network = small()
    gelu = helper.make_node("Gelu", ["conv_out"], ["relu_out"], "gelu", domain="com.microsoft")
    again = network.with_nodes([network.node("conv"), gelu], network.weights)
    assert "com.microsoft" in {item.domain for item in again.model.opset_import}
    assert run(again)[0].shape == (2, 4, 8)


def test_when_notes_are_added_then_only_they_change() -> None:
    network = small()
    noted = network.with_metadata({"made by": "me"})
    assert dict(noted.metadata) == {"made by": "me"}
    assert dict(network.metadata) == {}
    assert noted.fingerprint != network.fingerprint
    assert noted.with_metadata({}).data == network.data


def test_when_makers_and_readers_are_asked_for_then_the_graph_answers() -> None:
    network = small()
    maker = network.producer("conv_out")
    assert maker is not None
    assert maker.name == "conv"
    assert [node.name for node in network.consumers("conv_out")] == ["relu"]
    assert network.producer("x") is None
    assert network.consumers("relu_out") == ()


def test_when_a_subgraph_reads_a_tensor_then_its_node_is_a_reader() -> None:
    inner = helper.make_graph(
        [helper.make_node("Relu", ["hidden"], ["r"])], "then", [],
        [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)],
    )  # fmt: skip
    nodes = [
        helper.make_node("Neg", ["x"], ["hidden"]),
        helper.make_node("If", ["flag"], ["y"], name="if", then_branch=inner, else_branch=inner),
    ]
    network = Network.of(model_of(nodes, {"flag": np.array(True)}))
    assert [node.name for node in network.consumers("hidden")] == ["if"]


def test_when_shapes_are_wanted_in_the_file_then_a_copy_has_them() -> None:
    network = small()
    assert [item.name for item in network.annotated().graph.value_info] == ["conv_out"]
    assert not network.model.graph.value_info


def test_when_layers_share_a_vector_then_each_gets_its_own() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 3, (1,))
    ones = g.constant(np.ones(3, np.float32))
    for name in ("first", "second"):
        y = g.node("BatchNormalization", y, ones, g.weight(3), ones, ones, name=name)
    network = g.network(y)
    names = [name for node in network.nodes for name in node.input]
    assert len(names) == len(set(names))
    assert Network.of(network.model).data == network.data


def test_when_a_constant_is_squeezed_to_one_number_then_it_has_no_axis() -> None:
    nodes = [
        helper.make_node("Squeeze", ["one"], ["number"]),
        helper.make_node("Add", ["x", "number"], ["y"]),
    ]
    network = Network.of(model_of(nodes, {"one": np.ones((1, 1), np.float32)}))
    assert network.weights["number"].shape == ()


def test_when_a_graph_computes_a_shape_then_the_sizes_for_one_sample_are_known() -> None:
    g = GraphBuilder()
    x = g.input("batch", 6, 4)
    half = g.node("Div", g.node("Gather", g.node("Shape", x), g.ints(1)), g.ints(2))
    y = g.node("Reshape", x, g.node("Concat", g.ints(-1), half, g.ints(8), axis=0))
    network = g.network(y)
    assert network.size(y) == (1, 3, 8)
    assert network.size(y, batch=2) == (2, 3, 8)


def test_when_an_attribute_is_read_then_it_is_a_python_value() -> None:
    node = helper.make_node(
        "Any", [], [], number=3, text="words", values=[1, 2],
        tensor=numpy_helper.from_array(np.ones(2, np.float32)),
    )  # fmt: skip
    assert attribute(node, "number", 0) == 3
    assert attribute(node, "text", "") == "words"
    assert list(attribute(node, "values", [])) == [1, 2]
    assert attribute(node, "tensor", None).tolist() == [1, 1]
    assert attribute(node, "missing", "default") == "default"
