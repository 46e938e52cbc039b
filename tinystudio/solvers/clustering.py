"""Which of a network's weights can share values, and the palettes that they get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network
from tinystudio.solvers.kept_means import with_matrices
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.levels import storable
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.palettes import Moved, Palette, clustered
from tinystudio.solvers.quantizable import FLOATS
from tinystudio.solvers.stored_palettes import StoredPalette, stored_bytes, with_palettes


@dataclass(frozen=True)
class Clustering:
    """How weights are clustered: 2^`bits` values per table.

    `channels` share a table; 0: the whole layer. `scaled`: every channel has a scale. `weighted`: a
    weight counts as much as its input varies; `makes_up`: later weights make up for earlier ones.
    `only_paying`: weights that indices and a table would not store in fewer bytes stay as they are.
    """

    bits: int
    channels: int
    scaled: bool
    weighted: bool
    makes_up: bool
    only_paying: bool = False


@dataclass(frozen=True)
class Clustered:
    """A network whose weights share values, and the palettes of those weights, by name."""

    network: Network
    palettes: Mapping[str, StoredPalette]


def clusterable(network: Network) -> dict[str, Layer | None]:
    """Return the weights that can share values, each with its layer where it has one.

    Those of layers, of recurrent layers, and tables that are looked up; all in floating point.
    """
    found: dict[str, Layer | None] = {layer.weight: layer for layer in layers(network).values()}
    for names in storable(network, least=1).values():
        found.update({name: None for name in names if name not in found})
    return {name: item for name, item in found.items() if network.weights[name].dtype in FLOATS}


def cluster(
    network: Network, plan: Clustering, moments: Mapping[str, Moments], reporter: Reporter
) -> Clustered:
    """Return `network` with clustered weights in floats; each channel's mean is kept.

    `moments` of the layers' inputs by node; what they do not know is clustered plainly. Weights
    with no more numbers than values stay as they are.
    """
    matrices: dict[str, Array] = {}
    others: dict[str, Array] = {}
    palettes: dict[str, StoredPalette] = {}
    found = clusterable(network)
    for number, (name, layer) in enumerate(found.items()):
        reporter.check()
        reporter.progress(number, len(found), "sharing values")
        weight = network.weights[name]
        if weight.size <= 2**plan.bits:
            continue
        known = None if layer is None else moments.get(layer.node)
        palette, values = _palette(layer, weight, plan, known)
        if plan.only_paying and stored_bytes(palette, weight) >= weight.nbytes:
            continue
        palettes[name] = palette
        if layer is None:
            others[name] = values.reshape(weight.shape).astype(weight.dtype)
        else:
            matrices[layer.node] = values
    made = with_matrices(network, matrices, layers(network), moments)
    return Clustered(made.with_weights(others), palettes)


def with_tables(made: Clustered) -> Network:
    """Return the clustered network with indices and tables stored."""
    return with_palettes(made.network, made.palettes)


def _palette(
    layer: Layer | None, weight: Array, plan: Clustering, known: Moments | None
) -> tuple[StoredPalette, Array]:
    """Return how a weight is stored, and its values in the shape of its matrices."""
    if layer is None:
        matrix = np.asarray(weight, np.float64).reshape(1, -1, weight.shape[-1])
        made = clustered(matrix, 2**plan.bits)
        codes = made.codes.reshape(weight.shape)
        return StoredPalette(codes, made.tables, None, 0, plan.bits), made.weights
    made = _of_layer(layer, weight, plan, known)
    shape = layer.matrices(weight).shape
    codes = layer.weight_of(made.codes.reshape(shape))
    scales = made.scales if _is_scaled(layer, plan) else None
    stored = StoredPalette(codes, made.tables, scales, layer.out_axis, plan.bits)
    return stored, made.weights.reshape(shape)


def _of_layer(layer: Layer, weight: Array, plan: Clustering, known: Moments | None) -> Palette:
    inputs = Moved()
    if known is not None:
        inputs = Moved(
            known.variance if plan.weighted else None, known.covariance if plan.makes_up else None
        )
    return clustered(
        layer.matrices(weight),
        2**plan.bits,
        groups=_groups(layer, plan.channels),
        scaled=_is_scaled(layer, plan),
        inputs=inputs,
    )


def _is_scaled(layer: Layer, plan: Clustering) -> bool:
    """The rows of a transposed convolution are no channels: they have no scales."""
    return plan.scaled and layer.op != "ConvTranspose"


def _groups(layer: Layer, channels: int) -> int:
    """Return how many tables a layer gets: the divisor of its channels nearest to what is asked.

    The rows of a transposed convolution are no channels: it has one table.
    """
    if channels == 0 or layer.op == "ConvTranspose":
        return 1
    count = layer.out_channels
    divisors = [number for number in range(1, count + 1) if count % number == 0]
    return min(divisors, key=lambda number: abs(number - count / channels))
