"""Cross-layer equalization: channels of two layers get the same range of weights in both.

For a seam (see `seams`) with largest weights r_c where channel c is made and q_c where it is read,
s_c = sqrt(r_c / q_c) makes both sqrt(r_c q_c): no channel is then rounded away beside a larger one
of the same layer. A layer stands at two seams, so it is repeated until little changes (Nagel, van
Baalen, Blankevoort and Welling, ICCV 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.seams import Seam, largest, rescaled, seams

SETTLED = 1e-3  # the largest relative change of a factor at which repeating ends


def layer_seams(network: Network) -> tuple[Seam, ...]:
    """Return the seams whose channels a layer makes."""
    return tuple(seam for seam in seams(network) if seam.matrix is not None)


def equalized(network: Network, rounds: int, limit: float, check: Callable[[], None]) -> Network:
    """Return `network` with the ranges of weights made equal across its seams.

    At most `rounds` times over all seams; in all no channel changes by more than `limit` times
    in either direction. `check` is called between seams.
    """
    places = layer_seams(network)
    total = [np.ones(seam.channels) for seam in places]
    for _ in range(rounds):
        moved = 0.0
        for at, seam in enumerate(places):
            check()
            wanted = np.clip(total[at] * _factors(network, seam), 1 / limit, limit)
            factors, total[at] = wanted / total[at], wanted
            network = network.with_weights(rescaled(network, seam, factors))
            moved = max(moved, float(np.abs(factors - 1).max()))
        if moved < SETTLED:
            break
    return network


def unevenness(network: Network, places: Sequence[Seam]) -> float:
    """Return how many times larger a layer's largest channel is than its typical one.

    The geometric mean over the layers on both sides of the seams.
    """
    found = []
    for seam in places:
        for sides in ([seam.matrix], [reader.side for reader in seam.readers]):
            known = [side for side in sides if side is not None]
            ranges = largest(network.weights, known, seam.channels)
            alive = ranges[ranges > 0]
            if len(alive):
                found.append(np.log(alive.max() / np.median(alive)))
    return float(np.exp(np.mean(found))) if found else 1.0


def _factors(network: Network, seam: Seam) -> Array:
    """Return sqrt(r / q); 1 for channels that nothing makes or nothing reads."""
    if seam.matrix is None:
        raise ValueError("a normalization has no weights to equalize")
    made = largest(network.weights, [seam.matrix], seam.channels)
    read = largest(network.weights, [reader.side for reader in seam.readers], seam.channels)
    alive = (made > 0) & (read > 0)
    return np.where(alive, np.sqrt(np.where(alive, made, 1.0) / np.where(alive, read, 1.0)), 1.0)
