"""Changes layers' weights and keeps the mean of every channel that they make."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import Affine, absorb, takes_shift
from tinystudio.solvers.layers import Layer
from tinystudio.solvers.moments import Moments


def with_matrices(
    network: Network,
    changed: Mapping[str, Array],
    known: Mapping[str, Layer],
    moments: Mapping[str, Moments],
) -> Network:
    """Return `network` with these matrices (blocks, rows, columns), by node name.

    What a change does to the mean of the layer's outputs, as far as its inputs' `moments` are
    known, goes into its bias; a product without one keeps no mean, since an addition of its own
    would cost time. Nor does a transposed convolution, which has no such mean per row.
    """
    weights: dict[str, Array] = {}
    shifts: dict[str, Affine] = {}
    for name, new in changed.items():
        layer = known[name]
        weight = network.weights[layer.weight]
        weights[layer.weight] = layer.weight_of(new).astype(weight.dtype)
        has_mean = name in moments and layer.op != "ConvTranspose"
        if has_mean and takes_shift(network, layer):
            change = layer.matrices(weight) - new
            shift = np.einsum("brc,bc->br", change, moments[name].mean).ravel()
            shifts[name] = Affine(np.ones(len(shift)), shift)
    return absorb(network.with_weights(weights), shifts, known)
