"""Which layers of a network can be two thinner ones, at which ranks, and the network made so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.macs import macs
from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import Affine, absorb, takes_shift
from tinystudio.solvers.allocation import Rounding
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.low_rank import Factored, factored
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.quantizable import FLOATS
from tinystudio.solvers.rank_budget import Option
from tinystudio.solvers.two_layers import Pair, Split, saving_ratio, splits, with_pairs

MOST_RANKS = 32  # of a layer tried: the error is smooth between them
WHOLE = -1
SMALLEST_SCALE = 1e-3  # of a layer's mean: normalization may switch channels off altogether


@dataclass(frozen=True)
class Candidate:
    """One way to split a layer. `weights` and `macs`: what a rank costs, a share of the layer's.

    `scales` (rows,): what an output counts, taken into the factored weights.
    """

    split: Split
    factored: Factored
    scales: Array
    weights: float
    macs: float

    @property
    def size(self) -> int:
        """Return the bytes held."""
        return self.factored.size + self.scales.nbytes

    def pair(self, rank: int) -> Pair:
        """Return the two layers at a rank."""
        second = self.factored.second(rank) / self.scales[:, None, None]
        return Pair(self.split, self.factored.first[:rank], second)


Found = Mapping[str, tuple[Candidate, ...]]


def factorable(network: Network) -> dict[str, Layer]:
    """Return the layers that two thinner ones could stand for: ungrouped, in floating point."""
    return {
        name: layer
        for name, layer in layers(network).items()
        if layer.blocks == 1
        and network.weights[layer.weight].dtype in FLOATS
        and min(layer.shape[layer.axis], layer.out_channels) > 1
    }


def candidates(network: Network, moments: Mapping[str, Moments], reporter: Reporter) -> Found:
    """Return every layer's ways to be split, factored for its output on what `moments` tell.

    Layers that `moments` do not know are factored by their weights alone. An output counts as much
    as a normalization behind the layer scales it.
    """
    known, scales = factorable(network), _scales(network)
    found: dict[str, tuple[Candidate, ...]] = {}
    for number, (name, layer) in enumerate(known.items()):
        reporter.progress(number, len(known), "factoring layers")
        made = []
        for split in splits(layer):
            reporter.check()
            made.append(_candidate(network, split, moments.get(name), scales[name]))
        found[name] = tuple(made)
    return found


def options(
    network: Network, found: Found, rounding: Rounding, least_saving: float, *, of_macs: bool
) -> dict[str, list[Option]]:
    """Return what each layer can be, with its cost in multiplications (or weights).

    Only ranks at which the two layers save at least `least_saving` of the layer's
    multiplications, and have fewer weights.
    """
    given: dict[str, list[Option]] = {}
    for name, ways in found.items():
        cost = float(_cost(network, ways[0].split.layer, of_macs=of_macs))
        given[name] = [Option(cost, 0.0, WHOLE, 0)]
        for number, way in enumerate(ways):
            for rank in _ranks(way, rounding, least_saving):
                share = rank * (way.macs if of_macs else way.weights)
                lost = way.factored.lost(rank)
                given[name].append(Option(share * cost, lost, number, rank))
    return given


def rewritten(
    network: Network, found: Found, choice: Mapping[str, Option], moments: Mapping[str, Moments]
) -> Network:
    """Return `network` with the chosen layers split; the mean of what they make is kept where
    that needs no node."""
    pairs = {
        name: found[name][option.split].pair(option.rank)
        for name, option in choice.items()
        if option.split != WHOLE
    }
    if not pairs:
        return network
    made = with_pairs(network, pairs)
    shifts = {
        name: _shift(network, pair, moments[name])
        for name, pair in pairs.items()
        if name in moments and pair.split.layer.op != "ConvTranspose"
        if takes_shift(network, pair.split.layer)
    }
    return absorb(made, shifts, layers(made))


def _candidate(network: Network, split: Split, moments: Moments | None, scales: Array) -> Candidate:
    matrix = split.layer.matrices(network.weights[split.layer.weight])[0]
    rows = np.repeat(scales, len(matrix) // len(scales))
    metric = None
    if moments is not None:
        full = moments.covariance
        metric = split.metric(moments.variance[0] if full is None else full[0])
    done = factored(split.weights(matrix * rows[:, None]), metric)
    weights, multiplied = saving_ratio(network, split)
    return Candidate(split, done, rows, weights, multiplied)


def _scales(network: Network) -> dict[str, Array]:
    """Return by what a normalization behind each layer multiplies its outputs, (channels,)."""
    folded = fold_batch_normalization(network)
    found = {}
    for name, layer in factorable(network).items():
        after = folded.node(name).input[1]
        axes = tuple(axis for axis in range(len(layer.shape)) if axis != layer.out_axis)
        sizes = [
            np.sqrt(np.square(weight.astype(np.float64)).sum(axis=axes))
            for weight in (folded.weights[after], network.weights[layer.weight])
        ]
        ratio = np.where(sizes[1] > 0, sizes[0] / np.where(sizes[1] > 0, sizes[1], 1.0), 1.0)
        found[name] = np.maximum(ratio, SMALLEST_SCALE * max(float(ratio.mean()), 1e-12))
    return found


def _ranks(way: Candidate, rounding: Rounding, least_saving: float) -> list[int]:
    """Return the ranks worth trying, ascending."""
    largest = (1 - least_saving) / way.macs
    levels = [int(rank) for rank in rounding.levels(way.factored.ranks)]
    fits = [rank for rank in levels if rank <= largest and rank * way.weights < 1]
    return fits[:: -(-len(fits) // MOST_RANKS)] if fits else []


def _cost(network: Network, layer: Layer, *, of_macs: bool) -> int:
    weights = int(np.prod(layer.shape))
    if not of_macs:
        return weights
    return macs(network, network.node(layer.node)) or weights


def _shift(network: Network, pair: Pair, moments: Moments) -> Affine:
    """Return what brings the layer's mean output back."""
    layer = pair.split.layer
    matrix = layer.matrices(network.weights[layer.weight])[0]
    mean = pair.split.metric(moments.mean[0])
    before = pair.split.weights(matrix)
    after = np.einsum("ors,rif->oisf", pair.second, pair.first)
    shift = (before - after).reshape(len(matrix), -1) @ mean
    return Affine(np.ones(len(shift)), shift)
