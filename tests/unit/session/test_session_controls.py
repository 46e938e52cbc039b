"""The random control of a recipe."""

from __future__ import annotations

import pytest

from tinystudio.core.errors import UserError
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.controls import random_control

PRUNE = Step.of("channel-pruning", sparsity=0.3)
INT8 = Step.of("static-quantization")


def test_a_control_chooses_at_random_and_is_else_the_same() -> None:
    control = random_control(Recipe(steps=(PRUNE, INT8)))
    assert control.steps == (PRUNE.replace(importance="random"), INT8)


def test_a_recipe_without_a_random_choice_has_no_control() -> None:
    with pytest.raises(UserError, match="No random control was made"):
        random_control(Recipe(steps=(INT8,)))
