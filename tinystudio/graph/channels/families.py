"""Groups of channels that are joined anywhere, and the numbers of their units."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinystudio.graph.channels.atoms import STAYS, Labels
from tinystudio.graph.channels.trace import Source, Trace


@dataclass(frozen=True, eq=False)
class AxisMap:
    """Which unit of a group each position along an axis belongs to; -1: none of this group."""

    group: str
    unit_of: NDArray[np.int64]

    def kept(self, units: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which positions stay when only these units of the group do."""
        return (self.unit_of < 0) | np.isin(self.unit_of, units)


def families_of(trace: Trace) -> list[list[Source]]:
    """Return the sources that share channels, in order of their first."""
    parent = list(range(len(trace.sources)))

    def first_of(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    home: dict[int, int] = {}
    for index, source in enumerate(trace.sources):
        for root in np.unique(trace.atoms.roots(source.labels)).tolist():
            low, high = sorted((first_of(home.setdefault(root, index)), first_of(index)))
            parent[high] = low
    families: dict[int, list[Source]] = {}
    for index, source in enumerate(trace.sources):
        families.setdefault(first_of(index), []).append(source)
    return list(families.values())


class Units:
    """Numbers the units of every group, and maps axes to them."""

    def __init__(self, trace: Trace, families: list[list[Source]], suffix: str = "") -> None:
        """Take the families of a walk; `suffix` ends the names of their groups."""
        self._trace = trace
        self.families = families
        self.suffix = suffix
        self.ids = [name + suffix for name in _ids(families)]
        self.roots: list[list[int]] = []
        self._place: dict[int, tuple[int, int]] = {STAYS: (-1, -1)}
        for index, family in enumerate(families):
            labels = np.concatenate([source.labels for source in family])
            roots = list(dict.fromkeys(trace.atoms.roots(labels).tolist()))
            self.roots.append(roots)
            self._place.update({root: (index, unit) for unit, root in enumerate(roots)})

    def maps(self, labels: Labels) -> tuple[AxisMap, ...]:
        """Return the axis as each group sees it that has positions there."""
        roots, back = np.unique(self._trace.atoms.roots(labels), return_inverse=True)
        found = [self._place[root] for root in roots.tolist()]
        places = np.array(found, dtype=np.int64).reshape(-1, 2)[back]
        return tuple(
            AxisMap(self.ids[index], np.where(places[:, 0] == index, places[:, 1], -1))
            for index in np.unique(places[:, 0]).tolist()
            if index >= 0
        )


def _ids(families: list[list[Source]]) -> list[str]:
    """Name each group after its first layers, so that the name survives a cut elsewhere."""
    ids: list[str] = []
    for family in families:
        names = list(dict.fromkeys(source.node.name for source in family))
        text = "+".join(names)
        if len(names) > 3:
            digest = hashlib.sha256(text.encode()).hexdigest()[:6]
            text = f"{names[0]}+{len(names) - 1} more ({digest})"
        ids.append(text)
    return ids
