"""The cheapest choice for every budget, against trying all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.explorer import front_search
from tinystudio.explorer.factors import Factors, LayerFactor
from tinystudio.explorer.front_search import BUCKETS, best_choices, method_for
from tinystudio.explorer.space import Choice


@st.composite
def problems(draw: st.DrawFn) -> Factors:
    """Draw a few layers over a few groups: chains, residual groups, forks, layers that read none.

    Every whole or float is dearest in bytes, every level costs something.
    """
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    levels = [int(n) for n in rng.integers(1, 4, draw(st.integers(1, 3)))]
    count = draw(st.integers(1, 4))
    layers = []
    for _ in range(count):
        reads, makes = (int(rng.integers(-1, len(levels))) for _ in range(2))
        makes = -1 if makes == reads else makes
        shape = (
            levels[reads] if reads >= 0 else 1,
            levels[makes] if makes >= 0 else 1,
            int(rng.integers(1, 4)),
        )
        layers.append(
            LayerFactor(
                reads, makes, falling(rng, shape[2])[::-1], *(table(rng, shape) for _ in "st")
            )
        )
    return Factors(
        tuple(layers),
        tuple(falling(rng, n)[::-1] for n in levels),
        tuple(0.1 * falling(rng, n) for n in levels),
        tuple(0.1 * falling(rng, n) for n in levels),
    )


def falling(rng: np.random.Generator, count: int) -> Array:
    """Return numbers that fall to zero."""
    return np.sort(np.append(rng.uniform(0, 1, count - 1), 0.0))[::-1].copy()


def table(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return what shrinks along every axis."""
    parts = [np.sort(rng.uniform(0.2, 1, n))[::-1] for n in shape]
    return np.asarray(parts[0][:, None, None] * parts[1][None, :, None] * parts[2])


def used(factors: Factors) -> set[int]:
    return {group for item in factors.layers for group in (item.reads, item.makes) if group >= 0}


def every(factors: Factors) -> Iterator[Choice]:
    """Walk over all choices; groups that no layer touches stay whole."""
    touched = used(factors)
    groups = [range(len(c) if g in touched else 1) for g, c in enumerate(factors.costs)]
    precisions = [range(len(item.costs)) for item in factors.layers]
    for choice in itertools.product(*groups, *precisions):
        yield np.array(choice, np.int16)


def cost(factors: Factors, choice: Choice) -> float:
    groups = len(factors.costs)
    own = sum(float(c[choice[g]]) for g, c in enumerate(factors.costs) if g in used(factors))
    return own + sum(float(f.costs[choice[groups + at]]) for at, f in enumerate(factors.layers))


def terms(factors: Factors, choice: Choice, size_share: float) -> list[float]:
    """Return what every layer and group takes of the budget."""
    weights, groups = front_search._weights(factors, size_share), len(factors.costs)
    found = [float(weights.groups[g][choice[g]]) for g in used(factors)]
    for at, item in enumerate(factors.layers):
        read = choice[item.reads] if item.reads >= 0 else 0
        made = choice[item.makes] if item.makes >= 0 else 0
        found.append(float(weights.layers[at][read, made, choice[groups + at]]))
    return found


def buckets(factors: Factors, choice: Choice, share: float, reach: float) -> int:
    return sum(round(term * BUCKETS / reach) for term in terms(factors, choice, share))


def axes(factors: Factors) -> int:
    return len(factors.costs) + len(factors.layers)


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from([1.0, 0.5, 0.0]), st.sampled_from([1.0, 0.5]))
def test_for_every_budget_nothing_is_cheaper(factors: Factors, share: float, reach: float) -> None:
    assert method_for(factors) == "dynamic programming"
    found = best_choices(factors, share, axes(factors), (reach,))
    spent = [buckets(factors, choice, share, reach) for choice in found]
    costs = [cost(factors, choice) for choice in found]
    least: dict[int, float] = {}
    for choice in every(factors):
        bucket = buckets(factors, choice, share, reach)
        if bucket <= BUCKETS:
            least[bucket] = min(least.get(bucket, np.inf), cost(factors, choice))
    for bucket in least:
        best = min(value for other, value in least.items() if other <= bucket)
        mine = min(c for s, c in zip(spent, costs, strict=True) if s <= bucket)
        assert mine == pytest.approx(best, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(problems(), st.sampled_from([1.0, 0.5, 0.0]))
def test_what_is_found_runs_from_dear_to_cheap_and_is_valid(factors: Factors, share: float) -> None:
    found = best_choices(factors, share, axes(factors), (1.0,))
    costs = [cost(factors, choice) for choice in found]
    assert costs == sorted(costs)
    sizes = [len(c) for c in factors.costs] + [len(item.costs) for item in factors.layers]
    for choice in found:
        assert choice.shape == (axes(factors),)
        assert (choice >= 0).all()
        assert (choice < sizes).all()


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(0, 1000))
def test_times_below_nothing_are_borne(factors: Factors, seed: int) -> None:
    """Running layers together may take less than each alone: a joint's time may be negative."""
    rng = np.random.default_rng(seed)
    time = tuple(rng.uniform(-0.3, 0.3, len(values)) for values in factors.time)
    odd = replace(factors, time=time)
    sizes = [len(c) for c in odd.costs] + [len(item.costs) for item in odd.layers]
    found = best_choices(odd, 0.0, axes(odd), (1.0,))
    # Shares are rounded up: where the original is the fastest there may be none inside.
    inside = [cost(odd, c) for c in every(odd) if buckets(odd, c, 0.0, 1.0) <= BUCKETS]
    assert bool(found) == bool(inside)
    assert all((choice < sizes).all() for choice in found)
    if found:
        best = min(cost(odd, choice) for choice in found)
        assert best == pytest.approx(min(inside), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(problems(), st.sampled_from([1.0, 0.5, 0.0]))
def test_an_original_that_takes_no_time_is_borne(factors: Factors, share: float) -> None:
    """A network may be too small to be timed, and slower in INT8."""
    layers = tuple(replace(item, time=item.time[:1, :1, :1] - item.time) for item in factors.layers)
    none = tuple(np.zeros(len(values)) for values in factors.time)
    for odd in (replace(factors, layers=layers, time=none), _timeless(factors)):
        found = best_choices(odd, share, axes(odd))
        sizes = [len(c) for c in odd.costs] + [len(item.costs) for item in odd.layers]
        assert found
        assert all((choice < sizes).all() for choice in found)


def _timeless(factors: Factors) -> Factors:
    layers = tuple(replace(item, time=np.zeros_like(item.time)) for item in factors.layers)
    return replace(factors, layers=layers, time=tuple(np.zeros(len(v)) for v in factors.time))


@settings(max_examples=40, deadline=None)
@given(problems(), st.sampled_from([1.0, 0.5, 0.0]))
def test_prices_find_valid_choices_of_which_none_is_beaten_at_its_price(
    factors: Factors, share: float
) -> None:
    most, front_search.MOST_STATES = front_search.MOST_STATES, 0
    try:
        assert method_for(factors) == "price relaxation"
        found = best_choices(factors, share, axes(factors))
    finally:
        front_search.MOST_STATES = most
    sizes = [len(c) for c in factors.costs] + [len(item.costs) for item in factors.layers]
    assert all((choice < sizes).all() and (choice >= 0).all() for choice in found)
    free, dear = found[0], found[-1]
    touched = [*used(factors), *range(len(factors.costs), axes(factors))]
    assert not free[touched].any()  # a budget that costs nothing leaves all as it is
    assert sum(terms(factors, dear, share)) <= sum(terms(factors, free, share)) + 1e-9
    for choice in found:
        assert_no_level_helps(factors, choice, share)


def assert_no_level_helps(factors: Factors, choice: Choice, share: float) -> None:
    """At some price no single change of a level makes the choice better."""
    sizes = [len(c) for c in factors.costs] + [len(item.costs) for item in factors.layers]
    touched = [*used(factors), *range(len(factors.costs), axes(factors))]
    low, high = 0.0, np.inf
    before, weight = cost(factors, choice), sum(terms(factors, choice, share))
    for axis in touched:
        for level in range(sizes[axis]):
            other = choice.copy()
            other[axis] = level
            gained = sum(terms(factors, other, share)) - weight
            lost = cost(factors, other) - before
            if gained > 1e-12:
                high = min(high, np.inf) if lost >= 0 else high
                low = max(low, -lost / gained)
            elif gained < -1e-12:
                high = min(high, lost / -gained)
            else:
                assert lost >= -1e-9
    assert low <= high * (1 + 1e-6) + 1e-9


def chain_with_residual(length: int, levels: int) -> Factors:
    """Return blocks that add to one wide group, which stays open all the way."""
    rng, layers = np.random.default_rng(0), []
    for at in range(length):
        shape = (levels, levels, 2)
        for reads, makes in ((0, at + 1), (at + 1, 0)):
            tables = table(rng, shape), table(rng, shape)
            layers.append(LayerFactor(reads, makes, np.array([0, 0.1]), *tables))
    groups = tuple(falling(rng, levels)[::-1] for _ in range(length + 1))
    none = tuple(np.zeros(levels) for _ in groups)
    return Factors(tuple(layers), groups, none, none)


def test_a_residual_group_stays_open_and_the_inner_ones_close() -> None:
    factors = chain_with_residual(6, 6)
    assert front_search._widest(factors) == 36
    found = best_choices(factors, 1.0, axes(factors))
    assert len(found) > 50


def test_a_residual_network_is_searched_exactly() -> None:
    factors = chain_with_residual(2, 3)
    found = best_choices(factors, 1.0, axes(factors), (1.0,))
    for choice in every(factors):
        spent = buckets(factors, choice, 1.0, 1.0)
        inside = [c for c in found if buckets(factors, c, 1.0, 1.0) <= spent]
        if spent <= BUCKETS:
            assert min(cost(factors, c) for c in inside) <= cost(factors, choice) + 1e-9


def test_too_many_open_groups_are_priced() -> None:
    rng = np.random.default_rng(0)
    made, read = table(rng, (1, 8, 1)), table(rng, (8, 1, 1))
    makers = [LayerFactor(-1, group, np.zeros(1), made, made) for group in range(5)]
    readers = [LayerFactor(group, -1, np.zeros(1), read, read) for group in range(5)]
    groups = tuple(falling(rng, 8)[::-1] for _ in range(5))
    none = tuple(np.zeros(8) for _ in groups)
    factors = Factors((*makers, *readers), groups, none, none)
    assert method_for(factors) == "price relaxation"
    assert len(best_choices(factors, 1.0, axes(factors))) > 5
