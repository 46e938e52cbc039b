"""Random mixed configurations: how deep is drawn evenly, then every layer's level around it."""

from __future__ import annotations

import numpy as np

from tinystudio.explorer.space import Choice, Space

SPREAD = 0.2  # of the depth: one standard deviation that a group's own depth lies off


def mixed(space: Space, count: int, seed: int) -> list[Choice]:
    """Return `count` choices.

    Per choice a depth u, uniform from 0 (all channels) to 1 (all groups at their last level). Every
    group takes the level at depth u + normal(0, 0.2); every layer takes any of its precisions,
    each as likely (float, 8, 4, 3 bits, INT8).
    """
    draw = np.random.default_rng(seed)
    return [_one(space, draw) for _ in range(count)]


def steps_from(space: Space, choice: Choice, draw: np.random.Generator) -> Choice:
    """Return a choice one move of one slider or switch away."""
    sizes, groups = np.array(space.sizes), len(space.groups)
    moved = choice.copy()
    axis = int(draw.choice(np.flatnonzero(sizes > 1)))
    if axis < groups:
        up = int(choice[axis]) + (1 if draw.random() < 0.5 else -1)
        moved[axis] = up if 0 <= up < sizes[axis] else 2 * int(choice[axis]) - up
    else:
        others = [level for level in range(sizes[axis]) if level != int(choice[axis])]
        moved[axis] = int(draw.choice(others))
    return moved


def _one(space: Space, draw: np.random.Generator) -> Choice:
    choice, depth = space.original, float(draw.uniform())
    for axis, count in enumerate(space.sizes):
        if axis < len(space.groups):
            own = float(np.clip(depth + draw.normal(0.0, SPREAD), 0.0, 1.0))
            choice[axis] = round(own * (count - 1))
        else:
            choice[axis] = draw.integers(count)
    return choice
