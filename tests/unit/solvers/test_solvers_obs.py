"""Surgery chooses what hurts the least, and knows exactly how much it hurts."""

from __future__ import annotations

import numpy as np
import pytest
from example_reporters import Watching
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.solvers.least_squares import solve_again
from tinystudio.solvers.obs import (
    Energies,
    Surgeon,
    damped,
    output_variance,
    reader,
    removal_order,
)


def problem(seed: int, units: int = 6, width: int = 2, rows: int = 4) -> tuple[Array, Array, Array]:
    """Return a matrix, a covariance with correlated columns, and the units."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(units * width, units * width))
    return (
        rng.normal(size=(rows, units * width)),
        mixing @ mixing.T / len(mixing),
        np.arange(units * width).reshape(units, width),
    )


def error(matrix: Array, solved: Array, covariance: Array) -> float:
    """Return what the solver minimizes: trace of D H D^T with the damped covariance."""
    change = solved - matrix
    return float(((change @ damped(covariance)) * change).sum())


seeds = given(st.integers(0, 10_000))


@settings(max_examples=30, deadline=None)
@seeds
def test_the_sum_of_costs_is_the_error_of_the_best_weights(seed: int) -> None:
    matrix, covariance, units = problem(seed)
    order = removal_order([Surgeon(matrix, covariance, units)], len(units), Silent())
    for gone in range(1, len(units)):
        kept = np.sort(units[order.units[gone:]].ravel())
        solved = solve_again(matrix, covariance, kept)
        assert error(matrix, solved, covariance) == pytest.approx(order.costs[:gone].sum())


@settings(max_examples=30, deadline=None)
@seeds
def test_after_every_removal_the_weights_are_the_best_ones(seed: int) -> None:
    matrix, covariance, units = problem(seed)
    surgeon = Surgeon(matrix, covariance, units)
    for unit in (3, 0, 5):
        surgeon.remove(unit)
    solved = solve_again(matrix, covariance, units[[1, 2, 4]].ravel())
    np.testing.assert_allclose(surgeon.matrix, solved, atol=1e-8)


@settings(max_examples=20, deadline=None)
@seeds
def test_the_first_to_go_is_the_cheapest_of_all(seed: int) -> None:
    matrix, covariance, units = problem(seed)
    order = removal_order([Surgeon(matrix, covariance, units)], len(units), Silent())
    each = [
        error(matrix, solve_again(matrix, covariance, np.delete(units, u, 0).ravel()), covariance)
        for u in range(len(units))
    ]
    assert order.units[0] == int(np.argmin(each))
    assert sorted(order.units.tolist()) == list(range(len(units)))
    assert np.isinf(order.costs[-1])
    assert np.isfinite(order.costs[:-1]).all()


def test_a_copy_of_another_channel_goes_first_and_costs_next_to_nothing() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(5000, 6))
    columns[:, 4] = columns[:, 1]
    matrix, units = rng.normal(size=(3, 6)), np.arange(6)[:, None]
    order = removal_order([Surgeon(matrix, np.cov(columns.T), units)], 6, Silent())
    assert order.units[0] in (1, 4)
    assert order.costs[0] < 0.02 * order.costs[1]


def test_a_channel_read_twice_is_judged_by_both_readers() -> None:
    covariance, units = np.eye(3), np.arange(3)[:, None]
    needs_0 = Surgeon(np.array([[5.0, 1.0, 2.0]]), covariance, units)
    needs_1 = Surgeon(np.array([[1.0, 5.0, 2.0]]), covariance, units)
    order = removal_order([needs_0, needs_1], 3, Silent())
    assert order.units[0] == 2


def test_a_layer_too_large_to_follow_is_judged_by_energy() -> None:
    matrix, covariance, units = problem(1)
    variance = np.diag(covariance)
    without = reader(matrix, None, variance, units, 1.0)
    assert isinstance(without, Energies)
    expected = (np.square(matrix) * variance).sum(axis=0).reshape(len(units), -1).sum(axis=1)
    np.testing.assert_allclose(without.costs(), expected)
    with_blocks = Energies(matrix, covariance, variance, units)
    block = matrix[:, units[0]]
    inner = covariance[np.ix_(units[0], units[0])]
    assert with_blocks.costs()[0] == pytest.approx(np.trace(block @ inner @ block.T))
    order = removal_order([without], len(units), Silent())
    assert order.units.tolist() == np.argsort(expected, kind="stable").tolist()


def test_output_variance_is_that_of_the_outputs() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(100, 4)) @ rng.normal(size=(4, 4))
    matrix = rng.normal(size=(3, 4))
    found = output_variance(matrix, np.cov(columns.T, bias=True), columns.var(axis=0))
    assert found == pytest.approx((columns @ matrix.T).var(axis=0).sum())
    assert output_variance(np.zeros((3, 4)), np.eye(4), np.ones(4)) > 0


def test_cancel_is_heard_between_two_removals() -> None:
    matrix, covariance, units = problem(0)
    with pytest.raises(Cancelled):
        removal_order([Surgeon(matrix, covariance, units)], len(units), Watching(cancel_at=3))


@settings(max_examples=20, deadline=None)
@seeds
def test_keeping_every_column_changes_nothing(seed: int) -> None:
    matrix, covariance, _ = problem(seed)
    assert np.array_equal(solve_again(matrix, covariance, np.arange(matrix.shape[1])), matrix)


@settings(max_examples=20, deadline=None)
@seeds
def test_solving_again_beats_only_taking_away(seed: int) -> None:
    matrix, covariance, units = problem(seed)
    kept = units[::2].ravel()
    solved = solve_again(matrix, covariance, kept)
    taken = np.zeros_like(matrix)
    taken[:, kept] = matrix[:, kept]
    assert error(matrix, solved, covariance) < error(matrix, taken, covariance)
    assert not np.delete(solved, kept, axis=1).any()
