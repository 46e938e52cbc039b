"""What a teacher holds inside, as something to learn: hidden tensors matched by name.

A student that was made from its teacher's graph still has most of its tensors under their names,
with fewer channels. Compared are either the tensors themselves, through a learned linear map that
makes up for the missing channels (hints: Romero et al., "FitNets", ICLR 2015), or only where they
are large (attention: Zagoruyko and Komodakis, ICLR 2017, equation 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from tinystudio.core.errors import UserError
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.training.objectives import as_logits

Transfer = Literal["hints", "attention"]
MOST = 4  # tensors compared, spread over the depth
LAYERS = ("Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "Add", "LSTM", "GRU")
ACTIVATIONS = ("Relu", "LeakyRelu", "PRelu", "Clip", "HardSwish", "Gelu", "Elu", "Tanh", "Sigmoid")
TINY = 1e-8
DAMPING = 1e-4  # of the mean square of a channel, where a map is solved for


@dataclass(frozen=True)
class Match:
    """One tensor that both have: its name, and the axis of its channels."""

    name: str
    axis: int


class Teacher:
    """The original network, run beside the training; nothing of it is learned."""

    def __init__(self, network: Network, hidden: Sequence[str] = ()) -> None:
        self._network = network
        names = (network.outputs[0].name, *hidden)
        self._module = GraphModule(network, trainable=(), outputs=names).eval()

    def answers(self, inputs: tuple[Tensor, ...], classifies: bool) -> tuple[Tensor, ...]:
        """Return the first output (logits where it classifies) and the hidden tensors."""
        with torch.no_grad():
            first, *hidden = self._module(*inputs)
        return (as_logits(self._network, first) if classifies else first, *hidden)


class Hidden(nn.Module):
    """The loss between the hidden tensors of a student and its teacher.

    `maps` are (theirs, mine), one per match, where values are compared; they are learned on.
    """

    def __init__(
        self, matches: Sequence[Match], transfer: Transfer, weight: float, maps: Sequence[Tensor]
    ) -> None:
        super().__init__()
        self.matches, self.weight = tuple(matches), weight
        self._transfer = transfer
        self._maps = nn.ParameterList(nn.Parameter(item) for item in maps)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the tensors that are compared, in order."""
        return tuple(match.name for match in self.matches)

    def loss(self, mine: Sequence[Tensor], theirs: Sequence[Tensor]) -> Tensor:
        """Return the weighted mean over the matches; tensors are (n, ...) in the order of names."""
        parts = [
            self._hint(index, match, a, b) if self._transfer == "hints" else _attention(match, a, b)
            for index, (match, a, b) in enumerate(zip(self.matches, mine, theirs, strict=True))
        ]
        return self.weight * torch.stack(parts).mean()

    def _hint(self, index: int, match: Match, mine: Tensor, theirs: Tensor) -> Tensor:
        mapped = functional.linear(mine.movedim(match.axis, -1), self._maps[index])
        wanted = theirs.movedim(match.axis, -1)
        # By the teacher's own spread, so that layers of any scale count the same.
        return functional.mse_loss(mapped, wanted) / (wanted.var(correction=0) + TINY)


def _attention(match: Match, mine: Tensor, theirs: Tensor) -> Tensor:
    a, b = (_attention_map(item, match.axis) for item in (mine, theirs))
    return (a - b).square().sum(1).mean()


def _attention_map(tensor: Tensor, axis: int) -> Tensor:
    """Return where a tensor is large: squares over channels, as a vector of length 1."""
    squares = tensor.square().mean(axis).flatten(1)
    return functional.normalize(squares, dim=1, eps=TINY)


def hidden_of(
    student: Network,
    teacher: Network,
    inputs: tuple[Tensor, ...],
    transfer: Transfer,
    weight: float,
) -> Hidden:
    """Return the loss over the hidden tensors that can be compared, at most `MOST` of them.

    `inputs` are some samples, by which maps begin where least squares put them. Raises
    `UserError` where nothing matches.
    """
    names = _common(student, teacher)
    values = (_values(network, names, inputs) for network in (student, teacher))
    is_convolutional = any(node.op_type == "Conv" for node in student.nodes)
    found = [
        (match, mine, theirs)
        for name, mine, theirs in zip(names, *values, strict=True)
        if (match := matched(name, tuple(mine.shape), tuple(theirs.shape), is_convolutional))
        if transfer == "hints" or mine.dim() > 2  # without places there is nothing to attend to
    ]
    if not found:
        raise UserError(
            "The model was not distilled",
            "It shares no hidden tensor with its teacher that could be compared: none has the same "
            "name and, but for its channels, the same shape.",
            "Choose to learn from the answers alone, or a teacher that the model was made from.",
        )
    if len(found) > MOST:  # evenly over the depth
        found = [found[round((i + 1) * len(found) / MOST) - 1] for i in range(MOST)]
    maps = [_map(*item) for item in found] if transfer == "hints" else []
    return Hidden([match for match, _, _ in found], transfer, weight, maps)


def matched(
    name: str, mine: tuple[int, ...], theirs: tuple[int, ...], is_convolutional: bool
) -> Match | None:
    """Return how tensors of these shapes (n, ...) are compared: their channels are what differs.

    None where more than that differs.
    """
    if len(mine) != len(theirs) or len(mine) < 2 or mine[0] != theirs[0]:
        return None
    differ = [axis for axis in range(1, len(mine)) if mine[axis] != theirs[axis]]
    if len(differ) > 1:
        return None
    # Where no channel went: behind the batch in convolutional networks, last in others.
    axis = differ[0] if differ else (1 if is_convolutional else len(mine) - 1)
    return Match(name, axis)


def _map(match: Match, mine: Tensor, theirs: Tensor) -> Tensor:
    """Return the linear map (theirs, mine) between channels that leaves least, slightly damped."""
    x, y = (item.movedim(match.axis, -1).flatten(0, -2).double() for item in (mine, theirs))
    squares = x.T @ x
    damp = DAMPING * squares.diagonal().mean() + TINY
    solved = torch.linalg.solve(squares + damp * torch.eye(len(squares), dtype=x.dtype), x.T @ y)
    made: Tensor = solved.T.to(mine.dtype).contiguous()
    return made


def _common(student: Network, teacher: Network) -> list[str]:
    """Return what follows layers under the same name in both, in the teacher's order."""
    ends = {port.name for port in student.outputs}
    known = {name for node in student.nodes for name in node.output} - ends
    found = []
    for node in teacher.nodes:
        name = node.output[0]
        before = teacher.producer(node.input[0]) if node.input else None
        is_activation = node.op_type in ACTIVATIONS and before and before.op_type in LAYERS
        if is_activation and name in known:
            found.append(name)
    return found


def _values(
    network: Network, names: Sequence[str], inputs: tuple[Tensor, ...]
) -> tuple[Tensor, ...]:
    """Return these tensors of a network for some samples."""
    if not names:
        return ()
    module = GraphModule(network, trainable=(), outputs=names)
    with torch.no_grad():
        return module.forward(*inputs)
