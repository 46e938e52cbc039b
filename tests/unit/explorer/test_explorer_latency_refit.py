"""Whole networks that were timed correct a table of single layers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from latency_examples import space, table, true_ms

from tinystudio.core.data import Array
from tinystudio.explorer.latency_building import random_choices
from tinystudio.explorer.latency_refit import refitted

Truth = Callable[[Array], float]


def dearer_call(choice: Array) -> float:
    return true_ms(choice) + 3e-3


def slower_int8(choice: Array) -> float:
    """Return a time in which every layer of INT8 takes 2 us more than the table knows."""
    kinds = space().precisions(choice).values()
    return true_ms(choice) + 2e-3 * sum(kind == "w8a8" for kind in kinds)


def slower_machine(choice: Array) -> float:
    return 1.12 * true_ms(choice)


@pytest.mark.parametrize("truth", [true_ms, dearer_call, slower_int8, slower_machine])
def test_networks_not_among_the_timed_are_forecast_better(truth: Truth) -> None:
    known, unseen = random_choices(space(), 40, 1), random_choices(space(), 40, 2)
    times = np.array([truth(choice) for choice in known])
    better = refitted(table(), space(), known, times)
    true = np.array([truth(choice) for choice in unseen])
    before = np.abs(table().predict_many(space(), unseen) / true - 1).mean()
    after = np.abs(better.predict_many(space(), unseen) / true - 1).mean()
    assert after < max(0.6 * before, 0.01)


def test_parts_add_up_to_the_forecast() -> None:
    choices = random_choices(space(), 30, 3)
    segments, _, joints, _ = table().parts(space(), choices)
    us = (segments.sum(axis=1) + joints.sum(axis=1)) * table().slope + table().overhead_us
    assert np.allclose(us, table().predict_many(space(), choices) * 1e3)


def test_a_table_that_is_right_stays_as_it_is() -> None:
    choices = random_choices(space(), 20, 4)
    same = refitted(table(), space(), choices, table().predict_many(space(), choices))
    assert np.allclose(
        same.predict_many(space(), choices), table().predict_many(space(), choices), rtol=1e-6
    )


def test_one_timed_network_moves_the_others_but_a_little() -> None:
    """A single figure, a quarter too long, is met only in part where others cannot share it."""
    choices = random_choices(space(), 12, 5)
    times = table().predict_many(space(), choices)
    times[3] *= 1.25
    moved = refitted(table(), space(), choices, times).predict_many(space(), choices) / times
    assert np.abs(np.delete(moved, 3) - 1).max() < 0.1
