"""How channels pass through the layers that have weights."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto

from tinystudio.graph.channels.atoms import Labels
from tinystudio.graph.channels.elementwise import broadcast
from tinystudio.graph.channels.trace import Count, Source, Trace
from tinystudio.graph.network import attribute

COMPUTED = "its weights are computed, so they cannot be cut"


def convolution(trace: Trace, node: NodeProto) -> None:
    """Conv and ConvTranspose: plain, grouped, depthwise, with any number of axes."""
    data, weight = node.input[0], node.input[1]
    transposed = node.op_type == "ConvTranspose"
    channels = _only_axis_one(trace, node)
    shape = trace.size(weight)
    if not trace.is_weight(weight) or shape is None or None in shape:
        trace.stop(node, channels, COMPUTED)
        return
    groups = attribute(node, "group", 1)
    inputs = (shape[0] if transposed else (shape[1] or 0) * groups) or 0
    outputs = ((shape[1] or 0) * groups if transposed else shape[0]) or 0
    unlike = channels is not None and len(channels) != inputs
    if not inputs or unlike or inputs % groups or outputs % groups:
        trace.stop(node, channels, "its weights do not fit its channels")
        return
    if groups == inputs and channels is not None:
        made = _depthwise(trace, node, channels, outputs // inputs)
    else:
        made = _connecting(trace, node, channels, outputs)
    bias(trace, node, 2, made)
    rank = len(trace.size(data) or shape)
    trace.follow(node.output[0], (None, made, *(None,) * (rank - 2)))


def _depthwise(trace: Trace, node: NodeProto, channels: Labels, times: int) -> Labels:
    """Each input channel makes `times` output channels of its own, and takes them along."""
    made = np.repeat(channels, times)
    weight = node.input[1]
    trace.tie(node, weight, 0, channels if node.op_type == "ConvTranspose" else made, "passer")
    trace.counts.append(Count(node, channels))
    return made


def _connecting(trace: Trace, node: NodeProto, channels: Labels | None, outputs: int) -> Labels:
    """Every output of a group reads every input of it; groups stay equally wide."""
    groups = attribute(node, "group", 1)
    weight, transposed = node.input[1], node.op_type == "ConvTranspose"
    made = trace.new_channels(node, outputs)
    out_columns = trace.columns(made, groups)
    trace.tie(node, weight, 1 if transposed else 0, out_columns if transposed else made, "producer")
    if channels is not None:
        in_columns = trace.columns(channels, groups)
        axis = 0 if transposed else 1
        trace.tie(node, weight, axis, channels if transposed else in_columns, "consumer")
    return made


def gemm(trace: Trace, node: NodeProto) -> None:
    """Gemm: A (rows, features) times the weight B, plus C."""
    data, weight = node.input[0], node.input[1]
    axes = trace.axes(data)
    shape = trace.size(weight)
    if not trace.is_weight(weight) or shape is None or len(axes) != 2:
        for tensor in node.input[:2]:
            trace.stop_all(node, tensor, COMPUTED)
        return
    rows, features = reversed(axes) if attribute(node, "transA", 0) else axes
    out_axis = 0 if attribute(node, "transB", 0) else 1
    if features is not None:
        trace.tie(node, weight, 1 - out_axis, features, "consumer")
    made = trace.new_channels(node, shape[out_axis] or 0)
    trace.tie(node, weight, out_axis, made, "producer")
    bias(trace, node, 2, made)
    trace.stop(node, rows, "its rows are not channels")
    trace.follow(node.output[0], (None, made))


def matmul(trace: Trace, node: NodeProto) -> None:
    """MatMul: with a weight on either side, or of two computed tensors."""
    left, right = node.input[0], node.input[1]
    if trace.is_weight(right) and not trace.is_weight(left):
        _times_weight(trace, node)
    elif trace.is_weight(left) and not trace.is_weight(right):
        _weight_times(trace, node)
    else:
        _product(trace, node)


def _times_weight(trace: Trace, node: NodeProto) -> None:
    axes, weight = trace.axes(node.input[0]), node.input[1]
    shape = trace.size(weight) or ()
    if not axes or not shape:
        return
    *kept, features = axes
    if features is not None:
        trace.tie(node, weight, -2 if len(shape) > 1 else 0, features, "consumer")
    if len(shape) > 2:
        # A stack of matrices: its leading axes line up with those of the data.
        for labels in kept[:-1]:
            trace.stop(node, labels, "it multiplies by a stack of matrices")
        rank = len(trace.size(node.output[0]) or axes)
        kept = ([None] * rank + kept[-1:])[1 - rank :]
    made = None
    if len(shape) > 1:
        made = trace.new_channels(node, shape[-1] or 0)
        trace.tie(node, weight, -1, made, "producer")
    trace.follow(node.output[0], (*kept, made) if len(shape) > 1 else tuple(kept))


def _weight_times(trace: Trace, node: NodeProto) -> None:
    weight, axes = node.input[0], trace.axes(node.input[1])
    shape = trace.size(weight) or ()
    if len(shape) != 2 or len(axes) < 2:
        trace.stop_all(node, node.input[1], "it multiplies by a weight of another form")
        return
    *leading, features, columns = axes
    if features is not None:
        trace.tie(node, weight, 1, features, "consumer")
    made = trace.new_channels(node, shape[0] or 0)
    trace.tie(node, weight, 0, made, "producer")
    trace.follow(node.output[0], (*leading, made, columns))


def _product(trace: Trace, node: NodeProto) -> None:
    """Multiply matrices that were computed, as attention does, one for every leading position.

    What is summed over goes from both sides at once; rows, columns and whole matrices remain.
    """
    trace.products_met = True
    left, right = trace.axes(node.input[0]), trace.axes(node.input[1])
    because = "it multiplies two computed tensors"
    if min(len(left), len(right)) < 2 or trace.size(node.output[0]) is None:
        for labels in (*left, *right):
            trace.stop(node, labels, because)
        return
    if left[-1] is None or right[-2] is None:
        trace.stop(node, left[-1] if right[-2] is None else right[-2], because)
    else:
        joined = trace.join(node, left[-1], right[-2])
        trace.contracted.extend([] if joined is None else [Source(node, joined)])
    rank = max(len(left), len(right))
    leading = tuple(
        broadcast(trace, node, list(node.input), axis - rank) for axis in range(rank - 2)
    )
    trace.products.extend(labels for labels in leading if labels is not None)
    trace.follow(node.output[0], (*leading, left[-2], right[-1]))


def per_channel(trace: Trace, node: NodeProto) -> None:
    """BatchNormalization and InstanceNormalization: parameters per channel, along axis 1."""
    axes = trace.axes(node.input[0])
    channels = axes[1] if len(axes) > 1 else None
    if node.op_type == "InstanceNormalization":
        channels = _only_axis_one(trace, node)
        axes = (None, channels, *axes[2:])
    if channels is not None and not all(trace.is_weight(name) for name in node.input[1:]):
        trace.stop(node, channels, COMPUTED)
        return
    if channels is not None:
        for index in range(1, len(node.input)):
            bias(trace, node, index, channels)
    trace.follow(node.output[0], axes)


def embedding(trace: Trace, node: NodeProto) -> None:
    """Gather from a table: row numbers in, vectors out."""
    table, indices = node.input[0], node.input[1]
    shape = trace.size(table) or ()
    rank = len(trace.size(indices) or ())
    if len(shape) != 2 or attribute(node, "axis", 0) != 0 or trace.size(indices) is None:
        return
    made = trace.new_channels(node, shape[1] or 0)
    trace.tie(node, table, 1, made, "producer")
    trace.follow(node.output[0], ((None,) * rank) + (made,))


def bias(trace: Trace, node: NodeProto, index: int, channels: Labels) -> None:
    """Let the optional input `index`, whose last axis runs over channels, go with them."""
    if len(node.input) <= index or not node.input[index]:
        return
    name = node.input[index]
    shape = trace.size(name)
    if not trace.is_weight(name) or shape is None:
        trace.stop(node, channels, COMPUTED)
        trace.stop_all(node, name, COMPUTED)
    elif shape and shape[-1] == len(channels):
        trace.tie(node, name, -1, channels, "passer")


def _only_axis_one(trace: Trace, node: NodeProto) -> Labels | None:
    """Return the channels along axis 1; channels along any other axis stay here."""
    axes = trace.axes(node.input[0])
    for index, labels in enumerate(axes):
        if index != 1:
            trace.stop(node, labels, "channels must lie along the second axis")
    return axes[1] if len(axes) > 1 else None
