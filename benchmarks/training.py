"""Plain training by seed, for the benchmarks' own networks and for peers that fine-tune."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.gallery_tools import Vary
from tinystudio.core.data import Samples

Check = Callable[[], None]


@dataclass(frozen=True)
class Plan:
    """How long and how hard to train; the rate rises over `warm` of the steps, then falls."""

    epochs: float
    rate: float
    batch: int = 128
    decay: float = 0.02
    smoothing: float = 0.1
    warm: float = 0.2

    def steps(self, samples: int) -> int:
        """Return the number of batches."""
        return max(2, round(self.epochs * samples / self.batch))


def train(
    module: nn.Module, samples: Samples, vary: Vary, plan: Plan, seed: int,
    check: Check = lambda: None,
) -> None:  # fmt: skip
    """Train `module` where it stands; same seed, same weights. `check`, called at every step,
    may raise to end it."""
    torch.set_num_threads(1)  # two threads may add in another order
    random = torch.Generator().manual_seed(seed)
    inputs, labels = tensors(samples)
    steps = plan.steps(len(inputs))
    optimizer = torch.optim.AdamW(module.parameters(), plan.rate, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: _rate(step / steps, plan.warm)
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=plan.smoothing)
    batches = _batches(len(inputs), plan.batch, random)
    module.train()
    for _ in range(steps):
        check()
        chosen = next(batches)
        loss = criterion(module(vary(inputs[chosen], random)), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    module.eval()


def tensors(samples: Samples) -> tuple[Tensor, Tensor]:
    """Return inputs and labels."""
    if samples.labels is None:
        raise ValueError("training needs labels")
    return torch.from_numpy(samples.inputs[0]), torch.from_numpy(samples.labels)


def _rate(share: float, warm: float) -> float:
    """Return the share of the rate after a share of the steps: up in a line, down in a cosine."""
    if share < warm:
        return max(share / warm, 0.02)
    return 0.5 * (1 + math.cos(math.pi * (share - warm) / (1 - warm)))


def _batches(samples: int, size: int, random: torch.Generator) -> Iterator[Tensor]:
    while True:
        order = torch.randperm(samples, generator=random)
        yield from (part for part in torch.split(order, size) if len(part) == min(size, samples))
