"""One step of a training: answers, loss, gradient, new weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.training.augmenting import Augment
from tinystudio.training.hidden import Hidden, Teacher
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
        part = filled(chosen, self.fed) if len(chosen) < self.fed else chosen
        inputs = tuple(item[part] for item in self.inputs)
        if self.augment is not None:
            inputs = (self.augment(inputs[0], random),)
        answers, *hidden = module(*inputs)
        if self.objective.classifies:
            answers = as_logits(self.network, answers)
        if self.teacher is None:
            return self.objective.loss(answers, part)
        told, *inside = self.teacher.answers(inputs, self.objective.classifies)
        loss = self.objective.loss(answers, part, told if self.augment is not None else None)
        return loss if self.hidden is None else loss + self.hidden.loss(hidden, inside)

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

    Raises `DivergedError` where that is no number.
    """
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for some in torch.split(chosen, lesson.fed):
        count = lesson.fed if lesson.fed < lesson.batch else len(some)
        loss = lesson.loss(module, some, random) * (count / len(chosen))
        torch.autograd.backward(loss)
        total += float(loss.detach())
    if not math.isfinite(total):
        raise DivergedError
    learnable = [item for group in optimizer.param_groups for item in group["params"]]
    torch.nn.utils.clip_grad_norm_(learnable, NORM)
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
    """Return the positions with the last one repeated up to the batch that the graph fixes."""
    return torch.cat([part, part[-1:].expand(size - len(part))])
