"""What a training aims at: right labels, a teacher's answers, or some of both.

The answers of classifying networks are compared as logits; a network that ends in Softmax or
Sigmoid is judged by the logarithms of its probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.network import Network
from tinystudio.metrics.class_scores import class_axis
from tinystudio.training.response_losses import decoupled, relational, softened

TINY = 1e-12  # added to probabilities before their logarithm is taken
SHAPING = frozenset({"Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})

Response = Literal["response", "decoupled", "relational"]


@dataclass(frozen=True)
class Objective:
    """How far answers (n, ...) are from what they should be, on average over samples.

    `labels` (n, ...) or None; `teacher` (n, ...) the teacher's logits or numbers, or None.
    `share` of the labels in the sum. `temperature` softens both sides' probabilities; `response`
    is how they are compared (see `response_losses`), `others` the weight of the wrong classes
    where it is "decoupled". `spread`: the deviation of numbers to be met, which makes errors
    comparable from task to task.
    """

    classifies: bool
    labels: Tensor | None
    teacher: Tensor | None
    share: float = 0.5
    temperature: float = 2.0
    spread: float = 1.0
    response: Response = "response"
    others: float = 4.0

    def loss(self, answers: Tensor, chosen: Tensor, teacher: Tensor | None = None) -> Tensor:
        """Return the loss of `answers` to the samples at the positions `chosen` (n,).

        `teacher`: its answers to these very samples, where they are not as they are in the data.
        """
        parts: list[tuple[float, Tensor]] = []
        share = self.share if self.labels is not None and self.teacher is not None else 1.0
        if self.labels is not None and (self.teacher is None or share > 0):
            parts.append((share, self._to_labels(answers, self.labels[chosen])))
        if self.teacher is not None and (self.labels is None or share < 1):
            weight = 1.0 if self.labels is None else 1.0 - share
            wanted = self.teacher[chosen] if teacher is None else teacher
            parts.append((weight, self._to_teacher(answers, wanted, chosen)))
        return torch.stack([weight * part for weight, part in parts]).sum()

    def _to_labels(self, answers: Tensor, labels: Tensor) -> Tensor:
        if not self.classifies:
            return self._numbers(answers, labels)
        flat = rows(answers)
        if flat.shape[1] == 1:
            target = labels.reshape(-1).to(flat.dtype)
            return functional.binary_cross_entropy_with_logits(flat[:, 0], target)
        return functional.cross_entropy(flat, labels.reshape(-1).long())

    def _to_teacher(self, answers: Tensor, teacher: Tensor, chosen: Tensor) -> Tensor:
        if not self.classifies:
            return self._numbers(answers, teacher)
        flat, wanted = rows(answers), rows(teacher)
        if self.response == "decoupled" and flat.shape[1] > 1:
            # Without labels the teacher's own choice stands for the right class.
            right = wanted.argmax(1) if self.labels is None else self.labels[chosen].reshape(-1)
            return decoupled(flat, wanted, right.long(), self.temperature, self.others)
        if self.response == "relational" and flat.shape[1] > 1:
            return relational(flat, wanted, self.temperature)
        return softened(flat, wanted, self.temperature)

    def _numbers(self, answers: Tensor, wanted: Tensor) -> Tensor:
        off = (answers - wanted.reshape(answers.shape).to(answers.dtype)) / self.spread
        return functional.smooth_l1_loss(off, torch.zeros_like(off))


def rows(answers: Tensor) -> Tensor:
    """Return scores (n, ...) as (answers, classes): see `metrics.class_scores`."""
    if answers.dim() < 2:
        return answers.reshape(-1, 1)
    last = answers.movedim(class_axis(tuple(answers.shape)), -1)
    return last.reshape(-1, last.shape[-1])


def as_logits(network: Network, answers: Tensor) -> Tensor:
    """Return the first output of `network` as logits, whatever it ends in."""
    ends_in = _end(network)
    if ends_in == "Softmax":
        return torch.log(answers + TINY)
    if ends_in == "Sigmoid":
        return torch.log(answers + TINY) - torch.log(1 - answers + TINY)
    return answers


def _end(network: Network) -> str:
    """Return the operator that makes the first output, but for what only gives it a shape."""
    last = network.producer(network.outputs[0].name)
    while last is not None and last.op_type in SHAPING:
        last = network.producer(last.input[0])
    return "" if last is None else last.op_type
