"""Opening a file ends in a sound network or in one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from graph_building import GraphBuilder, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tinystudio.core.errors import UserError
from tinystudio.graph import opening
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network


def small_model() -> ModelProto:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 8), 2, 4, (3,), name="conv")
    return g.network(g.node("Relu", y)).model


def written(folder: Path, model: ModelProto) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def changed(change: Callable[[ModelProto], object]) -> ModelProto:
    model = ModelProto()
    model.CopyFrom(small_model())
    change(model)
    return model


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        open_network(path)
    assert caught.value.title == f"{path.name} was not opened"
    assert caught.value.hint
    return caught.value


def test_when_a_file_is_sound_then_it_opens_and_runs(tmp_path: Path) -> None:
    network = open_network(written(tmp_path, small_model()))
    assert run(network)[0].shape == (2, 4, 8)


def test_when_there_is_no_file_then_it_says_so(tmp_path: Path) -> None:
    assert "no file" in refused(tmp_path / "nothing.onnx").detail


def test_when_it_is_a_folder_then_it_says_so(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path).detail


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a zip file", b"\x00" * 64, b"hello world"])
def test_when_it_is_another_kind_of_file_then_it_says_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(data)
    assert "not an ONNX file" in refused(path).detail


def test_when_it_is_an_ort_file_then_it_says_what_that_is(tmp_path: Path) -> None:
    path = tmp_path / "model.ort"
    path.write_bytes(b"\x10\x00\x00\x00ORTM" + b"\x00" * 32)
    assert ".ort format" in refused(path).detail


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.floats(0, 0.999))
def test_when_the_end_is_missing_then_it_is_refused(tmp_path: Path, share: float) -> None:
    data = small_model().SerializeToString()
    path = tmp_path / "cut.onnx"
    path.write_bytes(data[: int(share * len(data))])
    refused(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_when_bytes_are_damaged_then_it_opens_or_is_refused(
    tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(small_model().SerializeToString())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.onnx"
    path.write_bytes(bytes(content))
    try:
        network = open_network(path)
    except UserError:
        return
    assert isinstance(network, Network)


def external(model: ModelProto, **entries: str) -> None:
    """Move the first weight of `model` to a place outside of it."""
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        weight.external_data.add(key=key, value=value)


def test_when_weights_lie_in_another_file_then_they_are_read(tmp_path: Path) -> None:
    model = small_model()
    path = tmp_path / "model.onnx"
    onnx.save_model(
        changed(lambda _: None), path, save_as_external_data=True, location="weights.bin",
        size_threshold=0,
    )  # fmt: skip
    assert open_network(path).data == Network.of(model).data


def test_when_the_other_file_is_missing_then_it_names_weight_and_file(tmp_path: Path) -> None:
    model = changed(lambda m: external(m, location="weights.bin"))
    detail = refused(written(tmp_path, model)).detail
    assert "weights.bin" in detail
    assert model.graph.initializer[0].name in detail


def test_when_the_other_file_is_too_short_then_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"\x00" * 8)
    model = changed(lambda m: external(m, location="weights.bin"))
    assert "too short" in refused(written(tmp_path, model)).detail


@pytest.mark.parametrize("location", ["../weights.bin", "/etc/hostname", "link.bin", ""])
def test_when_data_would_be_read_from_elsewhere_then_it_is_refused(
    tmp_path: Path, location: str
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(b"\x00" * 1000)
    (folder / "link.bin").symlink_to(tmp_path / "weights.bin")
    model = changed(lambda m: external(m, location=location))
    assert "outside the model's folder" in refused(written(folder, model)).detail


def test_when_an_offset_is_no_number_then_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"\x00" * 1000)
    model = changed(lambda m: external(m, location="weights.bin", offset="-4"))
    assert "no number" in refused(written(tmp_path, model)).detail


@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "infinite")])
def test_when_a_weight_is_not_finite_then_it_is_named(
    tmp_path: Path, value: float, word: str
) -> None:
    network = Network.of(small_model())
    name = network.node("conv").input[1]
    array = np.array(network.weights[name])
    array[1, 0, 0] = value
    detail = refused(written(tmp_path, network.with_weights({name: array}).model)).detail
    assert word in detail
    assert name in detail


def test_when_a_mask_is_infinite_then_it_opens(tmp_path: Path) -> None:
    g = GraphBuilder()
    mask = g.constant(np.array([0, -np.inf], np.float32))
    network = g.network(g.node("Softmax", g.node("Add", g.input("batch", 2), mask)))
    assert open_network(written(tmp_path, network.model)).weights[mask][1] == -np.inf


def test_when_a_weight_declares_an_absurd_size_then_nothing_is_allocated(tmp_path: Path) -> None:
    def absurd(model: ModelProto) -> None:
        del model.graph.initializer[0].dims[:]
        model.graph.initializer[0].dims.extend([2**20, 2**20, 2**10])

    assert "GiB" in refused(written(tmp_path, changed(absurd))).detail


def test_when_a_weight_has_too_few_bytes_then_it_says_how_many(tmp_path: Path) -> None:
    def shortened(model: ModelProto) -> None:
        model.graph.initializer[0].raw_data = b"\x00" * 12

    assert "has 12" in refused(written(tmp_path, changed(shortened))).detail


def test_when_a_weight_has_a_negative_size_then_it_is_refused(tmp_path: Path) -> None:
    def negative(model: ModelProto) -> None:
        model.graph.initializer[0].dims[0] = -4

    assert "negative size" in refused(written(tmp_path, changed(negative))).detail


@pytest.mark.parametrize("op", ["ConstantOfShape", "Expand"])
def test_when_a_node_would_make_an_absurd_tensor_then_it_is_named(tmp_path: Path, op: str) -> None:
    g = GraphBuilder()
    x = g.input(1)
    shape = g.ints(2**12, 2**12, 2**12)
    made = g.node(op, *([x] if op == "Expand" else []), shape, name="huge")
    model = g.network(g.node("Add", made, x)).model
    detail = refused(written(tmp_path, model)).detail
    assert "'huge'" in detail
    assert "GiB" in detail


def test_when_a_node_reads_what_nobody_makes_then_the_graph_is_not_valid(tmp_path: Path) -> None:
    def broken(model: ModelProto) -> None:
        model.graph.node[1].input[0] = "nowhere"

    assert "nowhere" in refused(written(tmp_path, changed(broken))).detail


def test_when_nodes_form_a_cycle_then_it_is_refused(tmp_path: Path) -> None:
    def cyclic(model: ModelProto) -> None:
        model.graph.node[0].input[0] = model.graph.node[1].output[0]

    refused(written(tmp_path, changed(cyclic)))


def test_when_sizes_do_not_fit_together_then_the_node_is_named(tmp_path: Path) -> None:
    g = GraphBuilder()
    y = g.node("MatMul", g.input("batch", 4), g.weight(5, 3), name="layer")
    model = g.network(y).model
    assert "layer" in refused(written(tmp_path, model)).detail


def test_when_a_weight_is_of_an_unknown_type_then_it_is_refused(tmp_path: Path) -> None:
    def unknown(model: ModelProto) -> None:
        model.graph.initializer[0].data_type = 99

    assert "unknown type" in refused(written(tmp_path, changed(unknown))).detail


def test_when_a_name_is_not_text_then_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(small_model().SerializeToString().replace(b"conv", b"con\xff"))
    assert "not text" in refused(path).detail


def test_when_operators_are_from_the_future_then_it_says_which_are_known(tmp_path: Path) -> None:
    def newer(model: ModelProto) -> None:
        model.opset_import[0].version = 999

    assert str(opening.NEWEST_OPSET) in refused(written(tmp_path, changed(newer))).detail


def test_when_the_file_format_is_from_the_future_then_it_says_so(tmp_path: Path) -> None:
    def newer(model: ModelProto) -> None:
        model.ir_version = 999

    assert "file format" in refused(written(tmp_path, changed(newer))).detail


@pytest.mark.parametrize("opset", [7, 8, 9, 10, 11, 12, 13, 18, 20, opening.NEWEST_OPSET])
def test_when_operators_are_of_any_known_version_then_it_opens(tmp_path: Path, opset: int) -> None:
    g = GraphBuilder(opset=opset)
    y = g.batchnorm(g.conv(g.input("batch", 2, 4), 2, 3, (1,)), 3)
    network = open_network(written(tmp_path, g.network(g.gemm(g.node("Flatten", y), 12, 2)).model))
    assert network.opset == opset


def test_when_operators_are_older_than_what_runs_then_they_are_converted(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])
    node = helper.make_node("Add", ["x", "b"], ["y"], broadcast=1, axis=1)
    bias = numpy_helper.from_array(np.ones(3, np.float32), "b")
    b = helper.make_tensor_value_info("b", TensorProto.FLOAT, [3])
    graph = helper.make_graph([node], "old", [value, b], [out], [bias])
    opsets = [helper.make_opsetid("", 6)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=3)
    network = open_network(written(tmp_path, model))
    assert network.opset >= opening.OLDEST_OPSET
    assert run(network)[0].shape == (1, 3)


def test_when_a_file_may_not_be_read_then_the_reason_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, small_model())

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert "Permission denied" in refused(path).detail


def test_when_functions_stand_for_too_many_nodes_then_it_says_how_many(tmp_path: Path) -> None:
    def double(model: ModelProto) -> None:
        opsets = [helper.make_opsetid("own", 1), helper.make_opsetid("", 17)]
        for number in range(30):
            inner, domain = (f"F{number - 1}", "own") if number else ("Relu", "")
            nodes = [
                helper.make_node(inner, ["a"], ["m"], domain=domain),
                helper.make_node(inner, ["m"], ["b"], domain=domain),
            ]
            made = helper.make_function("own", f"F{number}", ["a"], ["b"], nodes, opsets)
            model.functions.append(made)
        model.graph.node[-1].op_type, model.graph.node[-1].domain = "F29", "own"
        model.opset_import.append(opsets[0])

    assert "200,000 nodes" in refused(written(tmp_path, changed(double))).detail


@pytest.mark.parametrize(
    ("op", "shapes", "word"),
    [
        ("Conv", [(4, 2)], "weight tensor"),
        ("Conv", [(4, 3, 3)], "a weight of the sizes 4 x 3 x 3 does not fit its input"),
        ("Conv", [(4, 2, 3), (5,)], "a bias of the sizes 5 for 4 channels"),
        ("BatchNormalization", [(2,), (2,), (2,), (3,)], "between 3 and 2"),
        ("BatchNormalization", [(3,), (3,), (3,), (3,)], "between 3 and 2"),
    ],
)
def test_when_a_weight_does_not_fit_its_operator_then_the_node_is_named(
    tmp_path: Path, op: str, shapes: list[tuple[int, ...]], word: str
) -> None:
    names = [f"w{number}" for number in range(len(shapes))]
    arrays = [np.ones(shape, np.float32) for shape in shapes]
    weights = [numpy_helper.from_array(a, n) for n, a in zip(names, arrays, strict=True)]
    graph = helper.make_graph(
        [helper.make_node(op, ["x", *names], ["y"], name="bad")],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["a", "b", "c"])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    detail = refused(written(tmp_path, model)).detail
    assert "bad" in detail
    assert word in detail


def test_when_a_bias_does_not_fit_a_product_then_the_node_is_named(tmp_path: Path) -> None:
    weights = [
        numpy_helper.from_array(np.ones((2, 3), np.float32), "w"),
        numpy_helper.from_array(np.ones((5,), np.float32), "b"),
    ]
    nodes = [
        helper.make_node("Reshape", ["x", "s"], ["h"]),  # to sizes that nobody knows
        helper.make_node("Gemm", ["h", "w", "b"], ["y"], name="bad"),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2]),
            helper.make_tensor_value_info("s", TensorProto.INT64, [2]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["a", "b"])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    assert (
        "'bad' (Gemm): a bias of the sizes 5 for 3 outputs"
        in refused(written(tmp_path, model)).detail
    )


def test_when_the_producer_is_no_text_then_it_is_refused(tmp_path: Path) -> None:
    data = changed(lambda model: setattr(model, "producer_name", "studio")).SerializeToString()
    path = tmp_path / "model.onnx"
    path.write_bytes(data.replace(b"studio", b"stud\xf5o"))
    assert "not text" in refused(path).detail
