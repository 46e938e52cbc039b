"""How channels pass through operators that pool, reduce or normalize along other axes."""

from __future__ import annotations

from onnx import NodeProto

from tinystudio.graph.channels.layers import bias
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
    """ReduceMean and its like, ArgMax: over other axes than the channels'.

    But for means over channels that normalize a layer, written out: those count fewer channels.
    """
    axes = trace.axes(node.input[0])
    over = _reduced_axes(trace, node, len(axes))
    followed = [index for index in over if axes[index] is not None]
    normalizes = len(over) == len(followed) == 1 and _normalizes(trace, node)
    for index in followed:
        if normalizes:
            trace.averages(node, axes[index])
        else:
            trace.stop(node, axes[index], "it reduces over them")
    if attribute(node, "keepdims", 1):
        kept: Axes = tuple(None if i in over else labels for i, labels in enumerate(axes))
    else:
        kept = tuple(labels for i, labels in enumerate(axes) if i not in over)
    trace.follow(node.output[0], kept)


def _normalizes(trace: Trace, node: NodeProto) -> bool:
    """Say whether a mean is the mean or the variance of a layer normalization written out.

    The mean is taken from what it is the mean of, and nothing else; the variance, or what stands
    for it without a mean (Zhang and Sennrich 2019), is that of squares, with a constant added.
    """
    if node.op_type != "ReduceMean" or not attribute(node, "keepdims", 1):
        return False
    network, (data, mean) = trace.network, (node.input[0], node.output[0])
    readers = network.consumers(mean)
    if readers and all(r.op_type == "Sub" and list(r.input) == [data, mean] for r in readers):
        return True
    square = network.producer(data)
    return (
        square is not None
        and _squares(trace, square)
        and bool(readers)
        and all(r.op_type == "Add" and any(map(trace.is_weight, r.input)) for r in readers)
    )


def _squares(trace: Trace, node: NodeProto) -> bool:
    if node.op_type == "Mul":
        return str(node.input[0]) == str(node.input[1])
    power = trace.constant(node, 1) if node.op_type == "Pow" else None
    return power is not None and power.size == 1 and float(power.reshape(-1)[0]) == 2.0


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
    """Softmax and LayerNormalization: over other axes than the channels'.

    But for LayerNormalization over channels alone, which then counts fewer of them.
    """
    axes = trace.axes(node.input[0])
    if not axes:
        return
    layer = node.op_type == "LayerNormalization"
    whole = layer or trace.network.opset < 13
    default = -1 if layer or not whole else 1
    first = attribute(node, "axis", default) % len(axes)
    channels = axes[-1]
    if layer and first == len(axes) - 1 and channels is not None:
        trace.averages(node, channels)
        for index in range(1, len(node.input)):
            bias(trace, node, index, channels)
        trace.follow(node.output[0], axes)
        return
    over = range(first, len(axes)) if whole else (first,)
    for index in over:
        trace.stop(node, axes[index], "it normalizes over them")
    trace.follow(
        node.output[0], tuple(None if i in over else labels for i, labels in enumerate(axes))
    )
