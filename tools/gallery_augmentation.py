"""How training samples are varied, so that the networks learn what matters."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Augmentation = Callable[[Tensor, torch.Generator], Tensor]


def unchanged(batch: Tensor, _random: torch.Generator) -> Tensor:
    """Return the samples as they are."""
    return batch


def noise(strength: float) -> Augmentation:
    """Return an augmentation that adds normal noise; inputs have deviation 1."""

    def add(batch: Tensor, random: torch.Generator) -> Tensor:
        return batch + strength * torch.randn(batch.shape, generator=random)

    return add


def pictures(batch: Tensor, random: torch.Generator) -> Tensor:
    """Mirror half of the pictures (n, 1, h, w), shift each by up to 2 pixels, blank a square."""
    count, _, height, width = batch.shape
    mirrored = torch.rand(count, generator=random) < 0.5
    batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
    background = batch.amin()
    padded = torch.full((count, 1, height + 4, width + 4), float(background))
    padded[:, :, 2:-2, 2:-2] = batch
    corners = torch.randint(0, 5, (count, 2), generator=random)
    rows = corners[:, :1] + torch.arange(height)
    columns = corners[:, 1:] + torch.arange(width)
    shifted = padded[torch.arange(count)[:, None, None], 0, rows[:, :, None], columns[:, None, :]]
    holes = torch.randint(0, height, (count, 2), generator=random)
    inside = [(torch.arange(height) - holes[:, axis : axis + 1]).abs() < 4 for axis in (0, 1)]
    blanked = inside[0][:, :, None] & inside[1][:, None, :]
    return torch.where(blanked, torch.zeros(()), shifted)[:, None]


def shifted(batch: Tensor, random: torch.Generator) -> Tensor:
    """Shift the pictures (n, 1, h, w) by up to a pixel, and add a little noise."""
    down, right = (int(step) for step in torch.randint(-1, 2, (2,), generator=random))
    moved = torch.roll(batch, (down, right), (2, 3))
    return moved + 0.1 * torch.randn(batch.shape, generator=random)


def patches(batch: Tensor, random: torch.Generator) -> Tensor:
    """Mirror and turn the patches (n, bands, h, w) at random; seen from above, no side is up."""
    turns = int(torch.randint(0, 4, (1,), generator=random))
    batch = torch.rot90(batch, turns, (2, 3))
    mirrored = torch.rand(len(batch), generator=random) < 0.5
    batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
    return batch + 0.05 * torch.randn(batch.shape, generator=random)


def utterances(batch: Tensor, random: torch.Generator) -> Tensor:
    """Shift utterances (n, coefficients, time) by up to 2 steps, scale, add noise."""
    shift = int(torch.randint(-2, 3, (1,), generator=random))
    scale = 1 + 0.1 * torch.randn(len(batch), 1, 1, generator=random)
    return scale * torch.roll(batch, shift, 2) + 0.1 * torch.randn(batch.shape, generator=random)


def movements(mean: Tensor, deviation: Tensor) -> Augmentation:
    """Return an augmentation of watch windows (n, 6, time): other wrists, other tempers.

    The watch is turned a little on the wrist (acceleration and rotation together), the movement
    done faster or slower and with more or less force, and some noise added. Turning is done on
    raw figures, hence `mean` and `deviation` (6,) of the preprocessing.
    """
    mean, deviation = mean[:, None], deviation[:, None]

    def vary(batch: Tensor, random: torch.Generator) -> Tensor:
        raw = _retimed(batch * deviation + mean, random)
        turn = _rotations(len(batch), math.radians(5), random)
        turned = torch.cat([turn @ raw[:, :3], turn @ raw[:, 3:]], dim=1)
        force = 1 + 0.1 * torch.randn(len(batch), 6, 1, generator=random)
        varied = (turned * force - mean) / deviation
        return varied + 0.05 * torch.randn(batch.shape, generator=random)

    return vary


def _retimed(windows: Tensor, random: torch.Generator) -> Tensor:
    """Stretch each window in time by 0.8 to 1.25 around a random moment; ends are mirrored."""
    count, _, steps = windows.shape
    speed = torch.exp((torch.rand(count, 1, generator=random) * 2 - 1) * math.log(1.25))
    pivot = torch.rand(count, 1, generator=random) * (steps - 1)
    moments = pivot + (torch.arange(steps) - pivot) * speed
    last = steps - 1
    moments = last - (last - moments.abs()).abs()
    before = moments.floor().clamp(0, last - 1)
    share = (moments - before)[:, None]
    index = before.long()[:, None].expand_as(windows)
    return windows.gather(2, index) * (1 - share) + windows.gather(2, index + 1) * share


def _rotations(count: int, spread: float, random: torch.Generator) -> Tensor:
    """Return rotation matrices (count, 3, 3) by normal angles of that `spread` in radians."""
    angles = spread * torch.randn(count, 3, generator=random)
    zero = torch.zeros(count)
    x, y, z = angles.unbind(1)
    rows = [torch.stack(row, 1) for row in ((zero, -z, y), (z, zero, -x), (-y, x, zero))]
    turns: Tensor = torch.linalg.matrix_exp(torch.stack(rows, 1))
    return turns
