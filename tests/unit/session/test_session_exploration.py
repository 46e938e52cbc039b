"""What the session answers from a layer database, at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exploration_examples import TRAINED, loaded, with_trained, written
from explorer_examples import FRONT, MadeUp, database, two_groups

from tinystudio.core.measurement import Measurement
from tinystudio.explorer.database import Database, save_database
from tinystudio.explorer.space import Space
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.exploration import Exploration
from tinystudio.session.front import Limits


@pytest.fixture
def timed(tmp_path: Path) -> Exploration:
    return loaded(tmp_path, database(timed=True))


@pytest.mark.parametrize("on_front", [True, False])
def test_of_a_trained_recipe_just_what_was_measured_is_known(
    tmp_path: Path, on_front: bool
) -> None:
    made = loaded(tmp_path, with_trained(database(timed=True), 2.37, on_front))
    found = made.found(made.recipe(TRAINED, 2.37))
    assert found is not None
    assert (found.size_bytes, found.epochs, found.is_measured) == (12_345, 2.37, True)
    assert made.recipe_of_point(found) == made.recipe(TRAINED, 2.37)
    assert made.found(made.recipe(TRAINED, 2.38)) is None
    untrained = made.found(made.recipe(TRAINED))
    assert untrained is not None
    assert (untrained.size_bytes, untrained.epochs) == (made.point(TRAINED).size_bytes, 0.0)


def test_a_trained_recipe_has_a_place_but_is_not_predicted(
    timed: Exploration, tmp_path: Path
) -> None:
    recipe = timed.recipe(TRAINED, 7.0)
    place = timed.place(recipe)
    assert place is not None
    assert np.array_equal(place, TRAINED)
    assert timed.choice(recipe) is None
    assert timed.found(recipe) is None
    assert not timed.learn(recipe, written(tmp_path, np.zeros((40, 4))))


def test_a_recipe_of_another_kind_has_no_place(timed: Exploration) -> None:
    recipe = Recipe(steps=(Step.of("dynamic-quantization"),))
    assert timed.place(recipe) is None
    assert timed.found(recipe) is None


def test_trained_int8_is_too_early_as_well_before_it_has_been_tried(tmp_path: Path) -> None:
    known = with_int8(database())
    choice = known.space.choice({}, {"b": "w8a8"})
    assert choice is not None
    for stage, early in (("levels", True), ("timed", False)):
        made = loaded(tmp_path, replace(known, stage=stage))  # type: ignore[arg-type]
        assert made.is_too_early(made.recipe(choice, 2.0)) is early


def test_a_trained_point_is_the_best_inside_a_limit_that_it_keeps(tmp_path: Path) -> None:
    made = loaded(tmp_path, with_trained(database(), 3.0))
    best = made.best_within(Limits(size_bytes=13_000), None)
    assert best is not None
    assert best.epochs == 3.0
    assert made.best_within(Limits(size_bytes=12_000), None) != best


def test_without_a_database_there_is_no_front_and_no_choice() -> None:
    bare = Exploration()
    assert bare.place(Recipe()) is None
    assert bare.found(Recipe()) is None
    assert bare.front(None) == ()
    assert bare.choice(Recipe()) is None
    assert bare.best_within(Limits(), None) is None
    with pytest.raises(LookupError):
        bare.point(np.zeros(5, np.int16))


def test_a_state_is_taken_up_once(tmp_path: Path) -> None:
    made, path = Exploration(), str(save_database(tmp_path, database()))
    assert made.load(path)
    assert not made.load(path)


def test_a_state_that_cannot_be_read_leaves_the_old_one(
    timed: Exploration, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert not timed.load(str(tmp_path / "broken.json"))
    assert timed.database is not None
    assert "not read" in caplog.text
    caplog.clear()


def test_inside_a_limit_of_time_a_point_has_to_be_at_the_dear_end_of_its_interval(
    timed: Exploration,
) -> None:
    figures = [item for _, item in timed.front(None)]
    slowest = max(item.latency_interval_ms[1] for item in figures if item.latency_interval_ms)
    for limit in np.linspace(0.2, 1.2, 21) * slowest:
        best = timed.best_within(Limits(latency_ms=float(limit)), None)
        safe = [f for f in figures if f.latency_interval_ms and f.latency_interval_ms[1] <= limit]
        assert (best is not None) == bool(safe)
        if best is not None:
            shown = timed.figures(best, None).latency_interval_ms
            assert shown is not None
            assert shown[1] <= limit


def test_the_front_has_its_figures_from_the_largest_on(timed: Exploration) -> None:
    front = timed.front(None)
    assert [point.choice for point, _ in front] == list(FRONT)
    assert all(figures.score == point.score for point, figures in front)
    assert timed.front(None) is front
    original = Measurement(latency_ms=3.0, latency_ms_status="measured")
    assert timed.front(original)[0][1].latency_ms == pytest.approx(3.0)


def test_a_recipe_is_its_choice_and_back(timed: Exploration) -> None:
    choice = np.array(FRONT[2], np.int16)
    back = timed.choice(timed.recipe(choice))
    assert back is not None
    assert np.array_equal(back, choice)
    assert timed.choice(Recipe(steps=(Step.of("dynamic-quantization"),))) is None


def test_the_best_inside_the_limits_is_the_one_of_the_highest_score(timed: Exploration) -> None:
    front = [point for point, _ in timed.front(None)]
    for limit in [point.size_bytes for point in front]:
        best = timed.best_within(Limits(size_bytes=limit), None)
        inside = [point for point in front if point.size_bytes <= limit]
        assert best is not None
        assert best.score == max(point.score for point in inside)
        assert best.size_bytes <= limit
    assert timed.best_within(Limits(size_bytes=1), None) is None
    assert timed.best_within(Limits(score=1.01), None) is None


def test_a_limit_on_latency_is_kept_by_the_prediction_itself(timed: Exploration) -> None:
    front = [point for point, _ in timed.front(None)]
    assert front[2].latency_interval_ms is not None
    limit = front[2].latency_interval_ms[1]
    best = timed.best_within(Limits(latency_ms=limit), None)
    assert best is not None
    assert best.latency_ms is not None
    assert best.latency_ms <= limit


def test_an_answer_that_did_not_hold_when_it_was_measured_makes_room_for_the_next(
    timed: Exploration,
) -> None:
    limits = Limits(latency_ms=1000.0)
    first = timed.best_within(limits, None)
    assert first is not None
    found = timed.figures(first, None).model_copy(
        update={"latency_ms": 1100.0, "latency_interval_ms": (1050.0, 1150.0)}
    )
    recipe = timed.recipe_of_point(first)
    timed.set_measured([(recipe, found)])
    assert timed.figures(first, None) == found
    second = timed.best_within(limits, None)
    assert second is not None
    assert second.choice != first.choice
    timed.set_measured([(recipe, found.model_copy(update={"latency_interval_ms": (900.0, 990.0)}))])
    assert timed.best_within(limits, None) == first


def test_what_is_limited_and_not_known_is_not_promised(tmp_path: Path) -> None:
    untimed = loaded(tmp_path, database())
    assert untimed.best_within(Limits(latency_ms=1000.0), None) is None
    assert untimed.best_within(Limits(size_bytes=10**9), None) is not None


def test_of_equal_scores_the_smaller_file_wins(tmp_path: Path) -> None:
    known = database()
    even = tuple(point.model_copy(update={"score": 0.5, "value": 0.5}) for point in known.front)
    made = loaded(tmp_path, replace(known, front=even))
    best = made.best_within(Limits(), None)
    assert best is not None
    assert best.size_bytes == min(point.size_bytes for point in even)


def test_what_was_measured_is_exact_from_then_on(timed: Exploration, tmp_path: Path) -> None:
    made, choice = MadeUp(two_groups(), samples=40, interaction=3.0), np.array(FRONT[3], np.int16)
    before = timed.point(choice)
    assert not before.is_measured
    assert timed.learn(timed.recipe(choice), written(tmp_path, made.outputs(choice)))
    after = timed.point(choice)
    assert after.is_measured
    assert after.score == made.score(choice)
    assert not timed.learn(timed.recipe(choice), written(tmp_path, made.outputs(choice)))


@pytest.mark.parametrize("values", [np.zeros((3, 4)), np.full((40, 4), np.nan)])
def test_outputs_that_do_not_fit_or_are_no_numbers_teach_nothing(
    timed: Exploration, tmp_path: Path, values: np.ndarray
) -> None:
    choice = np.array(FRONT[3], np.int16)
    assert not timed.learn(timed.recipe(choice), written(tmp_path, values))


@pytest.mark.parametrize("content", [None, b"", b"words"])
def test_outputs_that_are_gone_or_half_written_teach_nothing(
    timed: Exploration, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "there.npy"
    if content is not None:
        path.write_bytes(content)
    assert not timed.learn(timed.recipe(np.array(FRONT[3], np.int16)), str(path))


def test_a_recipe_outside_the_space_teaches_nothing(timed: Exploration, tmp_path: Path) -> None:
    recipe = Recipe(steps=(Step.of("dynamic-quantization"),))
    assert not timed.learn(recipe, written(tmp_path, np.zeros((40, 4))))


def with_int8(known: Database) -> Database:
    layers = tuple(
        axis.model_copy(update={"precisions": (*axis.precisions[:-1], "w8a8")})
        for axis in known.space.layers
    )
    return replace(known, space=Space(groups=known.space.groups, layers=layers))


def test_int8_is_not_predicted_before_it_has_been_tried(tmp_path: Path) -> None:
    known, recipe = with_int8(database()), Step.of("layer-levels", levels={"b": {"bits": "w8a8"}})
    early = loaded(tmp_path, replace(known, stage="levels"))
    assert early.choice(Recipe(steps=(recipe,))) is None
    assert early.choice(Recipe()) is not None
    late = loaded(tmp_path, replace(known, stage="timed"))
    assert late.choice(Recipe(steps=(recipe,))) is not None


def test_forgotten_there_is_nothing(timed: Exploration) -> None:
    timed.forget()
    assert timed.database is None
    assert timed.front(None) == ()
