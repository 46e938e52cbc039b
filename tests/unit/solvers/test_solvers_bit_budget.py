"""Bits are divided so that least is lost: as good as trying every combination."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.solvers import bit_budget
from tinystudio.solvers.bit_budget import Option, least_lost

OPTION = st.builds(Option, st.integers(0, 40), st.floats(0, 10))
LAYERS = st.lists(st.lists(OPTION, min_size=1, max_size=4), min_size=1, max_size=5)


def total(layers: list[list[Option]], picks: tuple[int, ...] | list[int]) -> tuple[int, float]:
    taken = [options[at] for options, at in zip(layers, picks, strict=True)]
    return sum(item.cost for item in taken), sum(item.lost for item in taken)


@given(LAYERS, st.integers(0, 200))
def test_no_other_combination_within_the_budget_loses_less(layers, budget) -> None:
    every = itertools.product(*(range(len(options)) for options in layers))
    within = [lost for cost, lost in (total(layers, picks) for picks in every) if cost <= budget]
    if not within:
        with pytest.raises(ValueError, match="budget"):
            least_lost(layers, budget)
        return
    cost, lost = total(layers, least_lost(layers, budget))
    assert cost <= budget
    assert lost == pytest.approx(min(within))


def test_a_hundred_layers_keep_to_the_budget_also_where_states_are_thinned(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    layers = [
        [Option(int(size) * bits, float(loss) * 4.0**-bits) for bits in (32, 8, 4)]
        for size, loss in zip(
            rng.integers(100, 100_000, 100), rng.exponential(size=100), strict=True
        )
    ]
    budget = 6 * sum(options[0].cost // 32 for options in layers)
    exact = total(layers, least_lost(layers, budget))
    monkeypatch.setattr(bit_budget, "MOST_STATES", 500)
    near = total(layers, least_lost(layers, budget))
    assert max(exact[0], near[0]) <= budget
    assert exact[1] <= near[1] <= 1.05 * exact[1]
