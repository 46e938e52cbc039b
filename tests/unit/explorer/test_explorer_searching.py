"""The search goes on from the front with exact measurements, and ends where nothing is new."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from explorer_examples import MadeUp, database, two_groups
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.explorer.hypervolume import Plane, added_volume, staircase
from tinystudio.explorer.searching import search
from tinystudio.explorer.space import Choice

UNIT = Plane(index=0, whole=1.0, least=0.005, worst=0.0, sign=1)


class Measuring:
    """Measures a made-up network and notes what it was asked."""

    def __init__(self) -> None:
        self.made = MadeUp(two_groups(), samples=40, interaction=2.0)
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, choice: Choice) -> Array:
        self.asked.append(tuple(choice.tolist()))
        return self.made.outputs(choice)


@pytest.mark.parametrize("timed", [False, True])
def test_every_round_measures_one_new_choice_and_knows_it_then(timed: bool) -> None:
    measuring, start = Measuring(), database(timed=timed)
    for rounds, (known, predictor) in enumerate(search(start, measuring, 0), start=1):
        assert len(known.known) == len(start.known) + rounds
        last = np.array(measuring.asked[-1], np.int16)
        assert predictor.predict(last).score == measuring.made.score(last)
        if rounds == 12:
            break
    assert len(set(measuring.asked)) == len(measuring.asked) == 12
    assert (0, 0, 0, 0, 0) not in measuring.asked


def test_the_same_seed_searches_the_same_way() -> None:
    ways = []
    for seed in (1, 1, 2):
        measuring = Measuring()
        for _ in itertools.islice(search(database(), measuring, seed), 6):
            pass
        ways.append(measuring.asked)
    assert ways[0] == ways[1] != ways[2]


def test_where_all_is_known_the_search_ends() -> None:
    measuring = Measuring()
    for _ in search(database(), measuring, 0):
        assert len(measuring.asked) <= math.prod(two_groups().sizes)
    assert len(measuring.asked) > 20


def covered(costs: list[float], scores: list[float]) -> float:
    """Return the volume under a staircase by adding up thin strips."""
    places = np.array([UNIT.place((cost, 0.0)) for cost in costs])
    at = np.linspace(0, 1, 4001)[:-1] + 1 / 8000
    best = [
        max([s for p, s in zip(places, scores, strict=True) if p >= x], default=0.0) for x in at
    ]
    return float(np.mean(best))


POINT = st.tuples(st.floats(0.01, 1.0), st.floats(0.0, 1.0))


@settings(max_examples=15, deadline=None)
@given(st.lists(POINT, min_size=1, max_size=6), POINT)
def test_what_a_point_adds_is_the_difference_of_the_volumes(
    points: list[tuple[float, float]], new: tuple[float, float]
) -> None:
    costs, scores = [cost for cost, _ in points], [score for _, score in points]
    steps = staircase(UNIT, [(cost, 0.0) for cost in costs], scores)
    added = added_volume(steps, UNIT.place((new[0], 0.0)), new[1])
    truth = covered([*costs, new[0]], [*scores, new[1]]) - covered(costs, scores)
    assert added == pytest.approx(truth, abs=2e-3)


def test_the_original_is_at_the_beginning_of_the_plane_and_nothing_beyond_its_end() -> None:
    assert UNIT.place((1.0, 0.0)) == 0.0
    assert UNIT.place((0.0001, 0.0)) == 1.0
    assert UNIT.place((2.0, 0.0)) == 0.0
    planes = Plane.of_sizes(database()), Plane.of_times(database(timed=True))
    assert planes[0].place((database().sizes.original, 0.0)) == 0.0
    assert planes[1].place((0.0, 0.1)) == pytest.approx(0.0)
