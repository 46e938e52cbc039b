"""Samples held out of a training: of every class alike, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.data import Array, Samples
from tinystudio.metrics import find_metric
from tinystudio.training.held_out import FEWEST, hold_out

ACCURACY = find_metric("accuracy")


def samples(labels: Array | None, count: int, groups: Array | None = None) -> Samples:
    """Return so many samples of nothing."""
    return Samples((np.zeros((count, 1), np.float32),), labels, np.arange(count), groups)


@given(st.integers(40, 400), st.floats(0.05, 0.5), st.integers(0, 5))
def test_every_sample_is_either_learned_from_or_asked(count, share, seed) -> None:
    found = hold_out(samples(np.arange(count) % 4, count), share, ACCURACY, 3, seed)
    if found is None:
        assert round(count * share) < FEWEST
        return
    both = np.concatenate([found.learned, found.asked])
    assert sorted(both.tolist()) == list(range(count))
    assert len(found.asked) == pytest.approx(count * share, abs=1)


def test_every_class_is_held_out_in_its_share() -> None:
    labels = np.repeat([0, 1, 2], [200, 100, 20])
    found = hold_out(samples(labels, 320), 0.25, ACCURACY, 3, 0)
    assert found is not None
    assert np.bincount(labels[found.asked]).tolist() == [50, 25, 5]


def test_the_same_seed_holds_out_the_same_and_another_others() -> None:
    once, again, other = (
        hold_out(samples(np.arange(200) % 4, 200), 0.2, ACCURACY, 3, seed) for seed in (0, 0, 1)
    )
    assert once is not None and again is not None and other is not None
    assert np.array_equal(once.asked, again.asked)
    assert not np.array_equal(once.asked, other.asked)


@pytest.mark.parametrize(("count", "share"), [(300, 0.0), (20, 0.1), (12, 0.5)])
def test_where_too_few_would_be_asked_or_left_nothing_is_held_out(count, share) -> None:
    assert hold_out(samples(np.zeros(count, int), count), share, ACCURACY, 3, 0) is None


def test_numbers_and_samples_without_labels_are_held_out_by_chance() -> None:
    error = find_metric("mean-absolute-error")
    for labels in (np.random.default_rng(0).normal(size=100), None):
        found = hold_out(samples(labels, 100), 0.2, error, 3, 0)
        assert found is not None
        assert len(found.asked) == 20


def test_a_lower_error_and_a_higher_accuracy_rank_higher() -> None:
    error = hold_out(samples(None, 100), 0.2, find_metric("mean-absolute-error"), 3, 0)
    share = hold_out(samples(None, 100), 0.2, ACCURACY, 3, 0)
    assert error is not None and share is not None
    assert error.rank(0.1, 1.0) > error.rank(0.2, 0.5)
    assert share.rank(0.2, 1.0) > share.rank(0.1, 0.5)
    assert share.rank(0.2, 0.5) > share.rank(0.2, 1.0)


@given(st.integers(2, 8), st.floats(0.05, 0.4), st.integers(0, 5))
def test_nobody_is_learned_from_who_is_asked(people, share, seed) -> None:
    groups = np.arange(160) % people
    found = hold_out(samples(np.arange(160) // 40, 160, groups), share, ACCURACY, 3, seed)
    if found is None:
        return
    assert not set(groups[found.learned]) & set(groups[found.asked])
    assert len(found.learned) + len(found.asked) == 160


def test_of_six_people_one_is_held_out() -> None:
    groups = np.repeat([f"person {number}" for number in range(6)], 50)
    found = hold_out(samples(np.arange(300) % 4, 300, groups), 0.15, ACCURACY, 3, 0)
    assert found is not None
    assert len(set(groups[found.asked])) == 1


def test_a_single_group_is_not_divided() -> None:
    alone = samples(np.arange(100) % 4, 100, np.zeros(100))
    assert hold_out(alone, 0.2, ACCURACY, 3, 0) is None
