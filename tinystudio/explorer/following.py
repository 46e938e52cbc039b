"""How axes of constants follow the groups: alone, or several groups sharing positions.

Heads of attention and places within them share the positions of queries, keys and values: a
position stays where its units of both stay, so that what stays is no sum over the groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from tinystudio.core.data import Array
from tinystudio.explorer.space import Space
from tinystudio.graph.coupling import Coupling, couple
from tinystudio.graph.network import Network

_Whole = NDArray[np.int64]


class Crossing(BaseModel):
    """Positions that several groups share (heads, and places within them).

    `groups`: their indices; `levels`: how many each has; `positions`: how many stay at every
    choice of levels, the last group's changing fastest.
    """

    model_config = ConfigDict(frozen=True)

    groups: tuple[int, ...]
    levels: tuple[int, ...]
    positions: tuple[int, ...]

    def held(self, choices: Array) -> _Whole:
        """Return how many positions stay, per choice (m, axes)."""
        at = np.ravel_multi_index(choices[:, list(self.groups)].T, self.levels)
        return np.asarray(np.array(self.positions, np.int64)[at])


class Following(BaseModel):
    """What of an axis follows groups.

    `follows`: (index of the group, positions at each of its levels); `crossings`: positions that
    several groups share.
    """

    model_config = ConfigDict(frozen=True)

    follows: tuple[tuple[int, tuple[int, ...]], ...] = ()
    crossings: tuple[Crossing, ...] = ()

    @property
    def groups(self) -> tuple[int, ...]:
        """Return all groups that it follows."""
        shared = (group for crossing in self.crossings for group in crossing.groups)
        return (*(group for group, _ in self.follows), *shared)

    def held(self, choices: Array) -> _Whole:
        """Return how many positions stay, per choice (m, axes)."""
        held = np.zeros(len(choices), np.int64)
        for group, there in self.follows:
            held += np.array(there, np.int64)[choices[:, group]]
        for crossing in self.crossings:
            held += crossing.held(choices)
        return held


Stays = Mapping[tuple[str, int], Following]
_Shared = Mapping[int, Array]  # by group, which unit each position of an axis belongs to


def positions_kept(
    space: Space, coupling: Coupling, kept: Callable[[str, int], Array]
) -> dict[tuple[str, int], Following]:
    """Return, by weight and axis, how many positions stay at each of the groups' levels.

    `kept` tells which units of a group are those that stay of so many.
    """
    units = {
        index: [kept(axis.id, count) for count in axis.levels]
        for index, axis in enumerate(space.groups)
    }

    def count(found: _Shared, at: tuple[int, ...]) -> int:
        stays = [
            np.isin(unit_of, units[group][level])
            for (group, unit_of), level in zip(found.items(), at, strict=True)
        ]
        return int(np.logical_and.reduce(stays).sum())

    return {key: _following(space, found, count) for key, found in _sharing(space, coupling)}


def by_share(space: Space, reference: Network) -> dict[tuple[str, int], Following]:
    """Return how axes of the reference's constants follow the groups: by their share of each."""
    coupling = couple(reference)
    units = {space.group_index.get(group.id, -1): group.channels for group in coupling.groups}

    def count(found: _Shared, at: tuple[int, ...]) -> int:
        size = float(len(next(iter(found.values()))))
        for group, level in zip(found, at, strict=True):
            size *= space.groups[group].levels[level] / units[group]
        return round(size)

    return {key: _following(space, found, count) for key, found in _sharing(space, coupling)}


def _sharing(
    space: Space, coupling: Coupling
) -> Iterator[tuple[tuple[str, int], dict[int, Array]]]:
    """Yield every axis of a weight with the groups (by index) that it follows."""
    found: dict[tuple[str, int], dict[int, Array]] = {}
    for group in coupling.groups:
        for slot in group.slots if group.id in space.group_index else ():
            by_group = found.setdefault((slot.weight, slot.axis), {})
            by_group[space.group_index[group.id]] = slot.unit_of
    yield from found.items()


def _following(
    space: Space, found: _Shared, count: Callable[[_Shared, tuple[int, ...]], int]
) -> Following:
    """Return how an axis follows groups. `count` tells what stays of positions at their levels."""
    table = np.stack([unit_of >= 0 for unit_of in found.values()])
    alone, crossings = [], []
    for members in np.unique(table, axis=1).T:
        here = (table == members[:, None]).all(axis=0)
        pairs = zip(found.items(), members, strict=True)
        mine = {group: units[here] for (group, units), is_in in pairs if is_in}
        if not mine:  # these positions follow nothing
            continue
        levels = tuple(len(space.groups[group].levels) for group in mine)
        positions = tuple(count(mine, at) for at in np.ndindex(*levels))
        if len(mine) == 1:
            alone.append((*mine, positions))
        else:
            crossings.append(Crossing(groups=tuple(mine), levels=levels, positions=positions))
    return Following(follows=tuple(alone), crossings=tuple(crossings))
