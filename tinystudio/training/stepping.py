"""One step of a training: answers, loss, gradient, new weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tinystudio.core.errors import UserError
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.training.augmenting import Augment
from tinystudio.training.hidden import Hidden, Teacher
from tinystudio.training.memory import TITLE, is_out_of_memory
from tinystudio.training.objectives import Objective, as_logits

NORM = 5.0  # a longer gradient is shortened to it
PARTLY_ZERO = 0.01  # share of zeros from which they are taken for pruned weights

Held = list[tuple[torch.nn.Parameter, Tensor]]


class DivergedError(Exception):
    """The loss is no number any more, or has become many times what it was."""


@dataclass(frozen=True)
class Lesson:
    """What is learned, from which samples, and how.

    `inputs` is one tensor (n, ...) per input of the network, `fed` the batch that its graph takes,
    `batch` how many samples make one step. `teacher` is run beside the training where `hidden`
    compares what it holds inside, and where `augment` makes samples it has not seen.
    """

    network: Network
    inputs: tuple[Tensor, ...]
    objective: Objective
    fed: int
    batch: int
    teacher: Teacher | None = None
    hidden: Hidden | None = None
    augment: Augment | None = None

    def loss(self, module: GraphModule, chosen: Tensor, random: torch.Generator) -> Tensor:
        """Return the loss of the samples at the positions `chosen` (at most `fed`)."""
        inputs = tuple(item[filled(chosen, self.fed)] for item in self.inputs)
        if self.augment is not None:
            inputs = (self.augment(inputs[0], random),)
        count = len(chosen)  # what only fills the batch is not learned from
        answers, *hidden = (made[:count] for made in self._run(module, inputs))
        if self.objective.classifies:
            answers = as_logits(self.network, answers)
        if self.teacher is None:
            return self.objective.loss(answers, chosen)
        told, *inside = (
            made[:count] for made in self.teacher.answers(inputs, self.objective.classifies)
        )
        loss = self.objective.loss(answers, chosen, told if self.augment is not None else None)
        return loss if self.hidden is None else loss + self.hidden.loss(hidden, inside)

    def _run(self, module: GraphModule, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        try:
            made: tuple[Tensor, ...] = module(*inputs)
        except RuntimeError as error:  # a graph that says its batch is open, and has it written in
            if is_out_of_memory(error):
                raise
            raise UserError(
                TITLE, f"Its graph does not run on {self.fed} samples at once: {error}.",
                "Write the model again with an open batch axis.",
            ) from None  # fmt: skip
        return made

    def learnable(self, module: GraphModule) -> list[torch.nn.Parameter]:
        """Return all that a gradient changes: the weights, and the maps between hidden tensors."""
        maps = [] if self.hidden is None else list(self.hidden.parameters())
        return [*module.weights.values(), *maps]


def step(
    lesson: Lesson,
    module: GraphModule,
    chosen: Tensor,
    optimizer: torch.optim.Optimizer,
    held: Held,
    random: torch.Generator,
) -> float:
    """Take one step, and return the loss before it.

    Raises `DivergedError` where that or its slope is no number.
    """
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for some in torch.split(chosen, lesson.fed):
        loss = lesson.loss(module, some, random) * (len(some) / len(chosen))
        if not loss.requires_grad:
            raise UserError(
                TITLE, "Its answers do not depend on its weights in a way that has a gradient.",
                "Choose a technique that needs no training.",
            )  # fmt: skip
        torch.autograd.backward(loss)
        total += float(loss.detach())
    learnable = [item for group in optimizer.param_groups for item in group["params"]]
    slope = torch.nn.utils.clip_grad_norm_(learnable, NORM)
    if not (math.isfinite(total) and bool(torch.isfinite(slope))):
        raise DivergedError
    optimizer.step()
    for weight, mask in held:
        weight.data.mul_(mask)
    return total


def zeros_of(module: GraphModule) -> Held:
    """Return the weights with many zeros, and where they are not zero."""
    found = []
    for weight in module.weights.values():
        mask = weight.detach() != 0
        if weight.dim() > 1 and 1 - float(mask.float().mean()) >= PARTLY_ZERO:
            found.append((weight, mask.to(weight.dtype)))
    return found


def filled(part: Tensor, size: int) -> Tensor:
    """Return the positions with the last one repeated up to the batch that is fed."""
    return torch.cat([part, part[-1:].expand(size - len(part))])
