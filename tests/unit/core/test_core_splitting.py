"""Splits share out every sample once, evenly by label, and never tear a group apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.splitting import drawn, grouped, stratified

SHARES = (0.6, 0.2, 0.2)
labels_of = st.lists(st.integers(0, 4), min_size=10, max_size=200).map(np.array)


@given(labels_of, st.integers(0, 2**32 - 1))
def test_every_sample_is_in_exactly_one_part(labels: np.ndarray, seed: int) -> None:
    parts = stratified(labels, SHARES, seed)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(labels)))


@given(labels_of, st.integers(0, 100))
def test_parts_have_the_size_of_their_share_within_two_samples(
    labels: np.ndarray, seed: int
) -> None:
    # One for rounding, one where rare labels must be in train.
    rare = int((np.bincount(labels) == 1).sum())
    for part, share in zip(stratified(labels, SHARES, seed), SHARES, strict=True):
        assert abs(len(part) - share * len(labels)) <= 2 + rare


@given(labels_of, st.integers(0, 100))
def test_each_label_is_spread_as_the_shares_say(labels: np.ndarray, seed: int) -> None:
    parts = stratified(labels, SHARES, seed)
    for label in np.unique(labels):
        size = int((labels == label).sum())
        for part, share in zip(parts, SHARES, strict=True):
            assert abs(int((labels[part] == label).sum()) - share * size) < 3


@given(labels_of, st.integers(0, 100))
def test_train_has_every_label(labels: np.ndarray, seed: int) -> None:
    train, _, _ = stratified(labels, SHARES, seed)
    assert set(labels[train]) == set(labels)


def test_the_same_seed_gives_the_same_cut_and_another_seed_another() -> None:
    labels = np.arange(60) % 3
    first, again, other = (stratified(labels, SHARES, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(np.sort(first), np.sort(other))


def test_the_first_few_of_a_part_stand_for_the_whole() -> None:
    labels = np.repeat(np.arange(4), 100)
    train, _, _ = stratified(labels, SHARES, 0)
    assert np.bincount(labels[train[:60]], minlength=4).min() >= 5


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3)), min_size=12, max_size=200),
    st.integers(0, 100),
)
def test_no_group_is_in_two_parts(pairs: list[tuple[int, int]], seed: int) -> None:
    groups, labels = np.array(pairs).T
    parts = grouped(labels, groups, SHARES, seed)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(labels)))
    held = [set(groups[part]) for part in parts]
    assert not (held[0] & held[1] or held[0] & held[2] or held[1] & held[2])


@pytest.mark.parametrize("count", [3, 5, 10, 40])
def test_when_there_are_as_many_groups_as_parts_no_part_is_empty(count: int) -> None:
    groups = np.repeat(np.arange(count), 7)
    labels = np.arange(len(groups)) % 2
    assert all(len(part) for part in grouped(labels, groups, SHARES, 0))


def test_when_each_group_has_a_label_of_its_own_no_part_is_empty() -> None:
    groups = np.repeat(np.arange(6), 5)
    assert all(len(part) for part in grouped(groups, groups, SHARES, 0))


def test_groups_follow_the_shares_as_well_as_whole_groups_allow() -> None:
    groups = np.repeat(np.arange(10), 10)
    labels = np.arange(100) % 5
    assert [len(part) for part in grouped(labels, groups, SHARES, 3)] == [60, 20, 20]


def test_groups_may_have_names() -> None:
    groups = np.array(["ann", "bob", "cy"] * 10)
    parts = grouped(np.zeros(30, np.int64), groups, SHARES, 0)
    assert sorted(len(part) for part in parts) == [10, 10, 10]


@given(labels_of, st.integers(1, 300), st.integers(0, 100))
def test_as_many_are_drawn_as_were_asked_for(labels: np.ndarray, count: int, seed: int) -> None:
    positions = drawn(labels, count, seed)
    assert len(positions) == min(count, len(labels))
    assert len(set(positions.tolist())) == len(positions)


def test_what_is_drawn_has_labels_as_frequent_as_all() -> None:
    labels = np.repeat([0, 1, 2], [500, 300, 200])
    assert np.bincount(labels[drawn(labels, 100, 0)]).tolist() == [50, 30, 20]
