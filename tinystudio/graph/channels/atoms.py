"""Single channels, and which of them go together: a union-find."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]  # one atom per position along an axis

STAYS = 0  # the atom of every position that nothing can remove


class Atoms:
    """Atoms are numbered from 1; `STAYS` is one that never joins another."""

    def __init__(self) -> None:
        self._parent: list[int] = [STAYS]
        self._reasons: dict[int, str] = {}

    def new(self, count: int) -> Labels:
        """Return `count` atoms that nothing is joined to yet."""
        first = len(self._parent)
        self._parent.extend(range(first, first + count))
        return np.arange(first, first + count, dtype=np.int64)

    def root(self, atom: int) -> int:
        """Return the one atom that stands for all that go with `atom`."""
        parent = self._parent
        while parent[atom] != atom:
            parent[atom] = parent[parent[atom]]
            atom = parent[atom]
        return atom

    def roots(self, labels: Labels) -> Labels:
        """Return the root of each position."""
        distinct, back = np.unique(labels, return_inverse=True)
        found = np.array([self.root(int(atom)) for atom in distinct], dtype=np.int64)
        return found[back.reshape(labels.shape)]

    def join(self, left: Labels, right: Labels, reason: str) -> None:
        """Let the atoms of two equally long axes go together, position by position.

        What meets `STAYS` is frozen for `reason`.
        """
        for one, other in dict.fromkeys(zip(left.tolist(), right.tolist(), strict=True)):
            if STAYS in (one, other):
                self._freeze_one(max(one, other), reason)
            else:
                self._join_one(one, other)

    def freeze(self, labels: Labels, reason: str) -> None:
        """Let these channels stay."""
        for atom in np.unique(labels).tolist():
            self._freeze_one(atom, reason)

    def reason(self, root: int) -> str | None:
        """Return why the channels of `root` stay; None where they need not."""
        return self._reasons.get(root)

    def _freeze_one(self, atom: int, reason: str) -> None:
        if atom != STAYS:
            self._reasons.setdefault(self.root(atom), reason)

    def _join_one(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        if low == high:
            return
        self._parent[high] = low
        if high in self._reasons:
            self._reasons.setdefault(low, self._reasons.pop(high))
