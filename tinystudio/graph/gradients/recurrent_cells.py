"""One step of LSTM, GRU and RNN, and the walk over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.gate_functions import Gate
from tinystudio.graph.gradients.indexing import reversed_places

State = tuple[Tensor, ...]
Step = Callable[[Tensor, State], State]  # what the input adds to the gates, state -> next state


@dataclass(frozen=True)
class Weights:
    """The tensors of one direction: (gates * hidden, inputs), (gates * hidden, hidden), biases."""

    w: Tensor
    r: Tensor
    b: Tensor | None
    p: Tensor | None = None

    def biases(self) -> tuple[Tensor | None, Tensor | None]:
        """Return the biases of inputs and of the state."""
        if self.b is None:
            return None, None
        half = len(self.b) // 2
        return self.b[:half], self.b[half:]


def lstm_step(weights: Weights, gates: Sequence[Gate], clip: Gate, coupled: bool) -> Step:
    """Return one step of an LSTM: gates in the order i, o, f, c, peepholes in i, o, f (ONNX)."""
    f, g, h = gates
    peepholes = None if weights.p is None else weights.p.chunk(3)
    recurrent = weights.r.T

    def step(given: Tensor, state: State) -> State:
        before, cell = state
        i, o, forget, c = (given + before @ recurrent).chunk(4, dim=-1)
        if peepholes is not None:
            i, forget = i + peepholes[0] * cell, forget + peepholes[2] * cell
        i = f(clip(i))
        forget = 1 - i if coupled else f(clip(forget))
        cell = forget * cell + i * g(clip(c))
        if peepholes is not None:
            o = o + peepholes[1] * cell
        return f(clip(o)) * h(cell), cell

    return step


def gru_step(weights: Weights, gates: Sequence[Gate], clip: Gate, reset_after: bool) -> Step:
    """Return one step of a GRU: gates in the order z, r, h (ONNX; Cho et al. 2014)."""
    f, g = gates
    hidden = weights.r.shape[1]
    recurrent = weights.r.T
    gated, candidate = recurrent[:, : 2 * hidden], recurrent[:, 2 * hidden :]
    bias = weights.biases()[1]
    after = bias[2 * hidden :] if bias is not None else torch.zeros((), dtype=weights.w.dtype)

    def step(given: Tensor, state: State) -> State:
        (before,) = state
        update, reset = f(clip(given[..., : 2 * hidden] + before @ gated)).chunk(2, dim=-1)
        ahead = given[..., 2 * hidden :]
        if reset_after:
            new = g(clip(ahead + reset * (before @ candidate + after)))
        else:
            new = g(clip(ahead + (reset * before) @ candidate + after))
        return ((1 - update) * new + update * before,)

    return step


def rnn_step(weights: Weights, gates: Sequence[Gate], clip: Gate) -> Step:
    """Return one step of a plain recurrent layer (ONNX RNN)."""
    recurrent = weights.r.T
    return lambda given, state: (gates[0](clip(given + state[0] @ recurrent)),)


def inputs_added(x: Tensor, weights: Weights, state_bias: int | None = None) -> Tensor:
    """Return what the inputs (t, n, inputs) add to the gates at every step, biases included.

    Of the state's biases only the first `state_bias` are included (None: all).
    """
    of_inputs, of_state = weights.biases()
    if of_inputs is None or of_state is None:
        return functional.linear(x, weights.w)
    if state_bias is not None:
        of_state = functional.pad(of_state[:state_bias], (0, len(of_state) - state_bias))
    return functional.linear(x, weights.w, of_inputs + of_state)


def walk(
    step: Step, given: Tensor, state: State, lengths: Tensor | None, backwards: bool
) -> tuple[Tensor, State]:
    """Walk over time (t, n, ...); return all hidden states and the last state.

    Beyond a sequence's length outputs are zero and the state stays as it was. Backwards means
    from each sequence's own end; outputs are in the order of the input.
    """
    places = None
    if backwards:
        ends = lengths if lengths is not None else torch.full((given.shape[1],), len(given))
        places = reversed_places(ends, len(given)).T
        given = _reordered(given, places)
    made = []
    for index, now in enumerate(given.unbind()):
        after = step(now, state)
        if lengths is None:
            state = after
            made.append(after[0])
            continue
        alive = (index < lengths)[:, None]
        state = tuple(torch.where(alive, n, o) for n, o in zip(after, state, strict=True))
        made.append(torch.where(alive, after[0], 0))
    outputs = torch.stack(made)
    return (outputs if places is None else _reordered(outputs, places)), state


def _reordered(x: Tensor, places: Tensor) -> Tensor:
    return x[places, torch.arange(x.shape[1])[None]]
