"""Variations of samples that leave their labels right, by the kind of data.

Images are shifted, and mirrored where that is allowed; sequences are scaled, jittered and shifted
in time (Um et al., "Data augmentation of wearable sensor data ...", ICMI 2017). Tables have no
variation that is known to be harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tinystudio.training.data_kind import SHIFT, Kind, time_axis

SCALING = 0.1  # deviation of the factor of every channel
JITTER = 0.05  # of the channel's own deviation
LEAST = 8  # shorter sides and sequences are not shifted: one step would be too much of them

Vary = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Augment:
    """Varies one input (n, ...); every sample in its own way, drawn from `random` alone."""

    kind: Kind
    flips: bool = False

    def __call__(self, batch: Tensor, random: torch.Generator) -> Tensor:
        """Return the batch varied; the shape stays."""
        if self.kind == "images":
            shifted = _shifted(_shifted(batch, 2, random), 3, random)
            return _mirrored(shifted, random) if self.flips else shifted
        if self.kind == "sequences":
            axis = time_axis(tuple(batch.shape))
            return _shifted(_jittered(_scaled(batch, axis, random), axis, random), axis, random)
        return batch


def _shifted(batch: Tensor, axis: int, random: torch.Generator) -> Tensor:
    """Shift every sample along an axis by up to `SHIFT` of it; what comes in repeats the edge."""
    length = batch.shape[axis]
    if length < LEAST:
        return batch
    most = max(1, int(length * SHIFT))
    by = torch.randint(-most, most + 1, (len(batch), 1), generator=random)
    places = (torch.arange(length) - by).clamp(0, length - 1)
    shape = [len(batch)] + [length if at == axis else 1 for at in range(1, batch.dim())]
    return batch.gather(axis, places.view(shape).expand(batch.shape))


def _mirrored(batch: Tensor, random: torch.Generator) -> Tensor:
    """Mirror every second sample, left to right."""
    chosen = torch.rand(len(batch), generator=random) < 0.5
    return torch.where(chosen.view(-1, 1, 1, 1), batch.flip(3), batch)


def _scaled(batch: Tensor, axis: int, random: torch.Generator) -> Tensor:
    shape = [1 if at == axis else size for at, size in enumerate(batch.shape)]
    return batch * (1 + SCALING * torch.randn(shape, generator=random)).to(batch.dtype)


def _jittered(batch: Tensor, axis: int, random: torch.Generator) -> Tensor:
    spread = batch.std(axis, keepdim=True, correction=0)
    return batch + JITTER * spread * torch.randn(batch.shape, generator=random).to(batch.dtype)
