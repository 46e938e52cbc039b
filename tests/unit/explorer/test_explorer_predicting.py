"""Predictions: exact where something was measured, honest about how far off they may be."""

from __future__ import annotations

import numpy as np
import pytest
from explorer_examples import MadeUp, random_choice, two_groups
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.explorer.changes import Changes, first_rows
from tinystudio.explorer.costs import level_costs
from tinystudio.explorer.predicting import FEWEST_KNOWN, Known, Predictor
from tinystudio.explorer.space import Choice, GroupAxis, LayerAxis, Space
from tinystudio.metrics import find_metric

ACCURACY, ERROR = find_metric("accuracy"), find_metric("mean-absolute-error")
PRECISIONS = ("float", "w8", "w4", "w3")


def wide() -> Space:
    """Return a space of eight axes of four levels: far more choices than are ever measured."""
    groups = tuple(GroupAxis(id=f"g{i}", title="", levels=(16, 12, 8, 4)) for i in range(4))
    layers = tuple(
        LayerAxis(node=f"l{i}", op="Conv", reads=(), makes=f"g{i}", precisions=PRECISIONS)
        for i in range(4)
    )
    return Space(groups=groups, layers=layers)


def measured(made: MadeUp, count: int, seed: int = 0) -> Predictor:
    """Return a predictor that knows so many random choices."""
    draw, predictor = np.random.default_rng(seed), bare(made)
    choices = [random_choice(made.space, draw) for _ in range(count)]
    missed = [predictor.missed_by(choice, made.outputs(choice)) for choice in choices]
    scores = [made.score(choice) for choice in choices]
    known = Known(np.stack(choices), np.stack(missed), np.array(scores)) if choices else None
    return Predictor(made.space, made.changes, ACCURACY, made.labels, known)


def bare(made: MadeUp) -> Predictor:
    return Predictor(made.space, made.changes, ACCURACY, made.labels)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_where_effects_add_up_predictions_are_right_without_any_measurement(seed: int) -> None:
    made = MadeUp(two_groups(), seed)
    choice = random_choice(made.space, np.random.default_rng(seed))
    found = bare(made).predict(choice)
    # Answers that hang in the balance count in part: off by what the interval allows at most.
    assert found.interval[0] <= made.score(choice) <= found.interval[1]
    assert np.allclose(bare(made).outputs(choice), made.outputs(choice).ravel(), atol=1e-4)


def test_the_original_is_exact_from_the_first() -> None:
    made = MadeUp(two_groups())
    found = bare(made).predict(made.space.original)
    assert found.distance == 0.0
    assert found.interval == (found.score, found.score)
    assert found.score == made.score(made.space.original)


def test_what_was_measured_is_exact() -> None:
    made = MadeUp(wide(), interaction=1.0)
    predictor = measured(made, 30)
    for choice, score in zip(predictor.known.choices, predictor.known.scores, strict=True):
        found = predictor.predict(choice)
        assert found.score == pytest.approx(score, abs=1e-9)
        assert (found.distance, found.interval) == (0.0, (found.score, found.score))


def test_what_changes_nothing_and_was_not_measured_is_not_called_measured() -> None:
    made = MadeUp(two_groups())
    made.changes.rows[1] = 0.0
    choice = made.space.original
    choice[0] = 1
    found = bare(made).predict(choice)
    assert found.score == pytest.approx(made.score(made.space.original), abs=1e-6)
    assert found.distance > 0.0


def test_one_step_beside_what_was_measured_is_nearer_than_from_the_sum_alone() -> None:
    made = MadeUp(wide(), interaction=1.5, strength=1.5)
    predictor, errors = measured(made, 60), []
    for choice in predictor.measured.choices[:40]:
        step = choice.copy()
        axis = int(np.argmax(choice > 0))
        step[axis] -= step[axis] > 0
        truth = made.score(step)
        found = predictor.predict(step).score, bare(made).predict(step).score
        errors.append([abs(score - truth) for score in found])
    anchored, alone = np.mean(errors, axis=0)
    assert anchored < 0.6 * alone


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    inside = []
    for seed in range(8):
        made = MadeUp(wide(), seed, interaction=0.8, strength=1.2)
        predictor, draw = measured(made, 40, seed), np.random.default_rng(seed + 100)
        for _ in range(40):
            choice = random_choice(made.space, draw)
            low, high = predictor.predict(choice).interval
            inside.append(low - 1e-9 <= made.score(choice) <= high + 1e-9)
    assert 0.84 <= np.mean(inside) <= 0.97


def test_intervals_are_wide_until_errors_are_known_and_stay_within_a_share() -> None:
    made = MadeUp(wide(), interaction=0.3)
    few, many = measured(made, FEWEST_KNOWN - 3), measured(made, 40)
    draw, widths = np.random.default_rng(5), []
    for _ in range(20):
        choice = random_choice(made.space, draw)
        found = few.predict(choice).interval, many.predict(choice).interval
        assert all(0.0 <= low <= high <= 1.0 for low, high in found)
        widths.append([high - low for low, high in found])
    assert np.mean(widths, axis=0)[0] > np.mean(widths, axis=0)[1]


def test_farther_from_what_is_known_the_interval_is_wider() -> None:
    made = MadeUp(wide(), interaction=0.5, strength=0.6)
    predictor = bare(made)
    near, far = made.space.original, made.space.original + 1
    near[0] = 1
    widths = [np.diff(predictor.predict(c).interval)[0] for c in (near, far.astype(np.int16))]
    assert widths[0] < widths[1]


def test_the_order_in_which_things_are_learnt_does_not_matter() -> None:
    made, draw = MadeUp(wide(), interaction=1.0), np.random.default_rng(1)
    choices = [random_choice(made.space, draw) for _ in range(12)]
    forth, back = bare(made), bare(made)
    for choice in choices:
        forth = forth.with_known(choice, made.outputs(choice))
    for choice in reversed(choices):
        back = back.with_known(choice, made.outputs(choice))
    for _ in range(20):
        choice = random_choice(made.space, draw)
        one, other = forth.predict(choice), back.predict(choice)
        assert one.score == pytest.approx(other.score, abs=0.011)
        assert one.interval == pytest.approx(other.interval, abs=0.02)


def test_learning_leaves_the_old_predictor_as_it_was() -> None:
    made = MadeUp(wide(), interaction=1.0)
    before = measured(made, 10)
    choice = random_choice(made.space, np.random.default_rng(9))
    found = before.predict(choice)
    after = before.with_known(choice, made.outputs(choice))
    assert before.predict(choice) == found
    assert len(after.known) == len(before.known) + 1
    assert after.predict(choice).score == made.score(choice)


def test_without_labels_agreement_with_the_original_is_predicted() -> None:
    made = MadeUp(two_groups(), strength=2.0)
    predictor = Predictor(made.space, made.changes, ACCURACY, None)
    assert predictor.predict(made.space.original).score == 1.0
    choice = np.array([3, 2, 2, 1, 1], np.int16)
    answers = made.changes.original.argmax(axis=1)
    agreed = float((made.outputs(choice).argmax(axis=1) == answers).mean())
    assert predictor.predict(choice).score == pytest.approx(agreed, abs=0.006)


def numbers(seed: int) -> tuple[Space, Changes, Array]:
    """Return changes of one number per sample, and the right numbers."""
    space, draw = two_groups(), np.random.default_rng(seed)
    rows = draw.normal(0, 0.3, (sum(space.sizes), 150)).astype("f4")
    rows[first_rows(space)] = 0.0
    labels = draw.normal(size=(150, 1))
    original = (labels + draw.normal(0, 0.1, (150, 1))).astype("f4")
    return space, Changes(original, rows, original.shape), labels


def test_errors_of_numbers_are_predicted_with_intervals_too() -> None:
    space, changes, labels = numbers(0)
    predictor = Predictor(space, changes, ERROR, labels)
    choice = np.array([1, 0, 0, 1, 0], np.int16)
    outputs = changes.original.ravel() + changes.added(space, choice)
    truth = float(np.abs(outputs - labels.ravel()).mean())
    found = predictor.predict(choice)
    assert found.score == pytest.approx(truth, abs=1e-5)
    assert found.interval[0] < found.score < found.interval[1]
    assert found.interval[0] >= 0.0
    assert not predictor.classifies


def test_costs_are_zero_where_nothing_changes_and_grow_with_the_change() -> None:
    made = MadeUp(two_groups())
    costs = level_costs(made.changes, classifies=True)
    starts = first_rows(made.space)
    assert (costs[starts] == 0).all()
    assert (costs >= 0).all()
    assert costs[1] < costs[3]
    doubled = Changes(made.changes.original, made.changes.rows * 2, made.changes.shape)
    assert (level_costs(doubled, classifies=True) >= costs).all()


def test_costs_of_numbers_are_shares_of_their_variance() -> None:
    _, changes, _ = numbers(1)
    costs = level_costs(changes, classifies=False)
    share = np.square(changes.rows[1]).mean() / changes.original.var()
    assert costs[1] == pytest.approx(share, rel=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_distances_in_few_dimensions_are_those_of_the_outputs(seed: int) -> None:
    made, draw = MadeUp(wide(), seed), np.random.default_rng(seed)
    one, other = (random_choice(made.space, draw) for _ in range(2))

    def place(choice: Choice) -> Array:
        return np.asarray(
            made.changes.embedding[made.changes.indices(made.space, choice)].sum(axis=0)
        )

    apart = made.changes.added(made.space, one) - made.changes.added(made.space, other)
    true = np.sqrt(np.square(apart, dtype=np.float64).mean())
    assert np.linalg.norm(place(one) - place(other)) == pytest.approx(true, rel=0.05, abs=1e-6)
