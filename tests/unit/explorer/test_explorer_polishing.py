"""Polishing: structures are trained where most is hoped for, measured, and never beyond the time.

Time is that of a clock which only the made-up workshop moves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from explorer_examples import FRONT, database, times
from polishing_examples import Clock, FakeWorkshop

from tinystudio.core.data import Array
from tinystudio.core.reporter import Silent
from tinystudio.explorer import polishing
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.explorer.fronting import front_of
from tinystudio.explorer.polishing import FAILURES, LONGEST, SHORTEST, STRUCTURES, Polishing
from tinystudio.jobs.recipe import Recipe

ROUND_S = 40.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(polishing, "time", made)
    return made


def polished(
    shop: FakeWorkshop, start: Database, rounds: int = 1, left_s: float = ROUND_S, seed: int = 0
) -> Database:
    """Return the database after so many rounds."""
    work, end = Polishing(shop.workshop(), seed), shop.clock.now + left_s
    for number in range(rounds):
        *_, start = start, *work.round(start, number, end - shop.clock.now)
    return start


@pytest.mark.parametrize("timed", [False, True])
def test_every_trained_point_has_the_figures_of_its_own_file(clock: Clock, timed: bool) -> None:
    shop, start = FakeWorkshop(clock), database(timed=timed)
    found = polished(shop, start).trained
    assert 1 <= len({point.choice[:2] for point in found}) <= STRUCTURES
    assert len(found) == len(shop.measured)
    for point, recipe in zip(found, shop.measured, strict=True):
        choice, epochs = shop.choice(recipe)
        outputs, size = FakeWorkshop(Clock()).measure(recipe)
        assert (point.choice, point.epochs) == (tuple(choice.tolist()), epochs)
        assert point.size_bytes == size
        assert point.score == start.predictor.score_of(outputs.ravel())
        assert point.interval == (point.score, point.score)
        assert point.is_measured
        assert point.latency_ms == start.point(choice).latency_ms


def test_trained_points_take_the_place_of_worse_ones_on_the_front(clock: Clock) -> None:
    known = polished(FakeWorkshop(clock), database())
    front = front_of(known, [np.array(c, np.int16) for c in FRONT], Silent()).front
    assert any(point.epochs for point in front)
    sizes = [point.size_bytes for point in front]
    assert sizes == sorted(sizes, reverse=True)


def test_each_structure_is_trained_in_floats_and_rounded_in_several_ways(clock: Clock) -> None:
    shop = FakeWorkshop(clock)
    polished(shop, database())
    assert all(set(choice[2:]) == {0} for choice, _ in shop.trained)
    for structure, epochs in shop.trained:
        mine = [
            choice for choice, trained in map(shop.choice, shop.measured)
            if (tuple(choice[:2].tolist()), trained) == (structure[:2], epochs)
        ]  # fmt: skip
        assert 1 <= len(mine) <= 4
        assert len({choice.tobytes() for choice in mine}) == len(mine)
        assert any(choice[2:].any() for choice in mine)


def test_no_structure_is_trained_again_unless_for_clearly_longer(clock: Clock) -> None:
    shop = FakeWorkshop(clock)
    polished(shop, database(), rounds=4, left_s=200.0)
    before: dict[tuple[int, ...], float] = {}
    for structure, epochs in shop.trained:
        assert epochs > 1.5 * before.get(structure, 0.0)
        before[structure] = epochs
    assert len(shop.trained) > len(before)  # some were, as rounds grow longer


def test_the_same_seed_trains_the_same_structures(clock: Clock) -> None:
    ways = []
    for seed in (1, 1, 2):
        shop = FakeWorkshop(clock)
        polished(shop, database(), rounds=2, seed=seed)
        ways.append(shop.trained)
    assert ways[0] == ways[1] != ways[2]


@pytest.mark.parametrize("slow", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("left_s", [1.0, 7.0, 40.0])
def test_it_ends_in_time(clock: Clock, slow: float, left_s: float) -> None:
    shop, began = FakeWorkshop(clock, slow), clock.now
    polished(shop, database(), rounds=4, left_s=left_s)
    assert shop.trained
    assert clock.now - began < left_s * max(1.0, slow) + 1.0


def test_without_time_nothing_is_begun(clock: Clock) -> None:
    shop = FakeWorkshop(clock)
    assert polished(shop, database(), left_s=0.2).trained == ()
    assert shop.trained == []


def test_what_cannot_end_in_time_is_not_begun(clock: Clock) -> None:
    """An epoch of this network takes hours, its shortest training twelve minutes."""
    shop = FakeWorkshop(clock, macs=2 * 10**10)
    polished(shop, database(), left_s=60.0)
    assert shop.trained == []


def test_what_was_kept_from_an_earlier_search_does_not_make_the_rest_seem_fast(
    clock: Clock,
) -> None:
    """A training found on the disk takes no time; the next one does, as estimated."""
    shop, began = FakeWorkshop(clock, macs=2 * 10**8), clock.now

    class Kept(set[str]):
        def __contains__(self, _: object) -> bool:
            return len(shop.trained) <= 3

    shop.kept = Kept()
    polished(shop, database(), rounds=3, left_s=ROUND_S)
    assert len(shop.trained) > 3
    assert clock.now - began < ROUND_S + 1.0


def test_epochs_keep_to_what_the_technique_allows(clock: Clock) -> None:
    for macs in (1, 10**9):
        shop = FakeWorkshop(clock, macs=macs)
        polished(shop, database(), rounds=3, left_s=3000.0)
        assert shop.trained
        assert all(SHORTEST <= epochs <= LONGEST for _, epochs in shop.trained)


def test_a_structure_that_cannot_be_trained_is_left_out_and_the_others_are_trained(
    clock: Clock,
) -> None:
    first = FakeWorkshop(clock)
    polished(first, database())
    refused = first.trained[0][0]
    shop = FakeWorkshop(clock, refuses=lambda choice: tuple(choice.tolist()) == refused)
    found = polished(shop, database(), rounds=2)
    assert [structure for structure, _ in shop.trained].count(refused) == 1
    assert found.trained
    assert all(point.choice[:2] != refused[:2] for point in found.trained)


def test_where_every_training_fails_it_is_tried_a_few_times_and_no_more(clock: Clock) -> None:
    shop = FakeWorkshop(clock, refuses=lambda _: True)
    assert polished(shop, database(), rounds=4).trained == ()
    assert len(shop.trained) == FAILURES


def test_where_nothing_can_be_narrowed_there_is_no_other_structure() -> None:
    start = database()
    space = start.space.model_copy(update={"groups": ()})
    choice = polishing._step(space, space.original, np.random.default_rng(0))
    assert np.array_equal(choice, space.original)


def point(value: float, epochs: float) -> FrontPoint:
    return FrontPoint(
        choice=(1, 1, 0, 0, 0), score=value, value=value, interval=(value, value), size_bytes=9,
        latency_ms=None, latency_interval_ms=None, is_measured=True, epochs=epochs,
    )  # fmt: skip


def of_numbers() -> Database:
    """Return a database of errors, which are better the lower they are."""
    made = database()
    return replace(
        made, metric="mean-absolute-error", labels=made.changes.original.reshape(40, 4) + 0.3
    )


@pytest.mark.parametrize("made", [database, of_numbers])
def test_a_structures_best_training_is_what_longer_ones_have_to_beat(made) -> None:
    known, work = made(), Polishing(FakeWorkshop(Clock()).workshop(), 0)
    better, worse = (0.9, 0.6) if known.higher_is_better else (0.6, 0.9)
    for value, epochs in ((worse, 1.0), (better, 2.0), (worse, 3.0)):
        work._note(known, point(value, epochs))
    assert work._trained[(1, 1)].value == better
    assert work._longest[(1, 1)] == 3.0


@pytest.mark.parametrize("labelled", [True, False])
def test_errors_of_numbers_are_polished_too(clock: Clock, labelled: bool) -> None:
    start = of_numbers() if labelled else replace(of_numbers(), labels=None)
    found = polished(FakeWorkshop(clock), start)
    assert found.trained


def test_a_resumed_search_does_not_train_again_what_is_known(clock: Clock) -> None:
    known = polished(FakeWorkshop(clock), database())
    shop = FakeWorkshop(clock)
    polished(shop, known)
    before = {point.choice[:2]: point.epochs for point in known.trained}
    assert shop.trained
    assert all(epochs > 1.5 * before.get(c[:2], 0.0) for c, epochs in shop.trained)


@pytest.mark.parametrize("timed", [False, True])
def test_on_the_front_a_trained_point_has_the_time_of_the_table_there_is_now(
    clock: Clock, timed: bool
) -> None:
    """Trained before anything was timed, a point does not count as one that takes no time."""
    known = polished(FakeWorkshop(clock), database(timed=not timed))
    other = replace(known, latency=times() if timed else None)
    done = front_of(other, [np.array(c, np.int16) for c in FRONT], Silent())
    for item in (*done.trained, *done.front):
        assert item.latency_ms == done.point(np.array(item.choice, np.int16)).latency_ms
        assert (item.latency_interval_ms is not None) == timed


def test_a_measurement_that_fails_keeps_what_was_measured_before(clock: Clock) -> None:
    class Failing(FakeWorkshop):
        def measure(self, recipe: Recipe) -> tuple[Array, int]:
            if len(self.measured) == 2:
                self.refuses = lambda _: True
                self.make(recipe)
            return super().measure(recipe)

    assert len(polished(Failing(clock), database()).trained) == 2
