"""A network whose weights have few bits, while activations stay floats.

Linear layers may become onnxruntime's product with few-bit weights (`few_bit_products`); all else
is stored as integers that are turned into floats when the file is loaded (`stored_blocks`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import Affine, absorb
from tinystudio.solvers.block_rounding import BlockCodes, rounded_in_blocks
from tinystudio.solvers.code_descent import descended
from tinystudio.solvers.few_bit_products import (
    Activations,
    FewBitProduct,
    can_be_product,
    with_products,
)
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.levels import storable
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.stored_blocks import StoredBlocks, block_length, with_stored_blocks

SMALL_BITS = 4


@dataclass(frozen=True)
class FewBits:
    """How weights become few bits: `length` is the longest block; `is_symmetric` the grid."""

    bits: int
    length: int
    is_symmetric: bool

    @property
    def held_in(self) -> int:
        """Return in how many bits the file holds them."""
        return SMALL_BITS if self.bits <= SMALL_BITS else 8

    @property
    def kernel_length(self) -> int:
        """Return the block for onnxruntime's kernels, which take powers of two."""
        return 1 << (self.length.bit_length() - 1)


# Improves on GPTQ's codes: (matrices, covariance, codes, bits, check) -> codes.
Refining = Callable[[Array, Array, BlockCodes, int, Callable[[], None]], BlockCodes]


def with_few_bits(
    network: Network,
    way: FewBits,
    products: Mapping[str, Activations],
    moments: Mapping[str, Moments],
    check: Callable[[], None],
    refining: Refining = descended,
) -> Network:
    """Return `network` with all its storable weights in few bits.

    `products`: how the layers that become a MatMulNBits take their activations. `moments` of
    layers' inputs, by node name: they are rounded by GPTQ, then by `refining`, and keep their mean
    output; others are rounded to nearest. `check` is called before every weight. Codes of up to 4
    bits outside `products` need operator set 21.
    """
    known, shifts = layers(network), dict[str, Affine]()
    stored, made = dict[str, StoredBlocks](), dict[str, FewBitProduct]()
    for node, names in storable(network).items():
        layer = known.get(node)
        for name in names:
            check()
            if layer is None:
                stored[name] = _by_rows(network.weights[name], way)
                continue
            length = _length(layer, way, node in products)
            codes = _rounded(network, layer, way, length, moments.get(node), check, refining)
            # A row of a transposed convolution is one place of the kernel, not a channel.
            if node in moments and layer.op != "ConvTranspose":
                shifts[node] = _shift(network, layer, codes, moments[node])
            if node in products:
                made[node] = FewBitProduct(layer, codes, way.held_in, length, products[node])
            else:
                stored[name] = _of_layer(layer, codes, length, way)
    return with_stored_blocks(with_products(absorb(network, shifts, known), made), stored)


def products_in(network: Network) -> tuple[str, ...]:
    """Return the layers with storable weights that can become a MatMulNBits."""
    known, few = layers(network), storable(network)
    return tuple(node for node in few if node in known and can_be_product(network, known[node]))


def _length(layer: Layer, way: FewBits, is_product: bool) -> int:
    return way.kernel_length if is_product else block_length(layer.width, way.length)


def _rounded(
    network: Network,
    layer: Layer,
    way: FewBits,
    length: int,
    moments: Moments | None,
    check: Callable[[], None],
    refining: Refining,
) -> BlockCodes:
    matrices = layer.matrices(network.weights[layer.weight])
    covariance = None if moments is None else moments.covariance
    codes = rounded_in_blocks(matrices, covariance, way.bits, length, way.is_symmetric)
    return codes if covariance is None else refining(matrices, covariance, codes, way.bits, check)


def _shift(network: Network, layer: Layer, codes: BlockCodes, moments: Moments) -> Affine:
    """Return what keeps the layer's mean output: (W - W') times the mean input."""
    change = layer.matrices(network.weights[layer.weight]) - codes.weights
    shift = np.einsum("brc,bc->br", change, moments.mean)
    return Affine(np.ones(shift.size), shift.ravel())


def _of_layer(layer: Layer, codes: BlockCodes, length: int, way: FewBits) -> StoredBlocks:
    values, scales, zeros = (
        layer.weight_of(array) for array in (codes.values, codes.scales, codes.zeros)
    )
    axes = len(layer.shape) - 1 if layer.op == "Conv" else 1
    return StoredBlocks(
        values, scales, zeros, layer.axis, axes, length, way.bits, codes.is_symmetric
    )  # fmt: skip


def _by_rows(weight: Array, way: FewBits) -> StoredBlocks:
    """Round tables and recurrent weights to nearest, in blocks along their rows."""
    length = block_length(weight.shape[-1], way.length)
    flat = weight.reshape(1, -1, weight.shape[-1])
    codes = rounded_in_blocks(flat, None, way.bits, length, way.is_symmetric)
    values, scales, zeros = (
        array.reshape(weight.shape) for array in (codes.values, codes.scales, codes.zeros)
    )
    return StoredBlocks(
        values, scales, zeros, weight.ndim - 1, 1, length, way.bits, codes.is_symmetric
    )  # fmt: skip
