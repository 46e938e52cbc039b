"""Ordinary recurrent layers by torch's own operators, which walk over time without Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from tinystudio.graph.gradients.recurrent_cells import State

# From x (t, n, inputs), W, R and B as ONNX stores them, first states, and which directions go
# backwards, to outputs (t, directions, n, hidden) and the last states.
Fused = Callable[
    [Tensor, Tensor, Tensor, Tensor | None, State, Sequence[bool]], tuple[Tensor, State]
]


def fused_lstm() -> Fused:
    """Return an LSTM of one layer; torch's gates i, f, g, o stand as i, o, f, c in ONNX."""
    return _fused(torch.lstm, [0, 2, 3, 1])


def fused_gru() -> Fused:
    """Return a GRU of one layer; torch's gates r, z, n stand as z, r, h in ONNX."""
    return _fused(torch.gru, [1, 0, 2])


def fused_rnn() -> Fused:
    """Return a plain recurrent layer with tanh."""
    return _fused(torch.rnn_tanh, [0])


def _fused(operator: Callable[..., Any], order: list[int]) -> Fused:
    places = torch.tensor(order)

    def run(
        x: Tensor,
        w: Tensor,
        r: Tensor,
        b: Tensor | None,
        states: State,
        backwards: Sequence[bool],
    ) -> tuple[Tensor, State]:
        reverse = backwards == (True,)  # torch goes backwards only beside going forwards
        parts = [_by_gate(w, places), _by_gate(r, places)]
        if b is not None:  # of the inputs, then of the state
            halves = b.reshape(2 * len(b), -1, 1)
            parts += _by_gate(halves, places).reshape(len(b), 2, -1).unbind(1)
        # `unbind`, whose gradient is one stack: taking one direction at a time costs more.
        flat = [tensor for own in zip(*(p.unbind() for p in parts), strict=True) for tensor in own]
        outputs, *last = operator(
            x.flip(0) if reverse else x,
            states if len(states) > 1 else states[0],
            flat,
            b is not None,
            1,
            0.0,
            False,
            len(backwards) == 2,
            False,
        )
        outputs = outputs.flip(0) if reverse else outputs
        split = outputs.reshape(*outputs.shape[:2], len(backwards), -1)
        return split.transpose(1, 2), tuple(last)

    return run


def _by_gate(weight: Tensor, order: Tensor) -> Tensor:
    """Return (directions, gates * hidden, ...) with its gates in another order."""
    if len(order) == 1:
        return weight
    gates = weight.reshape(len(weight), len(order), -1, *weight.shape[2:])
    return gates.index_select(1, order).flatten(1, 2)
