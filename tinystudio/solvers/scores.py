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
from tinystudio.graph.coupling import ChannelGroup, Product, couple
from tinystudio.graph.network import Network
from tinystudio.solvers.least_squares import solve_again
from tinystudio.solvers.obs import Reader, reader

Scores = Mapping[str, Array]  # by node: (heads, channels, channels), summed over samples
# The largest factor, and the least its inverse: beyond it a unit no longer stands for itself.
MOST_SCALED = 4.0
# What moves values about, its first input's.
_MOVES = frozenset(
    ["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Split", "Gather"]
)


def multiplied(network: Network, products: Iterable[Product]) -> list[str]:
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

    def __init__(self, pairs: Array) -> None:
        """Take the energies of all pairs of units, (units, units)."""
        self._pairs, self._total = pairs, _total(pairs)
        self._gone = np.zeros(len(pairs), bool)

    def costs(self) -> Array:
        """Return the added loss per unit, (units,)."""
        with_gone = self._pairs[:, self._gone].sum(axis=1)
        costs: Array = (np.diagonal(self._pairs) + 2 * with_gone) / self._total
        return np.maximum(costs, 0.0)

    def remove(self, unit: int) -> None:
        """Take the unit out of the sum."""
        self._gone[unit] = True


def score_reader(network: Network, group: ChannelGroup, pairs: Array) -> Reader:
    """Return how a product reads the units of a group; `pairs` as `ScoreReader` takes them.

    Where those that stay can make up for what is gone (see `score_factors`), costs tell so.
    """
    if len(scalable(network, group)) < group.channels:
        return ScoreReader(pairs)
    units = np.arange(group.channels)[:, None]
    return reader(np.ones((1, group.channels)), pairs, np.diagonal(pairs), units, 1 / _total(pairs))


def pairs_of(group: ChannelGroup, scores: Scores) -> Array:
    """Return the energies of all pairs of a group's units, (units, units)."""
    found = np.zeros((group.channels, group.channels))
    for item in group.products:
        member = (item.unit_of[:, None] == np.arange(group.channels)).astype(np.float64)
        found += member.T @ scores[item.node].sum(axis=0) @ member
    return found


def score_factors(network: Network, group: ChannelGroup, scores: Scores, kept: Array) -> Array:
    """Return the factor of each unit, (units,), with which queries and keys make up for the rest.

    Least squares over the scores: s = sum_d s_d becomes sum over kept d of f_d s_d. Both sides
    take the root. Empty where something between them and the product does not allow it.
    """
    able = scalable(network, group)
    stays = np.intersect1d(able, kept)
    if not len(stays):
        return np.zeros(0)
    pairs = pairs_of(group, scores)[np.ix_(able, able)]
    places = np.searchsorted(able, stays)
    solved = solve_again(np.ones((1, len(able))), pairs, places)[0, places]
    factors = np.ones(group.channels)
    factors[stays] = np.sqrt(np.clip(solved, 1 / MOST_SCALED, MOST_SCALED))
    return factors


def scalable(network: Network, group: ChannelGroup) -> Array:
    """Return the units that a product alone reads, past nothing that is not linear; sorted.

    Scaling what makes them then scales their share of the sum.
    """
    if not group.products or group.normalizations:
        return np.zeros(0, np.int64)
    inputs = multiplied(network, group.products)
    if not all(_is_linear(network, group, name) for name in inputs):
        return np.zeros(0, np.int64)
    summed = np.concatenate([item.unit_of for item in group.products])
    read = [slot.unit_of for slot in group.consumers]
    others = np.concatenate([*read, np.zeros(0, np.int64)])
    return np.setdiff1d(summed[summed >= 0], others)


def _is_linear(network: Network, group: ChannelGroup, tensor: str) -> bool:
    """Say whether a tensor grows with the weights that make the group's units, biases included."""
    node = network.producer(tensor)
    if node is None:
        return False
    if any(slot.node == node.name for slot in group.producers):
        return True
    constants = couple(network).settled.keys() | network.weights.keys()
    computed = [name for name in node.input if name and name not in constants]
    if node.op_type in _MOVES:
        return _is_linear(network, group, node.input[0])
    if len(computed) != 1:
        return False
    if node.op_type == "Add":
        added = any(slot.node == node.name for slot in group.passers)
        return added and _is_linear(network, group, computed[0])
    scales = node.op_type == "Mul" or (node.op_type == "Div" and computed[0] == node.input[0])
    return scales and _is_linear(network, group, computed[0])


def _total(pairs: Array) -> float:
    return max(float(pairs.sum()), float(np.finfo(np.float64).tiny))
