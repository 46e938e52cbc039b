"""The history as a tree: who comes from whom, and what was changed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from session_events import ORIGINAL, variant

from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.lineage import Branch, Lineage, change_words, ids_below
from tinystudio.session.marks import Mark, ProjectVariant

INT8 = Step.of("static-quantization")


def pruned(sparsity: float) -> Step:
    return Step.of("channel-pruning", sparsity=sparsity)


def known(*steps: Step, parent: str | None = None) -> ProjectVariant:
    made = variant(Recipe(steps=steps)).model_copy(update={"parent": parent})
    return ProjectVariant(made, Mark(), made.measurement)


def shown(branches: tuple[Branch, ...]) -> list[object]:
    """Return changes, each with those below it."""
    return [(b.change, shown(b.children)) if b.children else b.change for b in branches]


def test_a_recipe_that_goes_on_stands_below_the_longest_that_it_begins_with() -> None:
    items = [known(), known(pruned(0.4), INT8), known(pruned(0.4))]
    assert shown(Lineage().tree(items)) == [("channels −40 %", ["+ INT8"])]


def test_another_value_of_one_parameter_stands_below_the_first_that_was_made() -> None:
    items = [known(pruned(0.4)), known(pruned(0.6)), known(pruned(0.8))]
    found = Lineage().tree(items)
    below = ["40 → 60 % channels removed", "40 → 80 % channels removed"]
    assert shown(found) == [("channels −40 %", below)]


def test_what_differs_in_two_parameters_comes_from_the_original() -> None:
    other = Step.of("channel-pruning", sparsity=0.6, importance="random")
    assert len(Lineage().tree([known(pruned(0.4)), known(other)])) == 2


def test_a_parent_that_the_variant_names_itself_comes_first() -> None:
    first, second = known(pruned(0.4)), known(INT8)
    child = known(pruned(0.4), INT8, parent=second.id)
    found = Lineage().tree([first, second, child])
    assert [[c.item.id for c in b.children] for b in found] == [[], [child.id]]
    assert found[1].children[0].change == "channels −40 %, INT8"


def test_what_came_of_a_variant_moves_up_when_that_is_gone() -> None:
    first, child = known(pruned(0.4)), known(pruned(0.4), INT8)
    lineage = Lineage()
    assert len(lineage.tree([first, child])) == 1
    assert shown(lineage.tree([child])) == ["channels −40 %, INT8"]


def test_switches_and_choices_are_told_by_their_titles() -> None:
    after = Step.of("static-quantization", method="entropy", per_channel=False)
    words = change_words(Recipe(steps=(INT8,)), Recipe(steps=(after,)))
    assert words == "Entropy instead of Automatic: calibration, on → off weights per channel"


steps = st.sampled_from([pruned(0.2), pruned(0.4), INT8, Step.of("dynamic-quantization")])
recipes = st.lists(st.lists(steps, min_size=1, max_size=3).map(tuple), unique=True, max_size=8)


@given(recipes, st.randoms())
def test_every_variant_stands_in_the_tree_once_whatever_is_named_as_its_parent(
    made: list[tuple[Step, ...]], chance: object
) -> None:
    items = [known(*recipe) for recipe in made]
    ids = [item.id for item in items]
    named = [
        replace(i, variant=i.variant.model_copy(update={"parent": chance.choice([None, *ids])}))  # type: ignore[attr-defined]
        for i in items
    ]
    found = list(ids_below(Lineage().tree([known(), *named])))
    assert sorted(found) == sorted(ids)
    assert variant(ORIGINAL).id not in found
