"""Between choices of a space and recipes: every point of the front is a recipe like any other.

A choice that is trained takes three steps: channels go, what stays is distilled, and only then
weights are rounded.
"""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from tinystudio.explorer.database import FrontPoint
from tinystudio.explorer.space import Choice, Space
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.techniques.distillation import Distillation, DistillationParams
from tinystudio.techniques.layer_levels import LayerLevels, LayerLevelsParams

Rows = dict[str, dict[str, int | str]]

RATE = 0.004  # of learning: what lost many of its channels has far to go in few epochs


def recipe_of(space: Space, choice: Choice, epochs: float = 0.0) -> Recipe:
    """Return the recipe that makes a choice, trained for so many epochs.

    The original's is empty. What stays is not named.
    """
    keep: Rows = {}
    for group in space.groups:
        count = space.kept(choice)[group.id]
        if count < group.units:
            keep[group.id] = {"keep": count}
    bits: Rows = {
        node: {"bits": precision}
        for node, precision in space.precisions(choice).items()
        if precision != "float"
    }
    if epochs <= 0:
        return Recipe(steps=_levels({n: keep.get(n, {}) | bits.get(n, {}) for n in keep | bits}))
    step = Step.of(Distillation.id, epochs=epochs, rate=RATE)
    return Recipe(steps=(*_levels(keep), step, *_levels(bits)))


def recipe_of_point(space: Space, point: FrontPoint) -> Recipe:
    """Return the recipe that makes a point of the front."""
    return recipe_of(space, np.array(point.choice, np.int16), point.epochs)


def choice_of(space: Space, recipe: Recipe) -> Choice | None:
    """Return the choice that a recipe makes, or None where it is of another kind."""
    if not recipe.steps:
        return space.original
    params = recipe.steps[0].params
    if len(recipe.steps) > 1 or not _is_plain(params):
        return None
    return space.choice(params.keep, params.bits)


def trained_choice_of(space: Space, recipe: Recipe) -> tuple[Choice, float] | None:
    """Return the choice and the epochs of a recipe that trains one, or None for other recipes."""
    trainings = [s.params for s in recipe.steps if isinstance(s.params, DistillationParams)]
    levels = [s.params for s in recipe.steps if _is_plain(s.params)]
    if len(trainings) != 1 or len(levels) + 1 != len(recipe.steps):
        return None
    keep = {name: count for params in levels for name, count in params.keep.items()}
    bits = {name: some for params in levels for name, some in params.bits.items()}
    choice, epochs = space.choice(keep, bits), trainings[0].epochs
    if choice is None or recipe_of(space, choice, epochs) != recipe:
        return None
    return choice, epochs


def _levels(rows: Rows) -> tuple[Step, ...]:
    return (Step.of(LayerLevels.id, levels=dict(sorted(rows.items()))),) if rows else ()


def _is_plain(params: object) -> TypeGuard[LayerLevelsParams]:
    """Say whether these are levels as a database has them."""
    if not isinstance(params, LayerLevelsParams):
        return False
    return params.samples == LayerLevelsParams().samples
