"""Ranks for layers under one budget."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.solvers.rank_budget import Option, chosen

WHOLE = Option(100.0, 0.0, -1, 0)


def layer(cuts: list[tuple[int, float]]) -> list[Option]:
    return [WHOLE, *(Option(float(cost), lost, 0, cost) for cost, lost in cuts)]


LAYERS = st.lists(
    st.lists(st.tuples(st.integers(1, 99), st.floats(0.0, 1.0)), max_size=5).map(layer),
    min_size=1, max_size=3,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(LAYERS, st.floats(0.0, 1.1))
def test_it_keeps_to_the_budget_wherever_that_can_be_kept(
    layers: list[list[Option]], share: float
) -> None:
    options = {str(at): items for at, items in enumerate(layers)}
    budget = share * 100 * len(layers)
    made = chosen(options, budget)
    spent = sum(option.cost for option in made.values())
    least = sum(min(option.cost for option in items) for items in layers)
    assert spent <= budget or spent == least
    assert all(made[name] in items for name, items in options.items())


@settings(max_examples=80, deadline=None)
@given(LAYERS, st.floats(0.2, 1.1))
def test_no_other_choice_of_its_cost_or_less_loses_less_where_it_took_whole_steps(
    layers: list[list[Option]], share: float
) -> None:
    """At the cost that it came to, of all choices the best loses at most one step less."""
    options = {str(at): items for at, items in enumerate(layers)}
    made = chosen(options, share * 100 * len(layers))
    spent, lost = (sum(getattr(o, key) for o in made.values()) for key in ("cost", "lost"))
    within = (c for c in itertools.product(*layers) if sum(o.cost for o in c) <= spent)
    best = min((sum(o.lost for o in choice) for choice in within), default=lost)
    assert lost <= best + max(o.lost for items in layers for o in items) + 1e-9


def test_a_budget_for_everything_leaves_every_layer_whole() -> None:
    options = {"a": layer([(50, 0.01)]), "b": layer([(50, 0.02)])}
    assert set(chosen(options, 200.0).values()) == {WHOLE}


def test_the_layer_goes_first_that_saves_most_for_its_error() -> None:
    options = {"a": layer([(50, 0.5)]), "b": layer([(50, 0.1)])}
    made = chosen(options, 150.0)
    assert made["a"] == WHOLE
    assert made["b"].cost == 50


def test_the_last_step_takes_no_more_than_it_must() -> None:
    # (90, 0.1) lies above the line from whole to (10, 0.2): the hull leaves it out.
    options = {"a": layer([(90, 0.1), (10, 0.2)])}
    assert chosen(options, 95.0)["a"].lost == pytest.approx(0.1)
