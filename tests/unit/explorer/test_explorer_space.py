"""What can be chosen in a network, and how choices, counts, precisions and recipes belong."""

from __future__ import annotations

import numpy as np
import pytest
from explorer_examples import random_choice, two_groups
from graph_building import GraphBuilder
from hypothesis import example, given, settings
from hypothesis import strategies as st
from level_examples import CASES, case, levels_of, noise

from tinystudio.explorer.changes import first_rows, single_choices
from tinystudio.explorer.recipes import choice_of, recipe_of
from tinystudio.explorer.space import Space
from tinystudio.explorer.spaces import FEWEST, group_levels, space_of
from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.jobs.recipe import Recipe, Step

EVERY = pytest.mark.parametrize("name", CASES)
_SPACES: dict[str, Space] = {}


def space(name: str) -> Space:
    if name not in _SPACES:
        _SPACES[name] = space_of(case(name).levels(), 8)
    return _SPACES[name]


def group(units: int) -> ChannelGroup:
    return ChannelGroup(
        id="g", title="g", channels=units, removable=True, reason="",
        producers=(), passers=(), consumers=(),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 5000), st.sampled_from([1, 4, 8, 16, 32]))
@example(7, 8)
def test_levels_descend_from_all_units_to_two_at_least_in_multiples(units: int, step: int) -> None:
    found = group_levels(group(units), step)
    assert found[0] == units
    assert list(found) == sorted(set(found), reverse=True)
    assert found[-1] >= FEWEST
    half = max(step // 2, 1)
    for count in found[1:]:
        multiple = half if count >= step else min(4, half)
        while multiple > 1 and 2 * multiple > units:  # a narrow group is cut more finely
            multiple //= 2
        assert count % multiple == 0 or count == FEWEST


def test_a_wide_group_has_levels_down_to_a_thirtieth() -> None:
    assert group_levels(group(256), 16)[-1] <= 16


@EVERY
def test_every_axis_has_a_choice_and_names_a_layer_or_group(name: str) -> None:
    found, study = space(name), case(name).levels().study
    assert [axis.id for axis in found.groups] == [item.id for item in study.groups]
    for axis in found.layers:
        assert axis.precisions[0] == "float"
        assert {"w8", "w4", "w3"} <= set(axis.precisions)
        assert set(axis.reads) <= set(found.group_index)
        assert axis.makes is None or axis.makes in found.group_index


def test_layers_read_and_make_the_groups_around_them() -> None:
    reads = {axis.node: (axis.reads, axis.makes) for axis in space("residual").layers}
    assert reads == {
        "conv0": ((), "conv0+conv4"),
        "conv2": (("conv0+conv4",), "conv2"),
        "conv4": (("conv2",), "conv0+conv4"),
    }
    assert space("concatenated").layers[-1].reads == ("conv0", "conv1")
    assert space("depthwise").layers[1].makes == "conv0"


def test_only_what_computes_in_int8_can_be_int8() -> None:
    able = {axis.node: "w8a8" in axis.precisions for axis in space("feed_forward").layers}
    assert able == {"gather0": False, "matmul1": True, "matmul4": True, "gemm7": True}
    assert not any("w8a8" in a.precisions for a in space("lstm").layers if a.op == "LSTM")


def test_without_samples_there_is_no_int8_and_without_the_operator_set_no_four_bits() -> None:
    bare = space_of(case("plain").levels(calibrated=False), 8)
    assert {axis.precisions for axis in bare.layers} == {("float", "w8", "w4", "w3")}
    old = space_of(case("plain").levels(small=False), 8)
    assert {axis.precisions for axis in old.layers} == {("float", "w8", "w8a8")}


def test_levels_leave_every_layer_a_channel_where_a_concatenation_meets_an_addition() -> None:
    g = GraphBuilder(0)
    x = g.input("n", 3, 4, 4)
    y = g.node("Concat", g.conv(x, 3, 6, (1, 1)), g.conv(x, 3, 6, (3, 3)), axis=1)
    y = g.node("Add", y, g.conv(x, 3, 12, (1, 1)))
    y = g.node("ReduceMean", y, axes=[2, 3], keepdims=0)
    tested = g.network(g.gemm(y, 12, 4, transB=1))
    levels = levels_of(tested, noise((3, 4, 4)))
    (joined,) = (item for item in couple(tested).groups if item.removable)
    (axis,) = space_of(levels, 4).groups
    assert axis.levels[-1] == 4
    for count in axis.levels[1:]:
        units = set(levels.kept({axis.id: count})[axis.id].tolist())
        assert len(units) == count
        assert not any(units.isdisjoint(part.tolist()) for part in joined.parts)


@given(st.integers(0, 10_000))
def test_a_choice_goes_to_counts_and_precisions_and_back(seed: int) -> None:
    known = two_groups()
    choice = random_choice(known, np.random.default_rng(seed))
    back = known.choice(known.kept(choice), known.precisions(choice))
    assert back is not None
    assert np.array_equal(back, choice)


def test_what_is_not_a_level_is_no_choice() -> None:
    known = two_groups()
    assert known.choice({"a": 13}, {}) is None
    assert known.choice({"nowhere": 4}, {}) is None
    assert known.choice({}, {"b": "w4"}) is None
    assert known.choice({}, {"nowhere": "w8"}) is None
    found = known.choice({"b": 2}, {"c": "w4"})
    assert found is not None
    assert found.tolist() == [0, 2, 0, 0, 1]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(CASES)), st.integers(0, 10_000))
def test_a_choice_goes_to_a_recipe_and_back(name: str, seed: int) -> None:
    known = space(name)
    choice = random_choice(known, np.random.default_rng(seed))
    recipe = recipe_of(known, choice)
    back = choice_of(known, Recipe.model_validate_json(recipe.model_dump_json()))
    assert back is not None
    assert np.array_equal(back, choice)


def test_the_originals_recipe_is_empty_and_what_stays_is_not_named() -> None:
    known = two_groups()
    assert recipe_of(known, known.original) == Recipe()
    (step,) = recipe_of(known, np.array([1, 0, 0, 1, 0], np.int16)).steps
    assert step.params.model_dump()["levels"] == {"a": {"keep": 12}, "b": {"bits": "w8"}}


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(steps=(Step.of("dynamic-quantization"),)),
        Recipe(steps=(Step.of("layer-levels"), Step.of("dynamic-quantization"))),
        Recipe(steps=(Step.of("layer-levels", samples=64),)),
        Recipe(steps=(Step.of("layer-levels", levels={"a": {"keep": 11}}),)),
    ],
)
def test_recipes_of_another_kind_are_no_choice(recipe: Recipe) -> None:
    assert choice_of(two_groups(), recipe) is None


def test_single_choices_are_every_level_alone_with_its_row() -> None:
    known = two_groups()
    found = dict(single_choices(known))
    assert first_rows(known).tolist() == [0, 4, 7, 10, 12]
    assert sorted({*found, *first_rows(known).tolist()}) == list(range(sum(known.sizes)))
    for row, choice in found.items():
        (axis,) = np.flatnonzero(choice)
        assert row == first_rows(known)[axis] + choice[axis]


def test_a_space_goes_to_json_and_back() -> None:
    known = space("residual")
    assert Space.model_validate_json(known.model_dump_json()) == known
