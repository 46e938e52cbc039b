"""How channels pass through operators that move, join, select or repeat positions."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto

from tinystudio.graph.channels.atoms import STAYS, Labels
from tinystudio.graph.channels.trace import Axes, Count, Trace
from tinystudio.graph.network import attribute

SPLIT_BY_INPUT = 13  # the operator set since which the sizes of a Split are an input


def transpose(trace: Trace, node: NodeProto) -> None:
    """Transpose: the channels are on another axis."""
    axes = trace.axes(node.input[0])
    order = attribute(node, "perm", list(reversed(range(len(axes)))))
    if len(order) == len(axes):
        trace.follow(node.output[0], tuple(axes[axis] for axis in order))


def concatenation(trace: Trace, node: NodeProto) -> None:
    """Concat: along the channels each keeps its own; along another axis they go together."""
    size = trace.size(node.output[0])
    if size is None or any(trace.size(name) is None for name in node.input):
        for name in node.input:
            trace.stop_all(node, name, "the sizes of what it joins are not known")
        return
    along = attribute(node, "axis", 1) % len(size)
    if _is_only_picked_from(trace, node, along):
        trace.picked[node.output[0]] = node
        return
    computed = [name for name in node.input if not trace.is_weight(name)]
    axes: list[Labels | None] = []
    for axis in range(len(size)):
        if axis == along:
            axes.append(_laid_end_to_end(trace, node, axis))
        else:
            axes.append(_together(trace, node, computed, axis))
    for name in node.input:
        if trace.is_weight(name):
            for axis, labels in enumerate(axes):
                if axis != along and labels is not None:
                    trace.tie(node, name, axis, labels, "passer")
    trace.follow(node.output[0], tuple(axes))


def _is_only_picked_from(trace: Trace, node: NodeProto, along: int) -> bool:
    """Say whether single places along the axis are all that is read of what a Concat joins.

    So exporters write the last states of layers that follow one another. Surgery lets each reader
    read the piece itself, so that the pieces need not stay equally wide.
    """
    name = node.output[0]
    readers = trace.network.consumers(name)
    return (
        bool(readers)
        and not _grows(trace, node, along)
        and all((trace.size(item) or ())[along] for item in node.input)
        and all(port.name != name for port in trace.network.outputs)
        and not any(trace.is_weight(item) for item in node.input)
        and all(_picks(trace, reader, name, along) for reader in readers)
    )


def _picks(trace: Trace, node: NodeProto, data: str, along: int) -> bool:
    index = trace.constant(node, 1)
    rank = len(trace.size(data) or ())
    return (
        node.op_type == "Gather"
        and node.input[0] == data
        and attribute(node, "axis", 0) % rank == along
        and index is not None
        and index.size == 1
    )


def _pick(trace: Trace, node: NodeProto, joined: NodeProto) -> None:
    """Gather from one piece of a Concat: the place is counted within the piece."""
    along = attribute(node, "axis", 0) % len(trace.size(joined.output[0]) or (1,))
    sizes = [(trace.size(name) or ())[along] or 0 for name in joined.input]
    place = int(trace.network.weights[node.input[1]].reshape(-1)[0]) % sum(sizes)
    for name, size in zip(joined.input, sizes, strict=True):
        if place < size:
            trace.picks[node.name] = (name, place)
            axes = list(trace.axes(name))
            trace.stop(node, axes[along], "it takes some of them by number")
            rank = len(trace.size(node.input[1]) or ())
            axes[along : along + 1] = [None] * rank
            trace.follow(node.output[0], tuple(axes))
            return
        place -= size


def _laid_end_to_end(trace: Trace, node: NodeProto, axis: int) -> Labels | None:
    if _grows(trace, node, axis):
        for name in node.input:
            if not trace.is_weight(name):
                trace.stop(node, trace.axes(name)[axis], "it joins samples")
        return None
    pieces = []
    for name in node.input:
        labels = None if trace.is_weight(name) else trace.axes(name)[axis]
        length = (trace.size(name) or ())[axis]
        if length is None:
            for other in node.input:
                trace.stop_all(node, other, "the sizes of what it joins are not known")
            return None
        pieces.append(np.full(length, STAYS) if labels is None else labels)
    return np.concatenate(pieces)


def _together(trace: Trace, node: NodeProto, tensors: list[str], axis: int) -> Labels | None:
    found = [trace.axes(name)[axis] for name in tensors]
    if all(labels is None for labels in found):
        return None
    result = found[0]
    for labels in found[1:]:
        result = trace.join(node, result, labels)
    return result


def selection(trace: Trace, node: NodeProto) -> None:
    """Slice, Split, Pad, Gather of positions: on other axes than the channels'."""
    if node.input[0] in trace.picked:
        _pick(trace, node, trace.picked[node.input[0]])
        return
    axes = trace.axes(node.input[0])
    if node.op_type == "Split" and _splits_channels(trace, node, axes):
        return
    touched = _touched(trace, node, len(axes))
    for index in touched:
        trace.stop(node, axes[index], "it takes some of them by number")
    kept: list[Labels | None] = [None if i in touched else x for i, x in enumerate(axes)]
    if node.op_type == "Gather" and axes:
        rank = len(trace.size(node.input[1]) or ())
        kept[touched[0] : touched[0] + 1] = [None] * rank
    for output in node.output:
        trace.follow(output, tuple(kept))


def _splits_channels(trace: Trace, node: NodeProto, axes: Axes) -> bool:
    """Follow the channels of a Split into its parts, where the graph can state how many go where.

    Of every part some channel has to stay.
    """
    labels = axes[attribute(node, "axis", 0)] if axes else None
    constant = trace.constant(node, 1)
    stated = constant is not None or (len(node.input) < 2 and trace.network.opset >= SPLIT_BY_INPUT)
    if labels is None or not stated:
        return False
    along = attribute(node, "axis", 0) % len(axes)
    found = [(trace.size(name) or ())[along : along + 1] for name in node.output]
    known = tuple(size for sizes in found for size in sizes if size)
    if sum(known) != len(labels) or len(known) < len(node.output) or _grows(trace, node, along):
        return False
    start = 0
    for index, (name, size) in enumerate(zip(node.output, known, strict=True)):
        part = labels[start : start + size]
        shape = None if constant is not None else known
        trace.counts.append(Count(node, part, entry=index, shape=shape))
        trace.spans.append(part)
        trace.follow(name, (*axes[:along], part, *axes[along + 1 :]))
        start += size
    return True


def _grows(trace: Trace, node: NodeProto, axis: int) -> bool:
    """Say whether an axis of the result is longer for more samples."""
    one, two = trace.size(node.output[0]), trace.network.size(node.output[0], batch=2)
    return one is None or two is None or one[axis] != two[axis]


def _touched(trace: Trace, node: NodeProto, rank: int) -> list[int]:
    """Return the axes along which positions are taken or added; none where no axis is known."""
    if not rank:
        return []
    every = list(range(rank))
    match node.op_type:
        case "Gather" | "Split":
            return [attribute(node, "axis", 0) % rank]
        case "Slice":
            axes = attribute(node, "axes", None)
            if axes is None and len(node.input) > 3 and node.input[3]:
                axes = trace.constant(node, 3)
                axes = every if axes is None else axes.tolist()
            if axes is None:
                starts = attribute(node, "starts", None)
                starts = trace.constant(node, 1) if starts is None else starts
                axes = every if starts is None else range(len(starts))
            return [int(axis) % rank for axis in axes]
        case _:
            pads = attribute(node, "pads", attribute(node, "paddings", None))
            pads = trace.constant(node, 1) if pads is None else pads
            axes = trace.constant(node, 3)
            if pads is None or (len(node.input) > 3 and node.input[3] and axes is None):
                return every
            where = every if axes is None else [int(axis) % rank for axis in axes]
            half = len(where)
            return [axis for i, axis in enumerate(where) if pads[i] or pads[i + half]]


def resizing(trace: Trace, node: NodeProto) -> None:
    """Resize and Upsample: over space; sizes that name the channels follow them."""
    axes = trace.axes(node.input[0])
    before, after = trace.size(node.input[0]), trace.size(node.output[0])
    sizes = trace.constant(node, 3)
    computed = len(node.input) > 3 and node.input[3] and sizes is None
    chosen = attribute(node, "axes", None)
    for axis, labels in enumerate(axes):
        same = before is not None and after is not None and before[axis] == after[axis]
        if labels is None:
            continue
        if not same or computed:
            trace.stop(node, labels, "it changes their number, or its sizes are computed")
        elif sizes is not None and chosen is None:
            trace.counts.append(Count(node, labels, entry=axis, input=3))
    trace.follow(node.output[0], axes)
