"""What queries and keys are worth: how much of the scores each of their channels makes.

Attention scores are sums over channels, s(i, j) = sum_d q(i, d) k(j, d). Softmax over j leaves
what is the same for all j without effect, so keys count centred over j. The energies of all pairs
of channels come from two small products, without any scores written out (sums over i and j):

    G(d, e) = sum s_d s_e = (Q^T Q)(d, e) x (K^T K)(d, e)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tinystudio.core.data import Array
from tinystudio.graph.coupling import Product
from tinystudio.graph.network import Network

Scores = Mapping[str, Array]  # by node: (heads, channels, channels), summed over samples


def factors(network: Network, products: Iterable[Product]) -> list[str]:
    """Return the tensors that these products multiply."""
    names = (name for item in products for name in network.node(item.node).input)
    return list(dict.fromkeys(names))


def gather_scores(
    network: Network, products: Sequence[Product], batches: Iterable[Mapping[str, Array]]
) -> Scores:
    """Return the energies of the channels of every product over batches of {tensor: values}."""
    found: dict[str, Array] = {}
    for batch in batches:
        for item in products:
            left, right = (batch[name] for name in network.node(item.node).input)
            found[item.node] = found.get(item.node, 0.0) + _energies(left, right)
    return found


def _energies(left: Array, right: Array) -> Array:
    """Return G of `left` (..., heads, i, d) and `right` (..., heads, d, j), (heads, d, d)."""
    left, right = left.astype(np.float64), right.astype(np.float64)
    right = right - right.mean(axis=-1, keepdims=True)
    products = (left.swapaxes(-1, -2) @ left) * (right @ right.swapaxes(-1, -2))
    heads = products.shape[-3] if products.ndim > 3 else 1
    summed: Array = products.reshape(-1, heads, *products.shape[-2:]).sum(axis=0)
    return summed


class ScoreReader:
    """A product as a reader of units: a unit costs its share of the scores' energy.

    Nothing makes up for what is gone, so what goes counts with what has gone already.
    """

    def __init__(self, product: Product, energies: Array, units: int) -> None:
        member = product.unit_of[:, None] == np.arange(units)
        energy = energies.sum(axis=0)
        self._total = max(float(energy.sum()), float(np.finfo(np.float64).tiny))
        self._pairs: Array = member.T @ energy @ member
        self._gone = np.zeros(units, bool)

    def costs(self) -> Array:
        """Return the added loss per unit, (units,)."""
        with_gone = self._pairs[:, self._gone].sum(axis=1)
        costs: Array = (np.diagonal(self._pairs) + 2 * with_gone) / self._total
        return np.maximum(costs, 0.0)

    def remove(self, unit: int) -> None:
        """Take the unit out of the sum."""
        self._gone[unit] = True
