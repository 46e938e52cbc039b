"""How channels pass through LSTM, GRU and RNN, and the units of state that these make."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto

from tinystudio.graph.channels.atoms import Labels
from tinystudio.graph.channels.trace import Count, Trace
from tinystudio.graph.network import attribute

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
PEEPHOLES = 3
INPUT, WEIGHT, STATE_WEIGHT, BIAS, LENGTHS, STATE, CELL, PEEPHOLE = range(8)
COMPUTED = "its weights are computed, so they cannot be cut"
# Operators that make nothing but zeros of zeros.
_CARRIES_ZEROS = frozenset(
    ["Slice", "Expand", "Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze"]
)


def recurrent(trace: Trace, node: NodeProto) -> None:
    """LSTM, GRU and RNN: W (directions, gates x units, features), R (.., gates x units, units).

    A unit of the state goes with its row in every gate and its column of R. Both directions are
    equally wide, so that the same unit goes from both.
    """
    _read(trace, node)
    made = _made(trace, node)
    for index, output in enumerate(node.output):
        if output and made is not None:
            trace.follow(output, (None,) * (3 if index == 0 else 2) + (made,))


def _read(trace: Trace, node: NodeProto) -> None:
    axes = trace.axes(node.input[INPUT])
    for index, labels in enumerate(axes):
        if index != 2:
            trace.stop(node, labels, "its sequence and batch are not channels")
    for index in (WEIGHT, STATE_WEIGHT, BIAS, LENGTHS, PEEPHOLE):
        if _input(node, index):
            trace.stop_all(node, node.input[index], "it is computed elsewhere")
    features = axes[2] if len(axes) == 3 else None
    if features is None:
        return
    if trace.is_weight(node.input[WEIGHT]):
        trace.tie(node, node.input[WEIGHT], 2, features, "consumer")
    else:
        trace.stop(node, features, COMPUTED)


def _made(trace: Trace, node: NodeProto) -> Labels | None:
    """Return the units of the state; None where they cannot be followed."""
    states = [i for i in (STATE, CELL) if _input(node, i) and not is_zero(trace, node.input[i])]
    held = [i for i in states if not trace.is_weight(node.input[i])]
    weights = [i for i in (WEIGHT, STATE_WEIGHT, BIAS, PEEPHOLE) if _input(node, i)]
    followed = all(_units_of(trace, node.input[i]) is not None for i in held)
    if not followed or not all(trace.is_weight(node.input[i]) for i in weights):
        for i in held:
            trace.stop_all(node, node.input[i], "what it starts from or its weights are computed")
        return None
    shape = trace.size(node.input[STATE_WEIGHT]) or ()
    made = trace.new_channels(node, int(shape[-1] or 0))
    _tie(trace, node, made)
    for i in states:
        if i in held:
            made = _start(trace, node, made, node.input[i])
        else:
            trace.tie(node, node.input[i], -1, made, "passer")
    for i in (STATE, CELL):
        if _input(node, i) and i not in states:
            trace.blanks.append((node.name, i))
    trace.counts.append(Count(node, made, attribute="hidden_size"))
    return made


def _units_of(trace: Trace, state: str) -> Labels | None:
    axes = trace.axes(state)
    return axes[-1] if axes else None


def _start(trace: Trace, node: NodeProto, made: Labels, state: str) -> Labels:
    """Let the state that another layer left go with this one's."""
    *others, units = trace.axes(state)
    for labels in others:
        trace.stop(node, labels, "its directions and batch are not channels")
    joined = trace.join(node, made, units)
    return made if joined is None else joined


def _tie(trace: Trace, node: NodeProto, made: Labels) -> None:
    gates = GATES[node.op_type]
    trace.tie(node, node.input[WEIGHT], 1, np.tile(made, gates), "producer")
    trace.tie(node, node.input[STATE_WEIGHT], 1, np.tile(made, gates), "producer")
    trace.tie(node, node.input[STATE_WEIGHT], 2, made, "consumer")
    if _input(node, BIAS):
        trace.tie(node, node.input[BIAS], 1, np.tile(made, 2 * gates), "passer")
    if _input(node, PEEPHOLE):
        trace.tie(node, node.input[PEEPHOLE], 1, np.tile(made, PEEPHOLES), "passer")


def is_zero(trace: Trace, tensor: str) -> bool:
    """Say whether a tensor is nothing but zeros, as states are that exporters write out."""
    if trace.is_weight(tensor):
        return not trace.network.weights[tensor].any()
    node = trace.network.producer(tensor)
    if node is None or node.domain not in ("", "ai.onnx"):
        return False
    if node.op_type == "ConstantOfShape":
        return not np.any(attribute(node, "value", 0))
    return node.op_type in _CARRIES_ZEROS and is_zero(trace, node.input[0])


def _input(node: NodeProto, index: int) -> bool:
    return len(node.input) > index and bool(node.input[index])
