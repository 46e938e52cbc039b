"""How many channels stay: as asked, as rounded, and never none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.solvers.allocation import FLOOR_OF_EVEN_CUT, Form, Rounding, even, ranked

roundings = st.builds(Rounding, step=st.integers(1, 64), least=st.integers(1, 8))
shares = st.floats(0, 0.95)
widths = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 200), min_size=1)


def costs_of(widths: dict[str, int], seed: int) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    return {n: np.append(rng.random(w - 1), np.inf) for n, w in widths.items()}


@given(widths, shares, roundings)
def test_an_even_cut_keeps_allowed_counts_nearest_to_the_share(
    widths: dict[str, int], sparsity: float, rounding: Rounding
) -> None:
    for name, count in even(widths, sparsity, rounding).items():
        levels = rounding.levels(widths[name])
        wanted = (1 - sparsity) * widths[name]
        assert count in levels
        assert abs(count - wanted) == pytest.approx(np.abs(levels - wanted).min())


@settings(deadline=None)
@given(widths, shares, roundings, st.integers(0, 99))
def test_a_ranked_cut_keeps_allowed_counts_above_the_floor(
    widths: dict[str, int], sparsity: float, rounding: Rounding, seed: int
) -> None:
    kept = ranked(costs_of(widths, seed), sparsity, rounding)
    for name, count in kept.items():
        assert count in rounding.levels(widths[name])
        assert count >= min(widths[name], FLOOR_OF_EVEN_CUT * (1 - sparsity) * widths[name])
        assert count >= 1


@settings(deadline=None)
@given(widths, shares, st.integers(0, 99))
def test_without_rounding_a_ranked_cut_removes_just_the_share(
    widths: dict[str, int], sparsity: float, seed: int
) -> None:
    total = sum(widths.values())
    removed = total - sum(ranked(costs_of(widths, seed), sparsity, Rounding()).values())
    possible = sum(w - max(1, FLOOR_OF_EVEN_CUT * (1 - sparsity) * w) for w in widths.values())
    assert removed <= sparsity * total + 0.5 + 1e-9
    assert removed >= min(sparsity * total, possible) - 0.5 * len(widths) - 0.5


@settings(deadline=None)
@given(widths, st.integers(0, 99), roundings)
def test_more_sparsity_never_keeps_more_in_all(
    widths: dict[str, int], seed: int, rounding: Rounding
) -> None:
    sums = [sum(even(widths, share, rounding).values()) for share in (0.0, 0.3, 0.6, 0.9)]
    assert sums == sorted(sums, reverse=True)


def test_a_ranked_cut_takes_from_where_it_costs_least() -> None:
    costs = {"dear": np.full(16, 1.0), "cheap": np.full(16, 0.01)}
    kept = ranked(costs, 0.25, Rounding())
    assert kept == {"dear": 16, "cheap": 8}


def test_one_dear_channel_does_not_hide_cheap_ones_behind_it() -> None:
    costs = {"steady": np.full(8, 0.5), "bump": np.array([1.0, 0, 0, 0, 0, 0, 0, np.inf])}
    assert ranked(costs, 0.25, Rounding())["bump"] == 4


def test_a_narrow_group_gets_a_smaller_step() -> None:
    assert Rounding(8).levels(12).tolist() == [4, 8, 12]
    assert Rounding(8).levels(40).tolist() == [8, 16, 24, 32, 40]
    assert Rounding(64).levels(1).tolist() == [1]


def test_of_two_equally_near_counts_the_larger_is_kept() -> None:
    assert Rounding(8).nearest(32, 12) == 16


def test_a_unit_of_several_channels_counts_as_they_do() -> None:
    costs = {"heads": np.full(4, 4.0), "plain": np.full(32, 1.0)}
    forms = {"heads": Form(width=8, block=8)}
    kept = ranked(costs, 0.25, Rounding(step=1), forms)
    assert kept == {"heads": 2, "plain": 32}  # half the price per channel; 16 of 64 channels


def test_whole_blocks_are_rounded_already() -> None:
    forms = {"heads": Form(width=16, block=16), "halves": Form(width=4, block=4)}
    units = {"heads": 4, "halves": 8, "plain": 32}
    kept = even(units, 0.3, Rounding(step=8, least=8), forms)
    assert kept == {"heads": 3, "halves": 6, "plain": 24}


def test_the_least_is_counted_in_channels() -> None:
    units = {"heads": 4, "plain": 32}
    forms = {"heads": Form(width=16, block=16)}
    kept = even(units, 0.95, Rounding(step=1, least=17), forms)
    assert kept == {"heads": 2, "plain": 17}
