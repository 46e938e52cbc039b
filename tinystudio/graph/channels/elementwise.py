"""How channels pass through operators that work position by position, with broadcasting."""

from __future__ import annotations

from onnx import NodeProto

from tinystudio.graph.channels.atoms import Labels
from tinystudio.graph.channels.trace import Trace

BROADCAST = "it is repeated along its channels"


def elementwise(trace: Trace, node: NodeProto) -> None:
    """Relu, Add, Mul, PRelu, Where, Clip, Cast and their like.

    Two computed tensors that meet couple their channels; a constant of full length along the
    channel axis is cut with them; everything that is broadcast along it is left alone.
    """
    computed = [name for name in node.input if name and not trace.is_weight(name)]
    if any(trace.size(name) is None for name in computed):
        for name in computed:
            trace.stop_all(node, name, "the sizes of what it works on are not known")
        return
    rank = max((len(trace.size(name) or ()) for name in node.input if name), default=0)
    axes = tuple(broadcast(trace, node, computed, axis - rank) for axis in range(rank))
    for name in node.input:
        if name and trace.is_weight(name):
            _cut_constant(trace, node, name, axes)
    for output in node.output:
        trace.follow(output, axes)


def broadcast(trace: Trace, node: NodeProto, tensors: list[str], axis: int) -> Labels | None:
    """Return the channels that a result has along `axis` (counted from the end)."""
    present = [name for name in tensors if len(trace.size(name) or ()) >= -axis]
    sizes = {name: (trace.size(name) or ())[axis] for name in present}
    labelled = [labels for name in present if (labels := trace.axes(name)[axis]) is not None]
    if not labelled:
        return None
    # `follow` never keeps channels on an axis of size 1, so these all have the full size.
    result: Labels | None = labelled[0]
    for labels in labelled[1:]:
        result = trace.join(node, result, labels)
    for name in present:
        if trace.axes(name)[axis] is None and sizes[name] != 1:
            trace.stop(node, result, "it meets channels that stay")
            result = None
    return result


def _cut_constant(
    trace: Trace, node: NodeProto, name: str, axes: tuple[Labels | None, ...]
) -> None:
    shape = trace.size(name) or ()
    for axis, size in enumerate(shape):
        labels = axes[axis - len(shape)]
        if labels is not None and size == len(labels):
            trace.tie(node, name, axis, labels, "passer")
