"""Rules of LSTM, GRU and RNN: both directions, peepholes, sequence lengths, both layouts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tinystudio.graph.gradients.gate_functions import Gate, gate_functions
from tinystudio.graph.gradients.node import Node, Run
from tinystudio.graph.gradients.recurrent_cells import (
    State,
    Step,
    Weights,
    gru_step,
    inputs_added,
    lstm_step,
    rnn_step,
    walk,
)
from tinystudio.graph.gradients.recurrent_fused import Fused, fused_gru, fused_lstm, fused_rnn

MakeStep = Callable[[Weights, Sequence[Gate], Gate], Step]


@dataclass(frozen=True)
class Family:
    """What LSTM, GRU and RNN differ in."""

    gates: tuple[str, ...]  # names of the default functions
    states: int  # 2: a cell beside the hidden state
    step: MakeStep
    fused: Fused | None  # torch's own operator where the node is an ordinary one
    state_bias: int | None = None  # how many gates take the state's bias with the input's


def lstm(node: Node) -> Run:
    """Run a long short-term memory (ONNX LSTM; Hochreiter and Schmidhuber 1997)."""
    coupled = bool(node.attribute("input_forget", 0))
    defaults = ("Sigmoid", "Tanh", "Tanh")

    def step(weights: Weights, gates: Sequence[Gate], clip: Gate) -> Step:
        return lstm_step(weights, gates, clip, coupled)

    fused = None if coupled or node.given(7) else _if_plain(node, defaults, fused_lstm())
    return _rule(node, Family(defaults, 2, step, fused))


def gru(node: Node) -> Run:
    """Run a gated recurrent unit (ONNX GRU; Cho et al. 2014)."""
    reset_after = bool(node.attribute("linear_before_reset", 0))
    defaults = ("Sigmoid", "Tanh")

    def step(weights: Weights, gates: Sequence[Gate], clip: Gate) -> Step:
        return gru_step(weights, gates, clip, reset_after)

    fused = _if_plain(node, defaults, fused_gru()) if reset_after else None
    return _rule(node, Family(defaults, 1, step, fused, state_bias=2))


def rnn(node: Node) -> Run:
    """Run a plain recurrent layer (ONNX RNN)."""
    return _rule(node, Family(("Tanh",), 1, rnn_step, _if_plain(node, ("Tanh",), fused_rnn())))


def _if_plain(node: Node, defaults: tuple[str, ...], fused: Fused) -> Fused | None:
    """Return `fused` for a node with the usual functions, no clipping, no sequence lengths."""
    given = [a.decode() if isinstance(a, bytes) else a for a in node.attribute("activations") or []]
    usual = all(name == defaults[at % len(defaults)] for at, name in enumerate(given))
    return fused if usual and node.attribute("clip") is None and not node.given(4) else None


def _rule(node: Node, family: Family) -> Run:
    direction = node.attribute("direction", "forward")
    backwards = {"forward": (False,), "reverse": (True,)}.get(direction, (False, True))
    gates = gate_functions(node, family.gates, len(backwards))
    limit, batch_first = node.attribute("clip"), bool(node.attribute("layout", 0))

    def clip(x: Tensor) -> Tensor:
        return x if limit is None else torch.clamp(x, -limit, limit)

    def run(
        x: Tensor,
        w: Tensor,
        r: Tensor,
        b: Tensor | None = None,
        lengths: Tensor | None = None,
        *given: Tensor | None,
    ) -> tuple[Tensor, ...]:
        x = x.transpose(0, 1) if batch_first else x
        states, peepholes = _started(x, r, given, family.states, batch_first)
        if family.fused is not None:
            outputs, last = family.fused(x, w, r, b, states, backwards)
        else:
            weights = [
                Weights(w[d], r[d], *(None if t is None else t[d] for t in (b, peepholes)))
                for d in range(len(backwards))
            ]
            outputs, last = _walked(x, weights, states, lengths)
        if batch_first:  # (t, directions, n, hidden) -> (n, t, directions, hidden)
            return (outputs.permute(2, 0, 1, 3), *(s.transpose(0, 1) for s in last))
        return (outputs, *last)

    def _walked(
        x: Tensor, weights: list[Weights], states: State, lengths: Tensor | None
    ) -> tuple[Tensor, State]:
        made, ends = [], []
        for d, own in enumerate(weights):
            count = None if family.state_bias is None else family.state_bias * own.r.shape[1]
            added = inputs_added(x, own, count)
            step = family.step(own, gates[d], clip)
            first = tuple(state[d] for state in states)
            outputs, end = walk(step, added, first, lengths, backwards[d])
            made.append(outputs)
            ends.append(end)
        return torch.stack(made, 1), tuple(torch.stack(parts) for parts in zip(*ends, strict=True))

    return run


def _started(
    x: Tensor, r: Tensor, given: Sequence[Tensor | None], count: int, batch_first: bool
) -> tuple[State, Tensor | None]:
    """Return the first states (directions, n, hidden), zero where not given; the peepholes."""
    rest = (*given, None, None, None)
    zero = torch.zeros((len(r), x.shape[1], r.shape[2]), dtype=x.dtype)
    states = tuple(
        zero if t is None else (t.transpose(0, 1) if batch_first else t) for t in rest[:count]
    )
    return states, rest[count] if count == 2 else None


RULES = {"LSTM": lstm, "GRU": gru, "RNN": rnn}
