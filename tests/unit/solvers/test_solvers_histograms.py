"""Counting values batch by batch loses none of them and keeps to its memory."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinystudio.solvers.histograms import MAX_BINS, SAMPLED_VALUES, Histogram

VALUES = st.floats(-(2.0**100), 2.0**100, width=32)
BATCHES = st.lists(
    hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=8), elements=VALUES),
    min_size=1,
    max_size=6,
)


def histogram_of(*batches: np.ndarray) -> Histogram:
    histogram = Histogram()
    for batch in batches:
        histogram.add(batch)
    return histogram


@given(BATCHES)
def test_every_value_is_counted_once_and_the_extremes_are_exact(batches: list[np.ndarray]) -> None:
    histogram = histogram_of(*batches)
    values = np.concatenate([batch.ravel() for batch in batches])
    assert histogram.counts.sum() == values.size
    assert (histogram.low, histogram.high) == (values.min(), values.max())
    assert histogram.zeros == (values == 0).sum()


@given(BATCHES)
@example([np.array([-1e-30, 4096.0], np.float32)])
def test_the_number_of_bins_is_bounded_whatever_the_values(batches: list[np.ndarray]) -> None:
    assert len(histogram_of(*batches).counts) <= MAX_BINS + 1


@given(BATCHES)
def test_the_order_of_the_batches_does_not_matter(batches: list[np.ndarray]) -> None:
    there, back = histogram_of(*batches), histogram_of(*reversed(batches))
    assert (there.exponent, there.first) == (back.exponent, back.first)
    assert np.array_equal(there.counts, back.counts)


@given(BATCHES)
def test_every_value_lies_in_the_bin_that_counts_it(batches: list[np.ndarray]) -> None:
    histogram = histogram_of(*batches)
    values = np.concatenate([batch.ravel() for batch in batches]).astype(np.float64)
    expected = np.floor(values / histogram.width).astype(np.int64) - histogram.first
    assert np.array_equal(histogram.counts, np.bincount(expected, minlength=len(histogram.counts)))


def test_values_that_are_not_numbers_are_left_out() -> None:
    histogram = histogram_of(np.array([1.0, np.nan, np.inf, -np.inf, 2.0], np.float32))
    assert (histogram.counts.sum(), histogram.low, histogram.high) == (2, 1.0, 2.0)


def test_half_precision_counts_like_single() -> None:
    values = np.linspace(-3, 3, 100, dtype=np.float16)
    assert histogram_of(values).counts.sum() == 100


def test_a_huge_batch_is_sampled_but_its_extremes_are_not_missed() -> None:
    values = np.random.default_rng(0).normal(size=4 * SAMPLED_VALUES).astype(np.float32)
    values[12345] = 77.0
    histogram = histogram_of(values)
    assert histogram.counts.sum() == SAMPLED_VALUES
    assert histogram.high == 77.0
    share_below_zero = histogram.counts[histogram.centres < 0].sum() / SAMPLED_VALUES
    assert abs(share_below_zero - 0.5) < 0.02
