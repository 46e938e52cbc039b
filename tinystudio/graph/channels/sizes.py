"""Numbers of channels that the graph computes with: shapes follow the cut, other values stay."""

from __future__ import annotations

from typing import Literal

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.channels.atoms import Labels
from tinystudio.graph.channels.trace import Axes, Trace
from tinystudio.graph.network import attribute
from tinystudio.graph.shape_arithmetic import ARITHMETIC, results

BECAUSE = "it computes with their number and that of samples"


def shape_of(trace: Trace, node: NodeProto) -> None:
    """Shape: what is computed from a number of channels must be followed as well."""
    axes = trace.axes(node.input[0])
    start, end = attribute(node, "start", 0), attribute(node, "end", len(axes))
    taken = axes[start:end]
    if any(labels is not None for labels in taken):
        trace.shape_channels[node.output[0]] = taken


def follow_counts(trace: Trace, node: NodeProto) -> None:
    """Carry on what was computed from numbers of channels, as far as it is but numbers.

    Where it meets data it may be the shape of a Reshape whose channels are followed: surgery
    writes that anew. Anything else (a scale of 1/sqrt(channels)) keeps the value that it has;
    where that differs with the number of samples (an Expand), channels stay.
    """
    counted = [name for name in node.input if name in trace.shape_channels]
    if not counted:
        return
    axes: Axes = tuple(x for name in counted for x in _selected(trace, node, name))
    if not any(labels is not None for labels in axes):
        return
    if _value(trace, node.output[0], 1) is not None:
        trace.shape_channels[node.output[0]] = axes
        return
    rewritten = node.op_type == "Reshape" and any(item.node is node for item in trace.counts)
    for name in counted:
        if not (rewritten and name == node.input[1]):
            _settle(trace, node, name)


def _settle(trace: Trace, node: NodeProto, name: str) -> None:
    value, other = _value(trace, name, 1), _value(trace, name, 2)
    maker = trace.network.producer(name)
    outside = any(port.name == name for port in trace.network.outputs)
    alone = maker is not None and len(maker.output) == 1 and not outside
    if alone and value is not None and other is not None and np.array_equal(value, other):
        trace.settled[name] = value
        return
    for labels in trace.shape_channels[name]:
        trace.stop(node, labels, BECAUSE)


def _value(trace: Trace, tensor: str, batch: Literal[1, 2]) -> Array | None:
    """Return the numbers that a tensor holds whatever is fed; None where that is not known."""
    if trace.is_weight(tensor):
        return trace.network.weights[tensor]
    key = (tensor, batch)
    if key not in trace.values:
        trace.values[key] = None
        node = trace.network.producer(tensor)
        if node is not None and node.op_type in ARITHMETIC | {"Shape"}:
            trace.values[key] = _computed(trace, node, tensor, batch)
    return trace.values[key]


def _computed(trace: Trace, node: NodeProto, tensor: str, batch: Literal[1, 2]) -> Array | None:
    network = trace.network
    shapes = {name: network.size(name, batch) for name in (*node.input, *node.output)}
    given: dict[str, Array] = {}
    for name in node.input if node.op_type != "Shape" else ():
        value = _value(trace, name, batch) if name else None
        if name and value is None:
            return None
        if value is not None:
            given[name] = value
    found = results(node, given, shapes, network.opset)
    return None if found is None else found[list(node.output).index(tensor)]


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
