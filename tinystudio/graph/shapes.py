"""The type and shape of every tensor, by ONNX shape inference on a graph without its weights."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import onnx
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    shape_inference,
)

from tinystudio.graph.shape_arithmetic import fold_shapes

Shape = tuple[int | None, ...]

# Constants up to this many elements stay in the graph while shapes are inferred: they may be
# shapes, axes or sizes. Larger ones are weights, of which only the shape matters.
LARGEST_SHAPE_CONSTANT = 128
BATCH_NAMES = frozenset({"batch", "batch_size", "batchsize", "bs", "n", "unk__0"})
FORESTS = ("TreeEnsembleClassifier", "TreeEnsembleRegressor")
LARGEST_NODE_BYTES = 10_000  # what lists of classes take, and lists of a forest's nodes exceed
NO_TYPE = "expected to have type but instead is null"  # in onnx's words


@dataclass(frozen=True)
class TensorType:
    """What is known of a tensor: ONNX element type (0 unknown) and shape (None: rank unknown)."""

    element: int
    shape: Shape | None


def infer(model: ModelProto, batch: int | None) -> dict[str, TensorType]:
    """Return the type of every tensor of `model`; open sizes stay None.

    With `batch`, the open batch (see `is_batch`) has that size, and shapes that the graph
    computes for itself are worked out. What cannot be inferred (an
    unknown operator, a shape computed from data) is missing or None; nothing is raised for it.
    """
    skeleton = _skeleton(model, batch)
    types = _inferred(model, skeleton)
    opset = next((i.version for i in model.opset_import if i.domain in ("", "ai.onnx")), 1)
    while batch is not None and _has_gaps(skeleton.graph, types):
        # Each round may make the sizes known that the next computes with.
        if not fold_shapes(skeleton.graph, {n: t.shape for n, t in types.items()}, opset):
            break
        types = {**types, **_inferred(model, skeleton)}
    return types


def misfit(model: ModelProto) -> str | None:
    """Say which node's inputs have sizes that do not fit together; None where all do."""
    try:
        shape_inference.infer_shapes(_skeleton(model, None), strict_mode=True, data_prop=True)
    except (shape_inference.InferenceError, onnx.checker.ValidationError) as error:
        text = " ".join(str(error).split())
        failed = re.findall(r"op_type:\s*(\w+)", text)
        # Inference of operators that are made of others is not complete in onnx; and what it
        # knows no type of (a list of tables behind a tree) is no misfit.
        if any(_is_composite(op) for op in failed) or NO_TYPE in text:
            return None
        return text.removeprefix("[ShapeInferenceError] ").removeprefix("Inference error(s): ")
    return None


def _is_composite(op: str) -> bool:
    return bool(onnx.defs.has(op) and onnx.defs.get_schema(op).has_function)


def _inferred(model: ModelProto, skeleton: ModelProto) -> dict[str, TensorType]:
    try:
        graph = shape_inference.infer_shapes(skeleton, strict_mode=False, data_prop=True).graph
    except (shape_inference.InferenceError, onnx.checker.ValidationError):
        graph = skeleton.graph
    known = [*model.graph.output, *graph.value_info, *graph.output, *graph.input]
    types = {item.name: _type_of(item) for item in known if item.type.HasField("tensor_type")}
    for weight in (*skeleton.graph.initializer, *model.graph.initializer):
        types[weight.name] = TensorType(weight.data_type, tuple(weight.dims))
    return types


def _has_gaps(graph: GraphProto, types: dict[str, TensorType]) -> bool:
    """Say whether a graph that computes with shapes has any that are not known."""
    if not any(node.op_type == "Shape" for node in graph.node):
        return False
    known = (types.get(name) for node in graph.node for name in node.output if name)
    return any(t is None or t.shape is None or None in t.shape for t in known)


def is_batch(axis: int, dimension: onnx.TensorShapeProto.Dimension) -> bool:
    """Say whether an input's dimension is an open batch: open, and leading or named so."""
    if dimension.HasField("dim_value"):
        return False
    return axis == 0 or is_batch_name(dimension.dim_param)


def is_batch_name(name: str) -> bool:
    """Say whether an open size is called as a batch is."""
    return name.lower() in BATCH_NAMES


def _skeleton(model: ModelProto, batch: int | None) -> ModelProto:
    graph = GraphProto(name=model.graph.name or "network")
    graph.input.extend(model.graph.input)
    graph.node.extend(_as_standard(node, graph) for node in model.graph.node)
    if batch is not None:
        _fix_batch(graph, batch)
    for weight in model.graph.initializer:
        if math.prod(weight.dims) <= LARGEST_SHAPE_CONSTANT:
            graph.initializer.append(weight)
        else:
            info = helper.make_tensor_value_info(weight.name, weight.data_type, list(weight.dims))
            graph.input.append(info)
    for output in model.graph.output:
        # Without its declared shape: a stale one would stop the inference of the right one.
        element = output.type.tensor_type.elem_type or TensorProto.FLOAT
        is_tensor = output.type.HasField("tensor_type")
        bare = helper.make_tensor_value_info(output.name, element, None)
        graph.output.append(bare if is_tensor else output)
    return ModelProto(
        ir_version=model.ir_version, opset_import=model.opset_import, graph=graph
    )  # fmt: skip


def _as_standard(node: NodeProto, graph: GraphProto) -> NodeProto:
    """Return a node that inference knows, and is quick with.

    In place of onnxruntime's product with few-bit weights stands an ordinary one; forests of
    decision trees, which keep millions of numbers in attributes, come without those.
    """
    if node.op_type in FORESTS and node.ByteSize() > LARGEST_NODE_BYTES:
        bare = NodeProto(op_type=node.op_type, domain=node.domain, name=node.name)
        bare.input.extend(node.input)
        bare.output.extend(node.output)
        bare.attribute.extend(
            item
            for item in node.attribute
            if item.HasField("t") or item.ByteSize() < LARGEST_NODE_BYTES
        )
        return bare
    if node.op_type != "MatMulNBits":
        return node
    sizes = {item.name: item.i for item in node.attribute}
    matrix = f"{node.output[0]}/matrix"
    shape = [sizes.get("K"), sizes.get("N")]
    graph.input.append(helper.make_tensor_value_info(matrix, TensorProto.FLOAT, shape))
    return helper.make_node("MatMul", [node.input[0], matrix], list(node.output), node.name)


def _fix_batch(graph: GraphProto, batch: int) -> None:
    names = set()
    for item in graph.input:
        for axis, dimension in enumerate(item.type.tensor_type.shape.dim):
            if is_batch(axis, dimension):
                names.add(dimension.dim_param or None)
                dimension.dim_value = batch
    for item in graph.input:
        for dimension in item.type.tensor_type.shape.dim:
            if dimension.dim_param and dimension.dim_param in names:
                dimension.dim_value = batch


def _type_of(item: ValueInfoProto) -> TensorType:
    tensor = item.type.tensor_type
    if not tensor.HasField("shape"):
        return TensorType(tensor.elem_type, None)
    sizes = (d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim)
    # Some exporters write -1 (or 0) where they mean an open size.
    return TensorType(tensor.elem_type, tuple(s if s is None or s > 0 else None for s in sizes))
