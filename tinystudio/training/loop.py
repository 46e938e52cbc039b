"""Trains a network's own weights through its graph, step by step, the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.training.normalized import with_normalization
from tinystudio.training.objectives import Objective, as_logits

STATISTICS = 512  # samples that a normalization which is put in is read from
SMALL_BATCH = 8  # below it a batch's own statistics are too rough to normalize by
WARM = 0.1  # of the steps over which the rate rises
LEAST_RATE = 0.02  # of the rate, where it begins to rise
NORM = 5.0  # a longer gradient is shortened to it
TITLE = "The training was stopped"
PARTLY_ZERO = 0.01  # share of zeros from which they are taken for pruned weights


@dataclass(frozen=True)
class Plan:
    """How long and how hard to train; `batch` samples make one step."""

    epochs: float
    rate: float
    batch: int = 64
    decay: float = 0.02

    def steps(self, samples: int) -> int:
        """Return the number of steps over so many samples."""
        return max(1, round(self.epochs * samples / min(self.batch, samples)))


@dataclass(frozen=True)
class Trained:
    """The trained network, and the mean loss of every epoch (the last may be a part of one)."""

    network: Network
    losses: tuple[float, ...]


def train(
    network: Network,
    inputs: tuple[Tensor, ...],
    objective: Objective,
    plan: Plan,
    seed: int,
    reporter: Reporter,
    fed: int | None = None,
) -> Trained:
    """Return `network` trained on `inputs`, one tensor of (n, ...) per input.

    The rate rises over the first tenth of the steps, then falls in a cosine (Loshchilov and
    Hutter 2017); AdamW. Weights that pruning has set to zero stay zero. `fed`: the batch that
    the graph fixes; gradients are then added up over several. Raises `UserError` where an
    operator has no gradient, nothing can be changed, or the loss is no number.
    """
    torch.set_num_threads(1)  # two threads may add in another order
    torch.manual_seed(seed)
    fed = fed or min(plan.batch, len(inputs[0]))
    first = tuple(item[:STATISTICS] for item in inputs)
    is_large = fed >= SMALL_BATCH
    start = with_normalization(network, first, fed) if is_large else network
    module = GraphModule(start)
    if not module.weights:
        raise UserError(
            TITLE, "It has no weights that a gradient could change.", "Choose another technique."
        )
    module.train(is_large)
    losses = _steps(_Run(module, start, inputs, objective, plan, fed, reporter), seed)
    done = module.eval().network()
    return Trained(done if start is network else fold_batch_normalization(done), losses)


@dataclass(frozen=True)
class _Run:
    module: GraphModule
    network: Network
    inputs: tuple[Tensor, ...]
    objective: Objective
    plan: Plan
    fed: int
    reporter: Reporter


def _steps(run: _Run, seed: int) -> tuple[float, ...]:
    """Take every step, and return the mean loss of each epoch."""
    count, plan = len(run.inputs[0]), run.plan
    batch = min(plan.batch, count)
    steps = plan.steps(count)
    weights = list(run.module.weights.values())
    held = _zeros(weights)
    optimizer = torch.optim.AdamW(weights, plan.rate, weight_decay=plan.decay)
    order = _batches(count, batch, torch.Generator().manual_seed(seed))
    per_epoch, sums = max(1, count // batch), list[list[float]]()
    for step in range(steps):
        run.reporter.check()
        if step % 10 == 0:
            run.reporter.progress(step, steps, _words(step, steps, per_epoch, sums))
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * _share(step / steps)
        loss = _step(run, next(order), optimizer, weights)
        if math.isnan(loss):
            raise _stopped(step, plan.rate)
        for weight, mask in held:
            weight.data.mul_(mask)
        if step % per_epoch == 0:
            sums.append([])
        sums[-1].append(loss)
    return tuple(sum(part) / len(part) for part in sums)


def _step(
    run: _Run, chosen: Tensor, optimizer: torch.optim.Optimizer, weights: list[torch.nn.Parameter]
) -> float:
    """Take one step, and return its loss; without one where that or its slope is no number."""
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for some in torch.split(chosen, run.fed):
        loss = run.objective.loss(_answers(run, some), some) * (len(some) / len(chosen))
        if not loss.requires_grad:
            raise UserError(
                TITLE, "Its answers do not depend on its weights in a way that has a gradient.",
                "Choose a technique that needs no training.",
            )  # fmt: skip
        torch.autograd.backward(loss)
        total += float(loss.detach())
    slope = torch.nn.utils.clip_grad_norm_(weights, NORM)
    if not (math.isfinite(total) and bool(torch.isfinite(slope))):
        return math.nan
    optimizer.step()
    return total


def _answers(run: _Run, some: Tensor) -> Tensor:
    """Return what the network answers to the samples at these positions."""
    part = _filled(some, run.fed)
    try:
        answers: Tensor = run.module(*(item[part] for item in run.inputs))[0]
    except RuntimeError as error:  # a graph that says its batch is open, and has it written in
        raise UserError(
            TITLE, f"Its graph does not run on {run.fed} samples at once: {error}.",
            "Write the model again with an open batch axis.",
        ) from None  # fmt: skip
    if run.objective.classifies:
        answers = as_logits(run.network, answers)
    return answers[: len(some)]


def _stopped(step: int, rate: float) -> UserError:
    """Say why there is no loss any more, or why there was none to begin with."""
    if step == 0:
        return UserError(
            TITLE, "The loss or its slope is no number before anything was changed.",
            "Check the training samples: this model or the original puts out what is no number.",
        )  # fmt: skip
    return UserError(
        TITLE, f"The loss is no number any more: the learning rate of {rate:g} is too high.",
        "Choose a tenth of it.",
    )  # fmt: skip


def _filled(part: Tensor, size: int) -> Tensor:
    """Return the positions with the last one repeated up to the batch that is fed."""
    return torch.cat([part, part[-1:].expand(size - len(part))])


def _zeros(weights: list[torch.nn.Parameter]) -> list[tuple[torch.nn.Parameter, Tensor]]:
    """Return the weights with many zeros, and where they are not zero."""
    found = []
    for weight in weights:
        mask = weight.detach() != 0
        if weight.dim() > 1 and 1 - float(mask.float().mean()) >= PARTLY_ZERO:
            found.append((weight, mask.to(weight.dtype)))
    return found


def _share(done: float) -> float:
    """Return the share of the rate after a share of the steps."""
    if done < WARM:
        return max(done / WARM, LEAST_RATE)
    return 0.5 * (1 + math.cos(math.pi * (done - WARM) / (1 - WARM)))


def _batches(count: int, size: int, random: torch.Generator) -> Iterator[Tensor]:
    """Yield positions in a new order in every epoch; what does not fill a batch is left out."""
    while True:
        order = torch.randperm(count, generator=random)
        yield from (part for part in torch.split(order, size) if len(part) == size)


def _words(step: int, steps: int, per_epoch: int, sums: list[list[float]]) -> str:
    epochs = math.ceil(steps / per_epoch)
    told = f"Training, epoch {step // per_epoch + 1} of {epochs}"
    done = sums[:-1] or sums
    return f"{told}, loss {sum(done[-1]) / len(done[-1]):.3f}" if done and done[-1] else told
