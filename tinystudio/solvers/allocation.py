"""How many units each group keeps, for a share of all channels to go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tinystudio.core.data import Array

# Where layers are ranked together, none is cut to less than this share of what an even cut would
# leave it: losses of single layers are blind to what a bottleneck does to all the rest.
FLOOR_OF_EVEN_CUT = 0.2
TIE = 1e-9  # rates nearer than this differ by rounding; then the smaller step is taken


@dataclass(frozen=True)
class Form:
    """How many channels a unit is, `width`, and how many of them are neighbours, `block`."""

    width: int = 1
    block: int = 1


ONE = Form()  # most units: one channel


@dataclass(frozen=True)
class Rounding:
    """What counts of units are allowed: multiples of `step`, at least `least`, or all."""

    step: int = 1
    least: int = 1

    def levels(self, units: int) -> Array:
        """Return the allowed counts of a group, ascending; the last is `units`.

        A step that is more than half of a narrow group is halved until it is not, so that
        narrow groups can be cut as well.
        """
        step = self.step
        while step > 1 and 2 * step > units:
            step //= 2
        counts = np.arange(step, units, step)
        return np.append(counts[counts >= self.least], units)

    def of(self, form: Form) -> Rounding:
        """Return the same rounding of channels for units that are several channels each."""
        step = self.step // math.gcd(self.step, form.block)
        return Rounding(step, -(-self.least // form.width))

    def nearest(self, units: int, wanted: float) -> int:
        """Return the allowed count nearest to `wanted`; of two equally near the larger."""
        levels = self.levels(units)[::-1]
        return int(levels[np.argmin(np.abs(levels - wanted))])


def even(
    units: Mapping[str, int],
    sparsity: float,
    rounding: Rounding,
    forms: Mapping[str, Form] = MappingProxyType({}),
) -> dict[str, int]:
    """Return how many units stay when every group loses the same share."""
    share = 1.0 - sparsity
    return {
        name: rounding.of(forms.get(name, ONE)).nearest(count, share * count)
        for name, count in units.items()
    }


def ranked(
    costs: Mapping[str, Array],
    sparsity: float,
    rounding: Rounding,
    forms: Mapping[str, Form] = MappingProxyType({}),
) -> dict[str, int]:
    """Return how many units stay when the cheapest go, wherever they are.

    `costs` has per group what each removal adds, in the order of removal; `forms` what its units
    are, where they are not one channel each. Greedy: again and again the group whose next step
    down costs the least per channel, until the share is reached. Steps that would go farther past
    the share than stopping falls short of it are not taken.
    """
    kept = {name: len(values) for name, values in costs.items()}
    wide = {name: forms.get(name, ONE).width for name in costs}
    allowed = {name: rounding.of(forms.get(name, ONE)) for name in costs}
    floors = {n: FLOOR_OF_EVEN_CUT * (1 - sparsity) * count for n, count in kept.items()}
    downs = {
        name: _Descent(values / wide[name], allowed[name].levels(len(values)), floors[name])
        for name, values in costs.items()
    }
    left = sparsity * sum(count * wide[name] for name, count in kept.items())
    while left > 0:
        steps = {name: down.next(kept[name], left / wide[name]) for name, down in downs.items()}
        possible = {name: step for name, step in steps.items() if step is not None}
        if not possible:
            break
        name = min(possible, key=lambda item: (possible[item][0], item))
        left -= (kept[name] - possible[name][1]) * wide[name]
        kept[name] = possible[name][1]
    return kept


class _Descent:
    """The way down of one group: what each lower level costs per unit."""

    def __init__(self, costs: Array, levels: Array, floor: float) -> None:
        self._levels = levels[levels >= floor]
        self._total = np.concatenate([[0.0], np.cumsum(costs[:-1])])

    def next(self, kept: int, left: float) -> tuple[float, int] | None:
        """Return (cost per unit, new count) of the best step down that fits, or None.

        Looks beyond the next level, so that one dear unit does not hide cheap ones behind it.
        """
        lower = self._levels[self._levels < kept]
        # Only the very next level may go past the share, and only if that is the nearer count.
        fits = (kept - lower <= left) | (
            (lower == lower.max(initial=0)) & (kept - lower < 2 * left)
        )
        lower = lower[fits]
        if not len(lower):
            return None
        units = len(self._total)
        added = self._total[units - lower] - self._total[units - kept]
        rates = added / (kept - lower)
        best = int(np.flatnonzero(rates <= rates.min() * (1 + TIE))[-1])
        return float(rates[best]), int(lower[best])
