"""Numbers of channels that the graph computes with: harmless only as the shape of a Reshape."""

from __future__ import annotations

from onnx import NodeProto

from tinystudio.graph.channels.atoms import Labels
from tinystudio.graph.channels.trace import Axes, Trace
from tinystudio.graph.network import attribute

_ARITHMETIC = "Gather Slice Concat Cast Squeeze Unsqueeze Identity Add Sub Mul Div Floor Ceil"
ARITHMETIC = frozenset(_ARITHMETIC.split())
BECAUSE = "it computes with their number"


def shape_of(trace: Trace, node: NodeProto) -> None:
    """Shape: what is computed from a number of channels must be followed as well."""
    axes = trace.axes(node.input[0])
    start, end = attribute(node, "start", 0), attribute(node, "end", len(axes))
    taken = axes[start:end]
    if any(labels is not None for labels in taken):
        trace.shape_channels[node.output[0]] = taken


def follow_counts(trace: Trace, node: NodeProto) -> None:
    """Carry on what was computed from numbers of channels; stop where it has an effect.

    Surgery writes the shape of a Reshape whose channels it follows anew, so a count may end
    there. Anywhere else (a scale of 1/sqrt(channels), an Expand) the result would change.
    """
    counted = [name for name in node.input if name in trace.shape_channels]
    if not counted:
        return
    axes: Axes = tuple(x for name in counted for x in _selected(trace, node, name))
    if not any(labels is not None for labels in axes):
        return
    rewritten = node.op_type == "Reshape" and any(item.node is node for item in trace.counts)
    if node.op_type in ARITHMETIC:
        trace.shape_channels[node.output[0]] = axes
    elif not (rewritten and counted == [node.input[1]]):
        for labels in axes:
            trace.stop(node, labels, BECAUSE)


def _selected(trace: Trace, node: NodeProto, name: str) -> tuple[Labels | None, ...]:
    """Return the counts that `node` reads of a tensor: a Gather right after Shape takes some."""
    axes = trace.shape_channels[name]
    maker = trace.network.producer(name)
    picked = trace.constant(node, 1)
    direct = maker is not None and maker.op_type == "Shape"
    if direct and node.op_type == "Gather" and picked is not None:
        return tuple(axes[int(index)] for index in picked.reshape(-1))
    ends = trace.constant(node, 2)
    if direct and node.op_type == "Slice" and picked is not None and ends is not None:
        return axes[int(picked[0]) : int(ends[0])] if len(node.input) < 5 else axes
    return axes
