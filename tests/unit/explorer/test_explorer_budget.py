"""A search with a budget spends its trainings and measurements on what keeps to it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from explorer_examples import FRONT, MadeUp, database, two_groups
from polishing_examples import Clock, FakeWorkshop

from tinystudio.core.data import Array
from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.explorer import polishing
from tinystudio.explorer.bit_filling import filled
from tinystudio.explorer.budget import Budget, costs_of
from tinystudio.explorer.database import Database
from tinystudio.explorer.fronting import front_of
from tinystudio.explorer.polishing import Polishing
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.searching import search
from tinystudio.explorer.space import Choice
from tinystudio.exporters.stamping import compact_json
from tinystudio.jobs.recipe import Recipe


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(polishing, "time", made)
    return made


@pytest.fixture(scope="module")
def known() -> Database:
    front = [np.array(choice, np.int16) for choice in FRONT]
    return front_of(database(timed=True), front, Silent())


def middle(known: Database) -> float:
    sizes = sorted(point.size_bytes for point in known.front)
    return float(sizes[len(sizes) // 2])


def trained(shop: FakeWorkshop, known: Database, budget: Budget) -> list[Choice]:
    work, end = Polishing(shop.workshop(), 0, budget), shop.clock.now + 60.0
    for number in range(3):
        *_, known = known, *work.round(known, number, end - shop.clock.now)
    return [shop.choice(recipe)[0] for recipe in shop.measured]


def predicted(known: Database, choice: Choice) -> tuple[float, float]:
    sizes, times = costs_of(known, [choice])
    return float(sizes[0]), float(times[0])


def test_only_choices_that_fit_are_trained_and_measured(clock: Clock, known: Database) -> None:
    size = middle(known)
    free = trained(FakeWorkshop(clock), known, Budget())
    kept = trained(FakeWorkshop(clock), known, Budget(size_bytes=size))
    assert any(predicted(known, choice)[0] > size for choice in free)  # else this tells nothing
    assert kept
    assert all(predicted(known, choice)[0] <= size for choice in kept)


def test_a_limit_on_time_is_kept_to_as_well(clock: Clock, known: Database) -> None:
    times = sorted(point.latency_ms or 0.0 for point in known.front)
    limit = times[len(times) // 2]
    kept = trained(FakeWorkshop(clock), known, Budget(latency_ms=limit))
    assert kept
    assert all(predicted(known, choice)[1] <= limit for choice in kept)


def test_where_nothing_fits_it_trains_as_without_a_budget(clock: Clock, known: Database) -> None:
    assert trained(FakeWorkshop(clock), known, Budget(size_bytes=1.0))


def test_the_bits_of_what_is_trained_fill_the_budget(clock: Clock, known: Database) -> None:
    shop, budget = FakeWorkshop(clock), Budget(size_bytes=middle(known))
    trained(shop, known, budget)
    measured = {recipe.fingerprint for recipe in shop.measured}
    wanted = [
        recipe_of(known.space, best, epochs).fingerprint
        for choice, epochs in shop.trained
        if (best := filled(known, np.array(choice, np.int16), budget, epochs)) is not None
    ]
    assert wanted
    assert measured.issuperset(wanted)


def test_where_few_epochs_are_left_they_are_not_shared_out(clock: Clock, known: Database) -> None:
    """An epoch takes about 4 s: of a minute that is not enough for several trainings."""
    shop = FakeWorkshop(clock, macs=4 * 10**6)
    trained(shop, known, Budget(size_bytes=middle(known)))
    first, second = (epochs for _, epochs in shop.trained[:2])
    assert first == 1.0
    assert second > 5.0
    assert clock.now < 100.0 + 62.0


def test_a_search_that_is_stopped_while_measuring_keeps_what_was_measured(
    clock: Clock, known: Database
) -> None:
    class Stopped(FakeWorkshop):
        def measure(self, recipe: Recipe) -> tuple[Array, int]:
            if len(self.measured) == 1:
                raise Cancelled
            return super().measure(recipe)

    seen = []
    work = Polishing(Stopped(clock).workshop(), 0, Budget(size_bytes=middle(known)))
    with pytest.raises(Cancelled):
        for state in work.round(known, 0, 60.0):
            seen.append(state)
    assert [len(state.trained) for state in seen] == [1]


def test_untrained_choices_are_searched_inside_as_well(known: Database) -> None:
    made, size = MadeUp(two_groups(), samples=40, interaction=2.0), middle(known)
    asked: list[Choice] = []

    def measure(choice: Choice) -> np.ndarray:
        asked.append(choice)
        return made.outputs(choice)

    for _ in itertools.islice(search(known, measure, 0, Budget(size_bytes=size)), 8):
        pass
    assert len(asked) == 8
    assert all(predicted(known, choice)[0] <= size for choice in asked)


def test_a_file_that_tells_of_a_training_is_longer_by_what_it_tells(known: Database) -> None:
    choice = np.array(FRONT[-1], np.int16)
    plain, told = (costs_of(known, [choice], epochs)[0][0] for epochs in (0.0, 2.5))
    texts = [
        compact_json(recipe_of(known.space, choice, epochs).model_dump(mode="json"))
        for epochs in (0.0, 2.5)
    ]
    assert told - plain == len(texts[1]) - len(texts[0]) > 0


@pytest.mark.parametrize(
    ("costs", "inside"),
    [((900.0, 2.0), True), ((1000.0, 3.0), True), ((1001.0, 1.0), False), ((10.0, 3.1), False)],
)
def test_a_budget_is_exceeded_by_either_of_its_limits(
    costs: tuple[float, float], inside: bool
) -> None:
    budget = Budget(size_bytes=1000.0, latency_ms=3.0)
    assert (budget.excess(costs) <= 0) == inside
    assert bool(budget.holds(np.array(costs[:1]), np.array(costs[1:]))[0]) == inside
    assert Budget().excess(costs) == 0
