"""Which range 8 bits cover, and how well it serves the values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinystudio.solvers.histograms import Histogram
from tinystudio.solvers.ranges import covered_range, relative_error

VALUES = hnp.arrays(np.float32, st.integers(1, 400), elements=st.floats(-1e6, 1e6, width=32))
METHODS = st.sampled_from(["minmax", "entropy", "percentile"])


def histogram_of(values: np.ndarray) -> Histogram:
    histogram = Histogram()
    histogram.add(values.astype(np.float32))
    return histogram


@given(VALUES, METHODS)
def test_every_method_covers_zero_and_nothing_that_never_occurs(values, method) -> None:
    low, high = covered_range(histogram_of(values), method, 99.0)
    assert min(float(values.min()), 0.0) <= low <= 0.0 <= high <= max(float(values.max()), 0.0)


@given(VALUES)
def test_minmax_covers_exactly_what_was_seen(values) -> None:
    expected = (min(float(values.min()), 0.0), max(float(values.max()), 0.0))
    assert covered_range(histogram_of(values), "minmax", 99.0) == expected


def test_percentile_covers_that_share_of_the_values() -> None:
    values = np.random.default_rng(0).normal(size=50_000)
    low, high = covered_range(histogram_of(values), "percentile", 99.0)
    assert ((values >= low) & (values <= high)).mean() == pytest.approx(0.99, abs=0.002)


def test_a_hundred_percent_is_minmax() -> None:
    histogram = histogram_of(np.random.default_rng(0).normal(size=1000))
    assert covered_range(histogram, "percentile", 100.0) == covered_range(histogram, "minmax", 50.0)


def test_entropy_cuts_off_one_extreme_value_and_keeps_the_common_ones() -> None:
    values = np.append(np.random.default_rng(0).normal(size=20_000), 300.0)
    low, high = covered_range(histogram_of(values), "entropy", 99.0)
    assert low < -3.0
    assert 3.0 < high < 60.0


def test_entropy_is_not_led_astray_by_the_zeros_of_a_rectifier() -> None:
    values = np.maximum(np.random.default_rng(0).normal(-2, 1, size=60_000), 0)
    _, high = covered_range(histogram_of(values), "entropy", 99.0)
    assert high > 1.0


def test_values_spread_evenly_are_served_well_by_their_own_range() -> None:
    histogram = histogram_of(np.linspace(-1, 1, 10_000))
    assert relative_error(histogram, (-1.0, 1.0)) < 0.03


@pytest.mark.parametrize("outlier", [1e3, 1e6, 1e9])
def test_a_range_stretched_by_one_value_serves_the_others_badly(outlier: float) -> None:
    values = np.append(np.random.default_rng(0).normal(size=10_000), outlier)
    histogram = histogram_of(values)
    assert relative_error(histogram, covered_range(histogram, "minmax", 99.0)) > 0.9


def test_a_range_that_cuts_most_values_off_serves_them_badly() -> None:
    histogram = histogram_of(np.random.default_rng(0).normal(size=10_000))
    assert relative_error(histogram, (-0.01, 0.01)) > 0.9


def test_zeros_cost_nothing() -> None:
    assert relative_error(histogram_of(np.zeros(100)), (0.0, 1.0)) == 0.0
    assert covered_range(histogram_of(np.zeros(100)), "entropy", 99.0) == (0.0, 0.0)


def test_no_values_have_no_range() -> None:
    with pytest.raises(ValueError, match="no values"):
        covered_range(Histogram(), "minmax", 99.0)
