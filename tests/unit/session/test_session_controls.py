"""The random control of a recipe."""

from __future__ import annotations

import pytest

from tinystudio.core.errors import UserError
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.controls import control_of

PRUNE = Step.of("channel-pruning", sparsity=0.3)
INT8 = Step.of("static-quantization")


def test_a_control_chooses_at_random_and_is_else_the_same() -> None:
    control = control_of(Recipe(steps=(PRUNE, INT8)))
    assert control.steps == (PRUNE.replace(importance="random"), INT8)


def test_a_recipe_without_a_random_choice_has_no_control() -> None:
    with pytest.raises(UserError, match="No control was made"):
        control_of(Recipe(steps=(INT8,)))


def test_the_control_of_a_distillation_is_the_same_training_without_the_original() -> None:
    step = Step.of("distillation", epochs=3.0, repeat=2)
    (control,) = control_of(Recipe(steps=(step,))).steps
    assert control == step.replace(labels=1.0)
    assert control.part.series(control.params) != step.part.series(step.params)


def test_what_was_stored_before_there_were_repeats_reads_as_it_did() -> None:
    written = Recipe(steps=(Step.of("distillation", epochs=3.0),)).model_dump_json()
    assert "repeat" not in written
