"""Files that were made to do harm, or are damaged so that they could: one maker each, by name."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import import_examples as files
import numpy as np
import onnx
import torch
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

Maker = Callable[[Path], Path]
MAKERS: dict[str, Maker] = {}
TRACE = "trace"  # the file that a pickle leaves behind where it is loaded
SUFFIXES = (".onnx", ".ort", ".pt", ".pth", ".pt2", ".ts", ".bin", ".pkl", ".zip", ".safetensors")
HUGE = 25_000_000_000  # float32 numbers: 100 GB


def maker(make: Maker) -> Maker:
    """Note a maker under its name."""
    MAKERS[make.__name__] = make
    return make


def _number(name: str, sizes: Sequence[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)


def _model(nodes: list[NodeProto], weights: Sequence[TensorProto] = ()) -> ModelProto:
    output = _number("y", ["a", "b"])
    graph = helper.make_graph(nodes, "net", [_number("x", ["n", 4])], [output], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def saved(folder: Path, model: ModelProto) -> Path:
    """Write a model and return where."""
    path = folder / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


# Pickles


def _pickle_maker(suffix: str, protocol: int) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / f"model{suffix}"
        path.write_bytes(files.trap(folder / TRACE, protocol))
        return path

    return make


for _suffix in SUFFIXES:
    for _protocol in (0, 4):
        MAKERS[f"pickle_{_protocol}{_suffix}"] = _pickle_maker(_suffix, _protocol)


@maker
def torch_pickle_called_onnx(folder: Path) -> Path:
    path = folder / "model.onnx"
    torch.save(files.Trap(folder / TRACE), path)
    return path


@maker
def old_torch_pickle_called_pt2(folder: Path) -> Path:
    path = folder / "model.pt2"
    torch.save(files.Trap(folder / TRACE), path, _use_new_zipfile_serialization=False)
    return path


@maker
def pickle_in_a_forged_torchscript(folder: Path) -> Path:
    path = folder / "model.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/code/__torch__.py", "")
        for name in ("constants.pkl", "data.pkl"):
            archive.writestr(f"model/{name}", files.trap(folder / TRACE))
        archive.writestr("model/version", "3")
    return path


@maker
def pickle_in_a_forged_pt2(folder: Path) -> Path:
    path = folder / "model.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/archive_format", "pt2")
        archive.writestr("model/data/sample_inputs/model.pt", files.trap(folder / TRACE))
    return path


@maker
def pickle_beside_a_model_in_a_zip(folder: Path) -> Path:
    path = folder / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.onnx", files.trap(folder / TRACE))
    return path


# Sizes


@maker
def a_weight_of_a_hundred_gigabytes(folder: Path) -> Path:
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[HUGE], raw_data=b"")
    return saved(folder, _model([helper.make_node("Add", ["x", "w"], ["y"])], [weight]))


@maker
def a_constant_of_a_hundred_gigabytes(folder: Path) -> Path:
    value = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[HUGE], float_data=[1.0])
    nodes = [
        helper.make_node("Constant", [], ["w"], value=value),
        helper.make_node("Add", ["x", "w"], ["y"]),
    ]
    return saved(folder, _model(nodes))


@maker
def a_sparse_weight_of_a_hundred_gigabytes(folder: Path) -> Path:
    model = _model([helper.make_node("Add", ["x", "w"], ["y"])])
    sparse = model.graph.sparse_initializer.add(dims=[HUGE])
    sparse.values.CopyFrom(numpy_helper.from_array(np.ones(1, np.float32), "w"))
    sparse.indices.CopyFrom(numpy_helper.from_array(np.zeros(1, np.int64), "i"))
    return saved(folder, model)


@maker
def a_weight_whose_size_overflows(folder: Path) -> Path:
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2**33, 2**33], raw_data=b"")
    return saved(folder, _model([helper.make_node("Add", ["x", "w"], ["y"])], [weight]))


def _shape(*sizes: int) -> TensorProto:
    return numpy_helper.from_array(np.array(sizes, np.int64), "shape")


@maker
def an_expansion_to_a_terabyte(folder: Path) -> Path:
    nodes = [helper.make_node("Expand", ["x", "shape"], ["y"])]
    return saved(folder, _model(nodes, [_shape(10**12, 4)]))


@maker
def a_tensor_filled_to_a_terabyte(folder: Path) -> Path:
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["z"]),
        helper.make_node("MatMul", ["x", "z"], ["y"]),
    ]
    return saved(folder, _model(nodes, [_shape(4, 10**12)]))


@maker
def a_tiling_to_a_terabyte(folder: Path) -> Path:
    nodes = [helper.make_node("Tile", ["x", "shape"], ["y"])]
    return saved(folder, _model(nodes, [_shape(10**6, 10**6)]))


@maker
def a_range_of_a_trillion(folder: Path) -> Path:
    ends = [numpy_helper.from_array(np.int64(n), name) for name, n in (("a", 0), ("b", 2**40))]
    nodes = [
        helper.make_node("Range", ["a", "b", "one"], ["r"]),
        helper.make_node("Cast", ["r"], ["c"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["x", "c"], ["y"]),
    ]
    return saved(folder, _model(nodes, [*ends, numpy_helper.from_array(np.int64(1), "one")]))


@maker
def a_node_of_very_many_inputs(folder: Path) -> Path:
    return saved(folder, _model([helper.make_node("Sum", ["x"] * 50_000, ["y"])]))


@maker
def very_many_nodes(folder: Path) -> Path:
    names = ["x", *[f"t{number}" for number in range(100_000)], "y"]
    return saved(folder, _model([helper.make_node("Relu", [a], [b]) for a, b in pairwise(names)]))


@maker
def padding_to_a_terabyte(folder: Path) -> Path:
    nodes = [helper.make_node("Pad", ["x", "shape"], ["y"])]
    return saved(folder, _model(nodes, [_shape(10**6, 10**6, 0, 0)]))


@maker
def doubling_forty_times(folder: Path) -> Path:
    names = ["x", *[f"t{number}" for number in range(39)], "y"]
    nodes = [helper.make_node("Concat", [a, a], [b], axis=1) for a, b in pairwise(names)]
    return saved(folder, _model(nodes))


@maker
def an_input_of_a_terabyte(folder: Path) -> Path:
    model = _model([helper.make_node("Relu", ["x"], ["y"])])
    model.graph.input[0].CopyFrom(_number("x", [10**6, 10**6]))
    return saved(folder, model)


# Structure


@maker
def branches_within_branches(folder: Path) -> Path:
    """Deeper than protobuf reads; written by hand, since it would not write it either."""
    leaf = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["o"])], "leaf", [], [_number("o", [])]
    )
    graph = leaf.SerializeToString()
    for _ in range(2000):
        attribute = _field(1, b"then_branch") + _field(6, graph) + _varint(20 << 3) + _varint(5)
        node = _field(1, b"c") + _field(2, b"o") + _field(4, b"If") + _field(5, attribute)
        graph = _field(1, node) + _field(2, b"g") + _field(12, _number("o", []).SerializeToString())
    model = _varint(1 << 3) + _varint(8) + _field(7, graph)
    model += _field(8, helper.make_opsetid("", 17).SerializeToString())
    path = folder / "model.onnx"
    path.write_bytes(model)
    return path


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


@maker
def functions_that_call_one_another(folder: Path) -> Path:
    model = _model([helper.make_node("F", ["x"], ["y"], domain="own")])
    opset = helper.make_opsetid("own", 1)
    for name, other in (("F", "G"), ("G", "F")):
        node = helper.make_node(other, ["a"], ["b"], domain="own")
        model.functions.append(helper.make_function("own", name, ["a"], ["b"], [node], [opset]))
    model.opset_import.append(opset)
    return saved(folder, model)


@maker
def functions_that_double_forty_times(folder: Path) -> Path:
    model = _model([helper.make_node("F39", ["x"], ["y"], domain="own")])
    opsets = [helper.make_opsetid("own", 1), helper.make_opsetid("", 17)]
    for number in range(40):
        inner, domain = (f"F{number - 1}", "own") if number else ("Relu", "")
        nodes = [
            helper.make_node(inner, ["a"], ["m"], domain=domain),
            helper.make_node(inner, ["m"], ["b"], domain=domain),
        ]
        made = helper.make_function("own", f"F{number}", ["a"], ["b"], nodes, opsets)
        model.functions.append(made)
    model.opset_import.append(opsets[0])
    return saved(folder, model)


@maker
def functions_in_a_long_chain(folder: Path) -> Path:
    model = _model([helper.make_node("F4999", ["x"], ["y"], domain="own")])
    opsets = [helper.make_opsetid("own", 1), helper.make_opsetid("", 17)]
    for number in range(5000):
        inner, domain = (f"F{number - 1}", "own") if number else ("Relu", "")
        node = helper.make_node(inner, ["a"], ["b"], domain=domain)
        made = helper.make_function("own", f"F{number}", ["a"], ["b"], [node], opsets)
        model.functions.append(made)
    model.opset_import.append(opsets[0])
    return saved(folder, model)


@maker
def a_cycle(folder: Path) -> Path:
    nodes = [
        helper.make_node("Add", ["x", "b"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Relu", ["b"], ["y"]),
    ]
    return saved(folder, _model(nodes))


def custom_operator(folder: Path) -> Path:
    """Write a model with an operator of its own, and a library beside it that could be loaded."""
    (folder / "libevil.so").write_bytes(b"\x7fELF")
    model = _model([helper.make_node("Evil", ["x"], ["y"], domain="evil")])
    model.opset_import.append(helper.make_opsetid("evil", 1))
    helper.set_model_props(model, {"custom_ops_library": "libevil.so"})
    return saved(folder, model)


# Safetensors


@maker
def safetensors_with_a_table_of_a_terabyte(folder: Path) -> Path:
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", 10**12) + b'{"a": 1}')
    return path


@maker
def safetensors_with_a_table_nested_deeply(folder: Path) -> Path:
    path, table = folder / "model.safetensors", b'{"a":' * 50_000
    path.write_bytes(struct.pack("<Q", len(table)) + table)
    return path


def a_loop_without_end(folder: Path) -> Path:
    """Return a network whose loop never says that it is over; it opens, and must not be run on."""
    flag = helper.make_tensor_value_info("on", TensorProto.BOOL, [])
    state = _number("v", ["n", 4])
    body = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["still"]), helper.make_node("Relu", ["v"], ["w"])],
        "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), flag, state],
        [helper.make_tensor_value_info("still", TensorProto.BOOL, []), _number("w", ["n", 4])],
    )
    nodes = [helper.make_node("Loop", ["", "true", "x"], ["y"], body=body)]
    return saved(folder, _model(nodes, [numpy_helper.from_array(np.array(True), "true")]))
