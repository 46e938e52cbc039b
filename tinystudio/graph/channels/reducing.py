"""How channels pass through operators that pool, reduce or normalize along other axes."""

from __future__ import annotations

from onnx import NodeProto

from tinystudio.graph.channels.trace import Axes, Trace
from tinystudio.graph.network import attribute


def pooling(trace: Trace, node: NodeProto) -> None:
    """Pooling over space: every channel by itself."""
    axes = trace.axes(node.input[0])
    for labels in axes[2:]:
        trace.stop(node, labels, "it pools over them")
    if len(node.output) > 1 and node.output[1]:
        trace.stop_all(node, node.input[0], "it also gives positions, which count channels")
        return
    trace.follow(node.output[0], (*axes[:2], *(None,) * (len(axes) - 2)))


def reduction(trace: Trace, node: NodeProto) -> None:
    """ReduceMean and its like, ArgMax: over other axes than the channels'."""
    axes = trace.axes(node.input[0])
    over = _reduced_axes(trace, node, len(axes))
    for index in over:
        trace.stop(node, axes[index], "it reduces over them")
    if attribute(node, "keepdims", 1):
        kept: Axes = tuple(None if i in over else labels for i, labels in enumerate(axes))
    else:
        kept = tuple(labels for i, labels in enumerate(axes) if i not in over)
    trace.follow(node.output[0], kept)


def _reduced_axes(trace: Trace, node: NodeProto, rank: int) -> list[int]:
    if not rank:
        return []
    if node.op_type in ("ArgMax", "ArgMin"):
        return [attribute(node, "axis", 0) % rank]
    axes = attribute(node, "axes", None)
    if axes is None and len(node.input) > 1 and node.input[1]:
        constant = trace.constant(node, 1)
        # Computed axes may be any.
        axes = list(range(rank)) if constant is None else constant.reshape(-1).tolist()
    if not axes:
        axes = [] if attribute(node, "noop_with_empty_axes", 0) else list(range(rank))
    return [axis % rank for axis in axes]


def normalization(trace: Trace, node: NodeProto) -> None:
    """Softmax and LayerNormalization: over other axes than the channels'."""
    axes = trace.axes(node.input[0])
    if not axes:
        return
    whole = node.op_type == "LayerNormalization" or trace.network.opset < 13
    default = -1 if node.op_type == "LayerNormalization" or not whole else 1
    first = attribute(node, "axis", default) % len(axes)
    over = range(first, len(axes)) if whole else (first,)
    for index in over:
        trace.stop(node, axes[index], "it normalizes over them")
    trace.follow(
        node.output[0], tuple(None if i in over else labels for i, labels in enumerate(axes))
    )
