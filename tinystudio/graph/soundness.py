"""What must hold before a network is worked with: sane sizes, whole tensors, finite weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from onnx import GraphProto, ModelProto, SparseTensorProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.graph.network import Network
from tinystudio.graph.shapes import misfit
from tinystudio.graph.sorting import subgraphs

LARGEST_WEIGHTS_BYTES = 2**31 - 1  # what one ONNX file can hold
MOST_NODES = 100_000  # large language models have a fifth of that
MOST_INPUTS = 10_000
LONGEST_RANGE = 2**24  # numbers: positions of a text, places of a picture
LARGEST_TENSOR_BYTES = 4 * 2**30  # one activation for one sample; a laptop has 8 GiB

# Where an infinite weight makes the result meaningless. Elsewhere (masks, bounds, padding) an
# infinite constant has its meaning.
_MUST_BE_FINITE = (
    "Conv ConvTranspose Gemm MatMul BatchNormalization InstanceNormalization LayerNormalization "
    "GroupNormalization PRelu LSTM GRU RNN Mul Div DequantizeLinear"
)
MUST_BE_FINITE = frozenset(_MUST_BE_FINITE.split())
BROKEN = "The training that made it has diverged; choose an earlier checkpoint."
AGAIN = "Export the model again, or choose another file."


def check_tensors(model: ModelProto, title: str) -> int:
    """Raise `UserError` where stored tensors are absurdly large or not whole; return their bytes.

    Nothing is allocated: declared sizes are compared with the bytes that are there.
    """
    total = _check_graph(model.graph, title)
    if total > LARGEST_WEIGHTS_BYTES:
        detail = f"Its weights need {total / 2**30:.1f} GiB; at most 2 GiB can be worked with."
        raise UserError(title, detail, "Choose a smaller model.")
    return total


def check_counts(model: ModelProto, title: str) -> None:
    """Raise `UserError` where there are more nodes, or inputs of a node, than any network has."""
    if len(model.graph.node) > MOST_NODES:
        detail = f"It has {len(model.graph.node):,} nodes; at most {MOST_NODES:,} are taken."
        raise UserError(title, detail, "Choose a smaller model.")
    for node in model.graph.node:
        if len(node.input) > MOST_INPUTS:
            detail = f"Node '{node.name or node.op_type}' has {len(node.input):,} inputs."
            raise UserError(title, detail, AGAIN)


def check_ranges(model: ModelProto, title: str) -> None:
    """Raise `UserError` where a Range between constants has absurdly many numbers.

    ONNX's inference writes all of them down, before any size could be looked at.
    """
    stored = {item.name: item for item in model.graph.initializer}
    constants = [node for node in model.graph.node if node.op_type == "Constant"]
    stored |= {
        node.output[0]: item.t
        for node in constants
        for item in node.attribute
        if item.name == "value"
    }
    for node in model.graph.node:
        ends = [stored.get(name) for name in node.input]
        if node.op_type != "Range" or len(ends) != 3 or any(_is_large(item) for item in ends):
            continue
        start, limit, step = (float(numpy_helper.to_array(item).reshape(-1)[0]) for item in ends)
        count = (limit - start) / step if step else 0.0
        if count > LONGEST_RANGE:
            detail = f"Node '{node.name or node.op_type}' makes {count:.3g} numbers."
            raise UserError(title, detail, AGAIN)


def _is_large(tensor: TensorProto | None) -> bool:
    return tensor is None or math.prod(tensor.dims) != 1


def _check_graph(graph: GraphProto, title: str) -> int:
    total = sum(_check_tensor(item, title) for item in graph.initializer)
    total += sum(_check_sparse(item, title) for item in graph.sparse_initializer)
    for node in graph.node:
        for item in node.attribute:
            stored = [*item.tensors, *([item.t] if item.HasField("t") else [])]
            total += sum(_check_tensor(tensor, title) for tensor in stored)
            sparse = [item.sparse_tensor] if item.HasField("sparse_tensor") else []
            total += sum(_check_sparse(tensor, title) for tensor in sparse)
        total += sum(_check_graph(inner, title) for inner in subgraphs(node))
    return total


def _check_tensor(tensor: TensorProto, title: str) -> int:
    name = tensor.name or "(unnamed)"
    needed = declared_bytes(tensor)
    if any(size < 0 for size in tensor.dims):
        raise UserError(title, f"Weight '{name}' has a negative size.", AGAIN)
    if tensor.data_type not in TensorProto.DataType.values() or not tensor.data_type:
        raise UserError(title, f"Weight '{name}' is of an unknown type of number.", AGAIN)
    if needed > LARGEST_WEIGHTS_BYTES:
        raise _too_large(title, f"Weight '{name}'", tuple(tensor.dims), needed)
    if tensor.data_location == TensorProto.EXTERNAL or tensor.data_type == TensorProto.STRING:
        return needed
    if len(tensor.raw_data) != needed and not _in_typed_field(tensor):
        detail = f"Weight '{name}' should have {needed} bytes and has {len(tensor.raw_data)}."
        raise UserError(title, detail, AGAIN)
    return needed


def _in_typed_field(tensor: TensorProto) -> bool:
    """Say whether the numbers are complete in one of the fields for numbers."""
    if tensor.HasField("raw_data"):
        return False
    field = helper.tensor_dtype_to_field(tensor.data_type)
    per_number = 2 if tensor.data_type in (TensorProto.COMPLEX64, TensorProto.COMPLEX128) else 1
    count = math.prod(tensor.dims) * per_number
    packed = 2 if _bits(tensor.data_type) == 4 else 4 if _bits(tensor.data_type) == 2 else 1
    return bool(len(getattr(tensor, field)) >= -(-count // packed))


def _check_sparse(tensor: SparseTensorProto, title: str) -> int:
    needed = int(math.prod(tensor.dims)) * (_bits(tensor.values.data_type) // 8 or 1)
    if needed > LARGEST_WEIGHTS_BYTES or any(size < 0 for size in tensor.dims):
        raise _too_large(title, f"Weight '{tensor.values.name}'", tuple(tensor.dims), needed)
    return needed + _check_tensor(tensor.values, title) + _check_tensor(tensor.indices, title)


def declared_bytes(tensor: TensorProto) -> int:
    """Return how many bytes a tensor of these sizes and this type takes."""
    return -(-int(math.prod(tensor.dims)) * _bits(tensor.data_type) // 8)


def _bits(element: int) -> int:
    name = TensorProto.DataType.Name(element) if element in TensorProto.DataType.values() else ""
    if name in ("INT4", "UINT4", "FLOAT4E2M1"):
        return 4
    if name in ("INT2", "UINT2"):
        return 2
    if not name or name in ("STRING", "UNDEFINED"):
        return 0
    return 8 * int(np.dtype(helper.tensor_dtype_to_np_dtype(element)).itemsize)


def check_values(network: Network, title: str) -> None:
    """Raise `UserError`, naming the tensor, where weights are not numbers or infinite."""
    for name, array in network.weights.items():
        if not _is_float(array) or not array.size:
            continue
        if np.isnan(array).any():
            count = int(np.isnan(array).sum())
            detail = f"Weight '{name}' holds {count} values that are not numbers (NaN)."
            raise UserError(title, detail, BROKEN)
        users = {node.op_type for node in network.consumers(name)}
        if users & MUST_BE_FINITE and np.isinf(array).any():
            raise UserError(title, f"Weight '{name}' holds infinite values.", BROKEN)


def _is_float(array: Array) -> bool:
    # Formats numpy does not know (bfloat16, float8) are of kind V.
    return array.dtype.kind == "f" or "float" in array.dtype.name


def check_activations(network: Network, title: str) -> None:
    """Raise `UserError` where a node would make an absurdly large tensor for one sample."""
    for node in network.nodes:
        for name in node.output:
            size, dtype = network.size(name), network.dtype(name)
            if size is None or dtype is None:
                continue
            needed = math.prod(s for s in size if s is not None) * dtype.itemsize
            if needed > LARGEST_TENSOR_BYTES:
                raise _too_large(title, f"Node '{node.name}' makes a tensor that", size, needed)


def check_names(model: ModelProto, title: str) -> None:
    """Raise `UserError` where a name is not text: protobuf then gives bytes."""
    said = [model.producer_name, model.producer_version, model.domain]
    said += [text for item in model.metadata_props for text in (item.key, item.value)]
    if any(isinstance(name, bytes) for name in (*said, *_names(model.graph))):
        raise UserError(title, "Some of its names are not text (not UTF-8).", AGAIN)


def _names(graph: GraphProto) -> Iterator[str | bytes]:
    yield graph.name
    yield from (item.name for item in (*graph.input, *graph.output, *graph.initializer))
    for port in (*graph.input, *graph.output):
        yield from (size.dim_param for size in port.type.tensor_type.shape.dim)
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        yield from (item.name for item in node.attribute)
        for inner in subgraphs(node):
            yield from _names(inner)


def check_sizes(network: Network, title: str) -> None:
    """Raise `UserError` where the sizes of a node's inputs do not fit together."""
    found = misfit(network.model)
    if found is not None:
        raise UserError(title, f"The sizes in its graph do not fit: {found[:300]}", AGAIN)


def _too_large(title: str, what: str, dims: tuple[int | None, ...], needed: int) -> UserError:
    sizes = " x ".join("?" if size is None else str(size) for size in dims)
    detail = f"{what} has the sizes {sizes}: {needed / 2**30:.1f} GiB."
    return UserError(title, detail, "Check the export; no small model needs that much.")
