"""Ordinary recurrent layers by torch's own operators, which walk over time without Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from tinystudio.graph.gradients.recurrent_cells import State, Weights

Fused = Callable[[Tensor, list[Weights], State, Sequence[bool]], tuple[Tensor, State]]

# Where torch's gates are found among ONNX's: i, f, g, o in i, o, f, c; r, z, n in z, r, h.
LSTM_ORDER, GRU_ORDER, RNN_ORDER = (0, 2, 3, 1), (1, 0, 2), (0,)


def fused_lstm(
    x: Tensor, weights: list[Weights], states: State, backwards: Sequence[bool]
) -> tuple[Tensor, State]:
    """Run an LSTM of one layer, (t, n, inputs) -> (t, directions, n, hidden) and last states."""
    return _run(torch.lstm, LSTM_ORDER, x, weights, states, backwards)


def fused_gru(
    x: Tensor, weights: list[Weights], states: State, backwards: Sequence[bool]
) -> tuple[Tensor, State]:
    """Run a GRU whose reset gate comes after the product, as torch's does."""
    return _run(torch.gru, GRU_ORDER, x, weights, states, backwards)


def fused_rnn(
    x: Tensor, weights: list[Weights], states: State, backwards: Sequence[bool]
) -> tuple[Tensor, State]:
    """Run a plain recurrent layer with tanh."""
    return _run(torch.rnn_tanh, RNN_ORDER, x, weights, states, backwards)


def _run(
    operator: Callable[..., Any],
    order: tuple[int, ...],
    x: Tensor,
    weights: list[Weights],
    states: State,
    backwards: Sequence[bool],
) -> tuple[Tensor, State]:
    reverse = backwards == (True,)  # torch goes backwards only beside going forwards
    flat = [tensor for own in weights for tensor in _ordered(own, order)]
    first = states if len(states) > 1 else states[0]
    biased, both = weights[0].b is not None, len(weights) == 2
    outputs, *last = operator(
        x.flip(0) if reverse else x, first, flat, biased, 1, 0.0, False, both, False
    )
    outputs = outputs.flip(0) if reverse else outputs
    split = outputs.reshape(*outputs.shape[:2], len(weights), -1)
    return split.transpose(1, 2), tuple(last)


def _ordered(weights: Weights, order: tuple[int, ...]) -> list[Tensor]:
    parts = [weights.w, weights.r, *(bias for bias in weights.biases() if bias is not None)]
    if len(order) == 1:
        return parts
    return [torch.cat([part.chunk(len(order))[gate] for gate in order]) for part in parts]
