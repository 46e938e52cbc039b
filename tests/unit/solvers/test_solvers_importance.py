"""Orders that need no data: smallest first, and random ones that stay the same."""

from __future__ import annotations

import numpy as np

from tinystudio.solvers.importance import at_random, by_magnitude


def test_the_smallest_goes_first_whatever_the_axis() -> None:
    weight = np.array([[1.0, 5.0, 3.0], [1.0, 5.0, 3.0]])
    columns = [np.array([i]) for i in range(3)]
    assert by_magnitude([(weight, 1, columns)], 3).units.tolist() == [0, 2, 1]
    assert by_magnitude([(weight.T, 0, columns)], 3).units.tolist() == [0, 2, 1]


def test_a_unit_made_by_several_weights_is_as_large_as_all_of_them() -> None:
    first, second = np.array([[1.0], [4.0]]), np.array([[9.0], [4.0]])
    rows = [np.array([0]), np.array([1])]
    assert by_magnitude([(first, 0, rows), (second, 0, rows)], 2).units.tolist() == [1, 0]


def test_costs_are_shares_so_that_layers_of_any_scale_compare() -> None:
    weight = np.random.default_rng(0).normal(size=(6, 4))
    rows = [np.array([i]) for i in range(6)]
    small, large = (by_magnitude([(weight * s, 0, rows)], 6) for s in (0.01, 100.0))
    np.testing.assert_allclose(small.costs, large.costs)


def test_random_orders_are_the_seed_s_and_the_group_s_own() -> None:
    first = at_random(50, 1, "conv1")
    assert np.array_equal(first.units, at_random(50, 1, "conv1").units)
    assert not np.array_equal(first.units, at_random(50, 1, "conv2").units)
    assert not np.array_equal(first.units, at_random(50, 2, "conv1").units)
    assert sorted(first.units.tolist()) == list(range(50))
