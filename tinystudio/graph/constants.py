"""Constants that a graph only rearranges on the way, made into plain weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnx import GraphProto, NodeProto, SparseTensorProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array

MOST_GROWTH, SPARE_BYTES = 4, 1_000_000  # of the weights, by which folding may add to them


def fold_constants(graph: GraphProto, nodes: tuple[NodeProto, ...]) -> list[NodeProto]:
    """Turn Constant nodes, and weights that are only rearranged on the way, into initializers.

    A rearrangement (`Transpose` of a weight, `Identity` by which exporters share one, the gates of
    a recurrent layer taken apart and put together in another order) costs nothing at run time in
    onnxruntime, which folds it as well; here it would hide the weight. Folding ends where it would
    make the weights several times what they were.
    """
    protos = {item.name: item for item in graph.initializer}
    outputs = {item.name for item in graph.output}
    room = SPARE_BYTES + MOST_GROWTH * sum(item.ByteSize() for item in graph.initializer)
    kept = []
    for node in nodes:
        tensor = _folded(node, protos) if not outputs & set(node.output) else None
        room -= 0 if tensor is None or node.op_type == "Constant" else tensor.ByteSize()
        if tensor is None or room < 0:
            kept.append(node)
            continue
        tensor.name = node.output[0]
        graph.initializer.append(tensor)
        protos[tensor.name] = tensor
    return kept


def _folded(node: NodeProto, protos: dict[str, TensorProto]) -> TensorProto | None:
    if node.domain not in ("", "ai.onnx"):
        return None
    if node.op_type == "Constant":
        return _constant(node)
    rule = _REARRANGING.get(node.op_type)
    if rule is None or not all(name in protos for name in node.input if name):
        return None
    arrays = [numpy_helper.to_array(protos[name]) for name in node.input if name]
    result = rule(node, arrays)
    if result is None:
        return None
    # `ascontiguousarray` makes a list of one out of a single number.
    return numpy_helper.from_array(np.ascontiguousarray(result).reshape(result.shape))


def _constant(node: NodeProto) -> TensorProto | None:
    item = node.attribute[0]
    if item.name == "value":
        copy = TensorProto()
        copy.CopyFrom(item.t)
        return copy
    value = helper.get_attribute_value(item)
    match item.name:
        case "sparse_value":
            return numpy_helper.from_array(dense(value))
        case "value_float" | "value_floats":
            return numpy_helper.from_array(np.array(value, np.float32))
        case "value_int" | "value_ints":
            return numpy_helper.from_array(np.array(value, np.int64))
        case _:
            return None  # text: no weight, stays as it is


def _transpose(node: NodeProto, arrays: list[Array]) -> Array | None:
    perm = next((list(a.ints) for a in node.attribute if a.name == "perm"), None)
    return np.transpose(arrays[0], perm)


def _squeezed(node: NodeProto, arrays: list[Array]) -> Array | None:
    """Squeeze or Unsqueeze; the axes are an attribute before opset 13, then an input."""
    axes = next((list(a.ints) for a in node.attribute if a.name == "axes"), None)
    if axes is None and len(arrays) > 1:
        axes = arrays[1].reshape(-1).tolist()
    if node.op_type == "Unsqueeze":
        return np.expand_dims(arrays[0], tuple(axes or ()))
    return np.squeeze(arrays[0], None if axes is None else tuple(axes))


def _identity(_: NodeProto, arrays: list[Array]) -> Array | None:
    return arrays[0]


def _reshape(node: NodeProto, arrays: list[Array]) -> Array | None:
    if len(arrays) != 2 or any(a.name == "allowzero" and a.i for a in node.attribute):
        return None
    shape = [
        arrays[0].shape[axis] if size == 0 else int(size) for axis, size in enumerate(arrays[1])
    ]
    return arrays[0].reshape(shape)


def _slice(node: NodeProto, arrays: list[Array]) -> Array | None:
    """Slice; starts and ends are attributes before opset 10, then inputs."""
    given = {a.name: np.array(a.ints) for a in node.attribute}
    given |= dict(zip(("starts", "ends", "axes", "steps"), arrays[1:], strict=False))
    if "" in node.input or not {"starts", "ends"} <= given.keys():
        return None
    starts, ends = (given[name].reshape(-1).tolist() for name in ("starts", "ends"))
    axes = given.get("axes", np.arange(len(starts))).reshape(-1).tolist()
    steps = given.get("steps", np.ones(len(starts), np.int64)).reshape(-1).tolist()
    if any(step <= 0 for step in steps):
        return None  # backwards: what an end means then is another matter, and nobody does it
    taken = [slice(None)] * arrays[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        taken[axis] = slice(start, end, step)
    return arrays[0][tuple(taken)]


def _concat(node: NodeProto, arrays: list[Array]) -> Array | None:
    axis = next((a.i for a in node.attribute if a.name == "axis"), None)
    return None if axis is None else np.concatenate(arrays, axis)


_REARRANGING: dict[str, Callable[[NodeProto, list[Array]], Array | None]] = {
    "Identity": _identity,
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Slice": _slice,
    "Concat": _concat,
    "Squeeze": _squeezed,
    "Unsqueeze": _squeezed,
}


def dense(sparse: SparseTensorProto) -> Array:
    """Return a SparseTensorProto as an array: indices are linear (nnz,) or by axis (nnz, rank)."""
    stored = numpy_helper.to_array(sparse.values)
    array = np.zeros(tuple(sparse.dims), stored.dtype)
    where = numpy_helper.to_array(sparse.indices)
    if where.ndim == 1:
        array.reshape(-1)[where] = stored
    else:
        array[tuple(where.T)] = stored
    return array
