"""Cuts samples into splits: stratified by label, or whole groups at a time; same seed, same cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinystudio.core.data import Array


def stratified(labels: Array, shares: Sequence[float], seed: int) -> tuple[Array, ...]:
    """Cut 0..n-1 into one part per share, each label spread over the parts as `shares` say.

    `labels` is (n,) of integers, `shares` sum to 1. A label's rounding goes to the part that
    lacks most so far, so the parts' sizes stay within one sample of their share; the first part
    (train) gets at least one sample of every label. Positions come shuffled, so that the first
    few of a part stand for the whole part.
    """
    random = np.random.default_rng(seed)
    wanted = np.asarray(shares, np.float64)
    owed = np.zeros(len(wanted))
    parts: list[list[Array]] = [[] for _ in wanted]
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        owed += wanted * len(members)
        counts = _portions(len(members), wanted, owed)
        owed -= counts
        for part, piece in zip(parts, np.split(members, np.cumsum(counts)[:-1]), strict=True):
            part.append(piece)
    return tuple(random.permutation(_joined(part)) for part in parts)


def grouped(labels: Array, groups: Array, shares: Sequence[float], seed: int) -> tuple[Array, ...]:
    """Cut 0..n-1 into one part per share so that no group is in two parts.

    `labels` and `groups` are (n,). Groups go, largest first, to the part that relatively lacks
    most of the group's labels. Sizes follow the shares as well as whole groups allow. Positions
    come shuffled.
    """
    random = np.random.default_rng(seed)
    _, label_of = np.unique(labels, return_inverse=True)
    names, group_of = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(names), int(label_of.max(initial=0)) + 1))
    np.add.at(counts, (group_of, label_of), 1)
    wanted = np.outer(shares, counts.sum(0))
    owed = wanted.copy()
    part_of = np.zeros(len(names), np.int64)
    order = random.permutation(len(names))
    for group in order[np.argsort(-counts[order].sum(1), kind="stable")]:
        lack = (owed / wanted) @ counts[group]
        lack_in_all = owed.sum(1) / wanted.sum(1)
        # Rounded, so that parts that lack equally much tie and the emptier one is filled.
        best = np.lexsort((-lack_in_all, -np.round(lack, 9)))[0]
        part_of[group] = best
        owed[best] -= counts[group]
    return tuple(
        random.permutation(np.flatnonzero(part_of[group_of] == part)) for part in range(len(shares))
    )


def drawn(labels: Array, count: int, seed: int) -> Array:
    """Return `count` of the positions 0..n-1 (all, when there are fewer), stratified by label."""
    if count >= len(labels):
        return np.random.default_rng(seed).permutation(len(labels))
    share = count / len(labels)
    rest, taken = stratified(labels, (1 - share, share), seed)
    # Many rare labels keep their only sample in the first part; fill up from there.
    return np.concatenate([taken, rest])[:count]


def _portions(size: int, wanted: Array, owed: Array) -> Array:
    """Return how many of `size` samples each part gets: its whole share, then by what is owed."""
    counts = np.floor(wanted * size + 1e-9).astype(np.int64)
    for _ in range(size - int(counts.sum())):
        counts[0 if counts[0] == 0 else int(np.argmax(np.round(owed - counts, 9)))] += 1
    return counts


def _joined(pieces: Sequence[Array]) -> Array:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)
