"""From one recipe to many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.errors import UserError
from tinystudio.core.params import Kind, describe
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.sweeps import Vary, expand, parse_vary

STATIC = Recipe(steps=(Step.of("static-quantization"),))
SWITCHES = [
    spec.name for spec in describe(type(STATIC.steps[0].params)) if spec.kind is Kind.SWITCH
]


def test_a_range_includes_both_ends_and_goes_by_the_step() -> None:
    recipe = Recipe(steps=(Step.of("channel-pruning"),))
    vary = parse_vary("sparsity=0:0.8:0.1", recipe)
    assert vary.values == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def test_a_list_of_values_is_taken_as_it_stands() -> None:
    vary = parse_vary(f"{SWITCHES[0]}=true,false", STATIC)
    assert vary.values == (True, False)


def test_several_parameters_are_crossed_and_no_recipe_comes_twice() -> None:
    recipe = Recipe(steps=(Step.of("channel-pruning"), Step.of("static-quantization")))
    varied = [Vary("sparsity", (0.1, 0.2, 0.2)), Vary(SWITCHES[0], (True, False))]
    recipes = expand(recipe, varied)
    assert len(recipes) == 4
    assert len({item.fingerprint for item in recipes}) == 4
    assert all(len(item.steps) == 2 for item in recipes)


@given(st.floats(0, 0.5), st.floats(0, 0.4), st.floats(0.01, 0.5))
def test_every_value_of_a_range_lies_in_it(low: float, length: float, step: float) -> None:
    recipe = Recipe(steps=(Step.of("channel-pruning"),))
    values = parse_vary(f"sparsity={low}:{low + length}:{step}", recipe).values
    assert values[0] == pytest.approx(low, abs=1e-9)
    assert all(float(value) <= low + length + step * 2e-3 for value in values)


@pytest.mark.parametrize(
    "text",
    [
        "sparsity", "sparsity=", "=0:1:0.1", "sparsity=0:1", "sparsity=0:1:0", "sparsity=1:0:0.1",
        "sparsity=a:b:c", "sparsity=0:inf:1", "sparsity=0:1:1e-9", "nothing=0:1:0.5",
    ],
)  # fmt: skip
def test_a_range_that_makes_no_sense_is_refused_in_words(text: str) -> None:
    recipe = Recipe(steps=(Step.of("channel-pruning"),))
    with pytest.raises(UserError) as caught:
        parse_vary(text, recipe)
    assert caught.value.hint


def test_a_value_out_of_bounds_is_refused() -> None:
    recipe = Recipe(steps=(Step.of("channel-pruning"),))
    with pytest.raises(UserError, match="between"):
        expand(recipe, [Vary("sparsity", (0.5, 1.5))])


def test_a_sweep_without_end_is_refused() -> None:
    recipe = Recipe(steps=(Step.of("channel-pruning"),))
    with pytest.raises(UserError, match="at most"):
        expand(recipe, [Vary("sparsity", tuple(i / 20000 for i in range(10_001)))])
