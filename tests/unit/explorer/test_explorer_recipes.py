"""Choices that are trained are recipes of three steps, and those recipes are choices again."""

from __future__ import annotations

import numpy as np
import pytest
from explorer_examples import database, random_choice, two_groups
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.explorer.recipes import (
    choice_of,
    recipe_of,
    recipe_of_point,
    trained_choice_of,
)
from tinystudio.jobs.recipe import Recipe, Step

EPOCHS = st.floats(0.05, 500.0)
SEEDS = st.integers(0, 10_000)
KEEP = Step.of("layer-levels", levels={"a": {"keep": 8}})
BITS = Step.of("layer-levels", levels={"b": {"bits": "w8"}})
BOTH = Step.of("layer-levels", levels={"a": {"keep": 8}, "b": {"bits": "w8"}})
TRAINED = Step.of("distillation", epochs=4.0, rate=0.004)


@given(SEEDS, EPOCHS)
def test_a_trained_choice_goes_to_a_recipe_and_back(seed: int, epochs: float) -> None:
    space = two_groups()
    choice = random_choice(space, np.random.default_rng(seed))
    recipe = Recipe.model_validate_json(recipe_of(space, choice, epochs).model_dump_json())
    found = trained_choice_of(space, recipe)
    assert found is not None
    assert np.array_equal(found[0], choice)
    assert found[1] == epochs
    assert choice_of(space, recipe) is None  # what is trained is not predicted


@given(SEEDS)
def test_what_is_not_trained_is_no_trained_choice(seed: int) -> None:
    space = two_groups()
    choice = random_choice(space, np.random.default_rng(seed))
    assert recipe_of(space, choice, 0.0) == recipe_of(space, choice)
    assert trained_choice_of(space, recipe_of(space, choice)) is None


def test_channels_go_first_then_it_is_trained_and_weights_are_rounded_last() -> None:
    recipe = recipe_of(two_groups(), np.array([2, 0, 0, 1, 0], np.int16), 4.0)
    assert recipe.steps == (KEEP, TRAINED, BITS)


def test_what_nothing_happens_to_is_no_step() -> None:
    space = two_groups()
    assert recipe_of(space, np.array([2, 0, 0, 0, 0], np.int16), 4.0).steps == (KEEP, TRAINED)
    assert recipe_of(space, np.array([0, 0, 0, 1, 0], np.int16), 4.0).steps == (TRAINED, BITS)
    assert recipe_of(space, space.original, 4.0).steps == (TRAINED,)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (BOTH, TRAINED),
        (TRAINED, BOTH),
        (BITS, TRAINED, KEEP),
        (TRAINED, KEEP, BITS),
        (KEEP, TRAINED, BITS, TRAINED),
        (KEEP, TRAINED.replace(labels=1.0), BITS),
        (KEEP, TRAINED.replace(rate=0.002), BITS),
        (KEEP, TRAINED, Step.of("dynamic-quantization")),
        (Step.of("layer-levels", levels={"a": {"keep": 11}}), TRAINED),
        (Step.of("layer-levels", levels={"nowhere": {"keep": 8}}), TRAINED),
        (Step.of("layer-levels", samples=64, levels={"a": {"keep": 8}}), TRAINED),
    ],
)
def test_recipes_of_another_kind_are_no_trained_choice(steps: tuple[Step, ...]) -> None:
    assert trained_choice_of(two_groups(), Recipe(steps=steps)) is None


@pytest.mark.parametrize("epochs", [0.0, 2.5])
def test_a_point_is_made_by_the_recipe_of_its_choice_and_epochs(epochs: float) -> None:
    known = database()
    choice = np.array([2, 1, 1, 1, 0], np.int16)
    point = known.point(choice).model_copy(update={"epochs": epochs})
    assert recipe_of_point(known.space, point) == recipe_of(known.space, choice, epochs)
