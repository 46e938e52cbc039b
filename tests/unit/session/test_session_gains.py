"""What a technique gains over its control, in pairs, and how that is said."""

from __future__ import annotations

import pytest
from session_events import variant

from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.gains import gain_of, gains_among
from tinystudio.session.marks import Mark, ProjectVariant


def distilled(repeat: int, plain: bool = False) -> Recipe:
    labels = 1.0 if plain else 0.1
    return Recipe(steps=(Step.of("distillation", repeat=repeat, labels=labels),))


def item(recipe: Recipe, score: float) -> ProjectVariant:
    made = variant(recipe, score)
    series = "plain-control" if "plain" in recipe.title else "distillation"
    return ProjectVariant(made.model_copy(update={"series": series}), Mark(), made.measurement)


def pairs(*scores: tuple[float, float]) -> list[ProjectVariant]:
    return [
        item(distilled(repeat, plain), score)
        for repeat, both in enumerate(scores)
        for plain, score in zip((False, True), both, strict=True)
    ]


def test_the_gain_is_the_mean_of_the_pairs_with_student_s_interval() -> None:
    items = pairs((0.90, 0.88), (0.91, 0.90), (0.92, 0.89))
    gain = gain_of(items[0], items)
    assert gain is not None
    assert gain.mean == pytest.approx(0.02)
    half = 2.92 * 0.01 / 3**0.5
    assert gain.interval == pytest.approx((0.02 - half, 0.02 + half))
    assert gain.sentence == (
        "gains +2.00 points over its plain control (90 % interval +0.31 … +3.69, 3 pairs)"
    )
    assert [gain_of(one, items) for one in items] == [gain] * 6  # whichever of them is selected


def test_a_gain_that_chance_explains_is_not_called_one() -> None:
    items = pairs((0.90, 0.88), (0.88, 0.89))
    gain = gain_of(items[0], items)
    assert gain is not None
    assert gain.sentence.startswith("no gain over its plain control is to be seen: +0.50 points")


def test_one_pair_tells_nothing_about_chance_and_says_so() -> None:
    items = pairs((0.90, 0.88))
    gain = gain_of(items[0], items)
    assert gain is not None
    assert gain.interval is None
    assert gain.sentence.endswith("in one pair: repeat it to see whether it holds")


def test_without_its_control_there_is_nothing_to_say() -> None:
    items = [item(distilled(0), 0.9), item(distilled(1, plain=True), 0.8)]
    assert gain_of(items[0], items) is None
    assert list(gains_among(items)) == []


def test_levels_have_no_control_and_nothing_is_said() -> None:
    keep = {"conv": {"keep": 3}}
    levels = [
        item(Recipe(steps=(Step.of("layer-levels", levels=keep),)), score) for score in (0.9,)
    ]
    assert gain_of(levels[0], [*levels, *pairs((0.90, 0.88))]) is None


def test_every_recipe_with_pairs_is_listed_once() -> None:
    items = pairs((0.90, 0.88), (0.91, 0.90))
    found = list(gains_among(items))
    assert [title for title, _ in found] == [distilled(0).title]
